// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/listed_row.h"

#include "catalog/catalog_source.h"
#include "catalog/sql_values.h"
#include "catalog/target_row.h"

namespace voorwerp::catalog {

namespace {

constexpr pqxx::row::size_type kFirstTargetColumn = 7;
constexpr pqxx::row::size_type kFirstScoreColumn = kFirstTargetColumn + kTargetColumns.size();

} // namespace

std::string scoreList()
{
    std::string list = "s.rank, s.score";
    for (const char* component : kScoreComponents)
        list += std::string(", s.score_") + component;
    return list + ", s.artefact, s.p_value, s.q_value, s.kind";
}

Score readScore(const pqxx::row& row, pqxx::row::size_type first, core::SpectrumId id)
{
    auto at = first;
    Score score;
    score.id = id;
    score.rank = row[at++].as<std::int64_t>();
    score.score = realOf<float>(row[at++]);
    for (float& component : score.components)
        component = realOf<float>(row[at++]);
    score.artefact = realOf<float>(row[at++]);
    score.pValue = realOf<double>(row[at++]);
    score.qValue = realOf<double>(row[at++]);
    score.kind = textOf(row[at]);
    return score;
}

std::string targetSelectList(bool withModel)
{
    return "SELECT t.id, f.path, l.class, l.quality, l.comment, l.author, " + isoTime("l.changed") + ", " +
           targetColumnList("t.") + (withModel ? ", " + scoreList() : std::string());
}

TargetRow readTargetRow(const CatalogSource& source, const pqxx::row& row, bool withModel)
{
    TargetRow target;
    target.id = source.idOf(row[0]);
    target.sourceFile = textOf(row[1]);
    target.info = readTarget(row, kFirstTargetColumn);
    if (!row[2].is_null())
        target.label = Label{target.info.key.targetId, textOf(row[2]), integerOf<int>(row[3]),
                             textOf(row[4]),           textOf(row[5]), textOf(row[6])};
    if (withModel && !row[kFirstScoreColumn].is_null())
        target.score = readScore(row, kFirstScoreColumn, target.id);
    return target;
}

} // namespace voorwerp::catalog

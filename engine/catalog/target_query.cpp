// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/target_query.h"

#include "catalog/catalog_source.h"
#include "catalog/page_query.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"
#include "catalog/target_row.h"

namespace voorwerp::catalog {

namespace {

constexpr std::size_t kLargestPage = 100'000;

constexpr pqxx::row::size_type kFirstTargetColumn = 7;
constexpr pqxx::row::size_type kFirstScoreColumn = kFirstTargetColumn + kTargetColumns.size();

std::optional<Score> readScore(const pqxx::row& row, core::SpectrumId id)
{
    auto at = kFirstScoreColumn;
    if (row[at].is_null())
        return std::nullopt;
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

TargetRow readTargetRow(const CatalogSource& source, const pqxx::row& row, bool withModel)
{
    TargetRow target;
    target.id = source.idOf(row[0]);
    target.sourceFile = textOf(row[1]);
    target.info = readTarget(row, kFirstTargetColumn);
    if (!row[2].is_null())
        target.label = Label{target.info.key.targetId, textOf(row[2]), integerOf<int>(row[3]),
                             textOf(row[4]),           textOf(row[5]), textOf(row[6])};
    if (withModel)
        target.score = readScore(row, target.id);
    return target;
}

std::vector<TargetRow> queryRows(const Database& database, const std::string& column,
                                 const std::string& value, const char* type,
                                 std::optional<core::ModelVersionId> model)
{
    return inTransaction(database, [&](pqxx::work& work) {
        SqlParameters parameters;
        if (model)
            parameters.add(numberText(model->value), "int8");
        const std::string sql = targetSelectList(model.has_value()) +
                                database.source().from(model ? ScoreJoin::Optional : ScoreJoin::None) +
                                " WHERE " + column + " = " + parameters.add(value, type) + " ORDER BY t.id";
        std::vector<TargetRow> rows;
        for (const auto& row : parameters.run(work, sql))
            rows.push_back(readTargetRow(database.source(), row, model.has_value()));
        return rows;
    });
}

} // namespace

TargetPage queryTargets(const Database& database, const TargetPageRequest& request, std::stop_token stop)
{
    const ColumnSpec& column = sortColumnOf(request);
    if (request.limit == 0 || request.limit > kLargestPage)
        throw core::UserError("a page has 1 to " + std::to_string(kLargestPage) + " rows");
    checkWhere(request.where, request.model.has_value());
    return inTransaction(database, stop, [&](pqxx::work& work) {
        const PageQuery query(database.source(), request, column);
        TargetPage page;
        // One row more than asked for tells whether there is a next page.
        const std::size_t wanted = request.limit + 1;
        std::vector<std::optional<std::string>> sortValues;
        const auto take = [&](PagePart part) {
            for (const auto& row : query.run(work, stop, part, wanted - page.rows.size())) {
                page.rows.push_back(readTargetRow(database.source(), row, request.model.has_value()));
                const auto value = row[row.size() - 1];
                sortValues.push_back(value.is_null() ? std::nullopt : std::optional(textOf(value)));
            }
        };
        if (!request.after || request.after->value)
            take(PagePart::Values);
        if (column.nullable && page.rows.size() < wanted)
            take(PagePart::Nulls);
        if (page.rows.size() == wanted) {
            page.rows.pop_back();
            page.next = PageCursor{sortValues[request.limit - 1], page.rows.back().id, false};
        }
        return page;
    });
}

std::vector<TargetRow> findTarget(const Database& database, core::TargetId target,
                                  std::optional<core::ModelVersionId> model)
{
    return queryRows(database, "t.targetid", numberText(target.value), "int8", model);
}

TargetRow findSpectrum(const Database& database, core::SpectrumId id,
                       std::optional<core::ModelVersionId> model)
{
    const CatalogSource& source = database.source();
    auto rows = queryRows(database, "t.id", source.idText(id), source.idType(), model);
    if (rows.empty())
        throw core::UserError("there is no spectrum with the number " + std::to_string(id.value),
                              "It may have been replaced by a newer file: reload the list.");
    return std::move(rows.front());
}

TargetColumns loadTargetColumns(const Database& database, const std::string& where, std::stop_token stop)
{
    checkWhere(where, false);
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        SqlParameters parameters;
        const std::string condition = compileWhere(where, false, parameters, &database.source());
        TargetColumns columns;
        const auto rows = parameters.run(
            work, "SELECT t.id, t.targetid, t.target_ra, t.target_dec, t.z, t.snr" +
                      database.source().from(ScoreJoin::None) + " WHERE " + condition + " ORDER BY t.id");
        for (const auto& row : rows) {
            columns.ids.push_back(database.source().idOf(row[0]));
            columns.targetIds.push_back({integerOf<std::int64_t>(row[1]).value_or(0)});
            columns.ra.push_back(realOf<double>(row[2]));
            columns.dec.push_back(realOf<double>(row[3]));
            columns.z.push_back(realOf<float>(row[4]));
            columns.snr.push_back(realOf<float>(row[5]));
        }
        return columns;
    });
}

std::vector<ValueCount> countByValue(const Database& database, const std::string& column,
                                     const std::string& where, std::stop_token stop)
{
    const ColumnSpec* spec = findColumn(column);
    if (spec == nullptr || spec->info.type != ColumnType::Text || spec->info.needsModel)
        throw core::UserError("'" + column.substr(0, 64) + "' is not a text column of the catalogue");
    checkWhere(where, false);
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        SqlParameters parameters;
        const std::string condition = compileWhere(where, false, parameters, &database.source());
        const auto rows = parameters.run(work, "SELECT coalesce(" + spec->sql + ", ''), count(*)" +
                                                   database.source().from(ScoreJoin::None) + " WHERE " +
                                                   condition + " GROUP BY 1 ORDER BY 2 DESC, 1");
        std::vector<ValueCount> counts;
        for (const auto& row : rows)
            counts.push_back({textOf(row[0]), row[1].as<std::int64_t>()});
        return counts;
    });
}

} // namespace voorwerp::catalog

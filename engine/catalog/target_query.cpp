// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/target_query.h"

#include "catalog/column_table.h"
#include "catalog/names.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"
#include "catalog/target_row.h"
#include "catalog/where_sql.h"

namespace voorwerp::catalog {

namespace {

constexpr std::size_t kLargestPage = 100'000;

/// id, target columns, file, label, and with a model its scores. The sort value comes last.
std::string selectList(bool withModel)
{
    std::string list = "SELECT t.id, f.path, l.class, l.quality, l.comment, l.author, " +
                       isoTime("l.changed") + ", " + targetColumnList("t.");
    if (withModel) {
        list += ", s.rank, s.score";
        for (const char* component : kScoreComponents)
            list += std::string(", s.score_") + component;
        list += ", s.artefact, s.p_value, s.q_value, s.kind";
    }
    return list;
}

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

TargetRow readTargetRow(const pqxx::row& row, bool withModel)
{
    TargetRow target;
    target.id = {row[0].as<std::int64_t>()};
    target.sourceFile = textOf(row[1]);
    target.info = readTarget(row, kFirstTargetColumn);
    if (!row[2].is_null())
        target.label = Label{target.info.key.targetId, textOf(row[2]), integerOf<int>(row[3]),
                             textOf(row[4]),           textOf(row[5]), textOf(row[6])};
    if (withModel)
        target.score = readScore(row, target.id);
    return target;
}

const ColumnSpec& sortColumn(const TargetPageRequest& request)
{
    const ColumnSpec* column = findColumn(request.sortColumn);
    const bool withModel = request.model.has_value();
    if (column == nullptr)
        throw core::UserError("there is no column '" + request.sortColumn.substr(0, 64) + "' to sort by",
                              didYouMean(request.sortColumn, columnNames(withModel)));
    if (column->info.needsModel && !withModel)
        throw core::UserError("the column '" + column->info.name + "' belongs to a model's scores",
                              "Choose a model to sort by it.");
    return *column;
}

/// One page is at most two walks along an index: rows with a value in the sort column, then rows without.
class PageQuery
{
public:
    PageQuery(const TargetPageRequest& request, const ColumnSpec& column)
        : m_request(request)
        , m_column(column)
        , m_id(column.info.needsModel && request.scoredOnly ? "s.target_id" : "t.id")
    {
    }

    pqxx::result run(pqxx::work& work, bool nullPart, std::size_t limit) const
    {
        SqlParameters parameters = modelParameter();
        std::string sql = selectList(withModel()) + ", " + m_column.sql + "::text" + from() + " WHERE " +
                          compileWhere(m_request.where, withModel(), parameters);
        if (m_column.nullable)
            sql += " AND " + m_column.sql + (nullPart ? " IS NULL" : " IS NOT NULL");
        if (m_request.after && (!nullPart || !m_request.after->value)) {
            std::string comparison = m_request.descending ? " <" : " >";
            if (m_request.after->inclusive)
                comparison += "=";
            sql += " AND " + compared(*m_request.after, comparison, parameters);
        }
        const char* direction = m_request.descending ? " DESC" : " ASC";
        sql += " ORDER BY ";
        if (!nullPart)
            sql += m_column.sql + direction + ", ";
        sql += m_id + direction + " LIMIT " + parameters.add(numberText(limit), "int8");
        return parameters.run(work, sql);
    }

    std::optional<TargetPlace> place(pqxx::work& work, core::SpectrumId id) const
    {
        SqlParameters parameters = modelParameter();
        const std::string listed = compileWhere(m_request.where, withModel(), parameters);
        const auto found = parameters.run(
            work, "SELECT " + m_column.sql + "::text, coalesce(" + listed + ", false)" + from() +
                      " WHERE t.id = " + parameters.add(numberText(id.value), "int8"));
        if (found.empty())
            return std::nullopt;
        TargetPlace place;
        place.listed = found[0][1].as<bool>();
        place.cursor = {found[0][0].is_null() ? std::nullopt : std::optional(textOf(found[0][0])), id, true};
        place.before = countBefore(work, place.cursor);
        return place;
    }

private:
    bool withModel() const { return m_request.model.has_value(); }

    std::string from() const
    {
        return fromTargets(!withModel()           ? ScoreJoin::None
                           : m_request.scoredOnly ? ScoreJoin::Required
                                                  : ScoreJoin::Optional);
    }

    /// $1 is the model where there is one.
    SqlParameters modelParameter() const
    {
        SqlParameters parameters;
        if (withModel())
            parameters.add(numberText(m_request.model->value), "int8");
        return parameters;
    }

    /// Among the rows with a value, or among those without one, as the cursor is.
    std::string compared(const PageCursor& cursor, const std::string& comparison,
                         SqlParameters& parameters) const
    {
        const std::string id = parameters.add(numberText(cursor.id.value), "int8");
        if (!cursor.value)
            return m_id + comparison + " " + id;
        return "(" + m_column.sql + ", " + m_id + ")" + comparison + " (" +
               parameters.add(cursor.value, cast()) + ", " + id + ")";
    }

    std::int64_t countBefore(pqxx::work& work, const PageCursor& cursor) const
    {
        SqlParameters parameters = modelParameter();
        std::string before = compileWhere(m_request.where, withModel(), parameters) + " AND ";
        const std::string compare = compared(cursor, m_request.descending ? " >" : " <", parameters);
        if (!m_column.nullable)
            before += compare;
        else if (cursor.value)
            before += m_column.sql + " IS NOT NULL AND " + compare;
        else
            before += "(" + m_column.sql + " IS NOT NULL OR " + compare + ")";
        return parameters.run(work, "SELECT count(*)" + from() + " WHERE " + before)
            .at(0)[0]
            .as<std::int64_t>();
    }

    const char* cast() const
    {
        switch (m_column.info.type) {
        case ColumnType::Integer:
            return "int8";
        case ColumnType::Real:
            return m_column.single ? "float4" : "float8";
        default:
            return "text";
        }
    }

    const TargetPageRequest& m_request;
    const ColumnSpec& m_column;
    std::string m_id;
};

std::vector<TargetRow> queryRows(const Database& database, const std::string& condition, std::int64_t value,
                                 std::optional<core::ModelVersionId> model)
{
    return inTransaction(database, [&](pqxx::work& work) {
        SqlParameters parameters;
        if (model)
            parameters.add(numberText(model->value), "int8");
        const std::string sql =
            selectList(model.has_value()) + fromTargets(model ? ScoreJoin::Optional : ScoreJoin::None) +
            " WHERE " + condition + " = " + parameters.add(numberText(value), "int8") + " ORDER BY t.id";
        std::vector<TargetRow> rows;
        for (const auto& row : parameters.run(work, sql))
            rows.push_back(readTargetRow(row, model.has_value()));
        return rows;
    });
}

} // namespace

TargetPage queryTargets(const Database& database, const TargetPageRequest& request, std::stop_token stop)
{
    const ColumnSpec& column = sortColumn(request);
    if (request.limit == 0 || request.limit > kLargestPage)
        throw core::UserError("a page has 1 to " + std::to_string(kLargestPage) + " rows");
    checkWhere(request.where, request.model.has_value());
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        const PageQuery query(request, column);
        TargetPage page;
        // One row more than asked for tells whether there is a next page.
        const std::size_t wanted = request.limit + 1;
        std::vector<std::optional<std::string>> sortValues;
        const auto take = [&](bool nullPart) {
            for (const auto& row : query.run(work, nullPart, wanted - page.rows.size())) {
                page.rows.push_back(readTargetRow(row, request.model.has_value()));
                const auto value = row[row.size() - 1];
                sortValues.push_back(value.is_null() ? std::nullopt : std::optional(textOf(value)));
            }
        };
        if (!request.after || request.after->value)
            take(false);
        if (column.nullable && page.rows.size() < wanted)
            take(true);
        if (page.rows.size() == wanted) {
            page.rows.pop_back();
            page.next = PageCursor{sortValues[request.limit - 1], page.rows.back().id, false};
        }
        return page;
    });
}

std::optional<TargetPlace> findPlace(const Database& database, const TargetPageRequest& request,
                                     core::SpectrumId id, std::stop_token stop)
{
    const ColumnSpec& column = sortColumn(request);
    checkWhere(request.where, request.model.has_value());
    return inTransaction(database, std::move(stop),
                         [&](pqxx::work& work) { return PageQuery(request, column).place(work, id); });
}

std::int64_t countTargets(const Database& database, const std::string& where,
                          std::optional<core::ModelVersionId> model, std::stop_token stop)
{
    checkWhere(where, model.has_value());
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        SqlParameters parameters;
        if (model)
            parameters.add(numberText(model->value), "int8");
        const std::string condition = compileWhere(where, model.has_value(), parameters);
        return parameters
            .run(work, "SELECT count(*)" + fromTargets(model ? ScoreJoin::Required : ScoreJoin::None) +
                           " WHERE " + condition)
            .at(0)[0]
            .as<std::int64_t>();
    });
}

std::vector<TargetRow> findTarget(const Database& database, core::TargetId target,
                                  std::optional<core::ModelVersionId> model)
{
    return queryRows(database, "t.targetid", target.value, model);
}

TargetRow findSpectrum(const Database& database, core::SpectrumId id,
                       std::optional<core::ModelVersionId> model)
{
    auto rows = queryRows(database, "t.id", id.value, model);
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
        const std::string condition = compileWhere(where, false, parameters);
        TargetColumns columns;
        const auto rows =
            parameters.run(work, "SELECT t.id, t.targetid, t.target_ra, t.target_dec, t.z, t.snr" +
                                     fromTargets(ScoreJoin::None) + " WHERE " + condition + " ORDER BY t.id");
        for (const auto& row : rows) {
            columns.ids.push_back({integerOf<std::int64_t>(row[0]).value_or(0)});
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
        const std::string condition = compileWhere(where, false, parameters);
        const auto rows = parameters.run(work, "SELECT coalesce(" + spec->sql + ", ''), count(*)" +
                                                   fromTargets(ScoreJoin::None) + " WHERE " + condition +
                                                   " GROUP BY 1 ORDER BY 2 DESC, 1");
        std::vector<ValueCount> counts;
        for (const auto& row : rows)
            counts.push_back({textOf(row[0]), row[1].as<std::int64_t>()});
        return counts;
    });
}

} // namespace voorwerp::catalog

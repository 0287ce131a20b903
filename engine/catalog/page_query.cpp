// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/page_query.h"

#include "catalog/catalog_source.h"
#include "catalog/names.h"
#include "catalog/sql_values.h"
#include "catalog/target_row.h"

namespace voorwerp::catalog {

namespace {

// The server's choice is mostly fast or very slow; gathering takes about this long at a million rows.
constexpr std::chrono::milliseconds kChosenPatience{50};
constexpr std::chrono::milliseconds kOtherPatience{400};
constexpr int kMorePatience = 3; ///< times as much in each later round

} // namespace

std::string targetSelectList(bool withModel)
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

const ColumnSpec& sortColumnOf(const TargetPageRequest& request)
{
    const ColumnSpec* column = findColumn(request.sortColumn);
    const bool withModel = request.model.has_value();
    if (column == nullptr)
        throw core::UserError("there is no column '" + request.sortColumn.substr(0, 64) + "' to sort by",
                              didYouMean(request.sortColumn, columnNames(withModel)));
    if (!column->sortable)
        throw core::UserError("lists cannot be sorted by '" + column->info.name + "'",
                              "Filter by it, and sort by a column of the table.");
    if (column->info.needsModel && !withModel)
        throw core::UserError("the column '" + column->info.name + "' belongs to a model's scores",
                              "Choose a model to sort by it.");
    return *column;
}

void avoidSequentialScans(pqxx::transaction_base& work, PagePlan plan, std::chrono::milliseconds limit)
{
    const std::string along = plan == PagePlan::Walk ? "off" : "on";
    work.exec("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = " + along +
              "; SET LOCAL enable_bitmapscan = " + along +
              "; SET LOCAL statement_timeout = " + std::to_string(limit.count()));
}

bool ranOutOfTime(const pqxx::sql_error& error, const std::stop_token& stop)
{
    return error.sqlstate() == "57014" && !stop.stop_requested();
}

PageQuery::PageQuery(const CatalogSource& source, const TargetPageRequest& request, const ColumnSpec& column)
    : m_source(source)
    , m_request(request)
    , m_column(column)
{
}

std::string PageQuery::condition(SqlParameters& parameters) const
{
    return compileWhere(m_request.where, withModel(), parameters, &m_source);
}

std::string PageQuery::idParameter(core::SpectrumId id, SqlParameters& parameters) const
{
    return parameters.add(m_source.idText(id), m_source.idType());
}

/// That of the index which keeps the order: the planner does not see that both are the same in a cursor.
std::string PageQuery::idColumn(bool nullPart) const
{
    const bool hasScore = m_column.info.needsModel && (m_request.scoredOnly || !nullPart);
    return hasScore ? "s.target_id" : "t.id";
}

ScoreJoin PageQuery::scoreJoin() const
{
    return !withModel() ? ScoreJoin::None : m_request.scoredOnly ? ScoreJoin::Required : ScoreJoin::Optional;
}

SqlParameters PageQuery::modelParameter() const
{
    SqlParameters parameters;
    if (withModel())
        parameters.add(numberText(m_request.model->value), "int8");
    return parameters;
}

std::string PageQuery::sql(PagePlan plan, PagePart part, std::size_t limit, SqlParameters& parameters) const
{
    const std::string direction = m_request.descending ? " DESC" : " ASC";
    return targetSelectList(withModel()) + ", page.value::text FROM (" +
           pageIds(plan, part, limit, parameters) + ") page JOIN " + m_source.targets() +
           " t ON t.id = page.id" + m_source.joins(withModel() ? ScoreJoin::Optional : ScoreJoin::None) +
           " ORDER BY page.value" + direction + ", page.id" + direction;
}

/// "SELECT id, value" of the page's rows.
std::string PageQuery::pageIds(PagePlan plan, PagePart part, std::size_t limit,
                               SqlParameters& parameters) const
{
    const bool gather = plan == PagePlan::Gather;
    const bool nullPart = part == PagePart::Nulls;
    const std::string value = gather ? "value" : m_column.sql;
    const std::string ownId = idColumn(nullPart);
    const std::string id = gather ? "id" : ownId;
    const std::string direction = m_request.descending ? " DESC" : " ASC";
    std::string rows = "SELECT " + ownId + " AS id, " + m_column.sql + " AS value" +
                       m_source.from(scoreJoin()) + " WHERE " + condition(parameters);
    if (m_column.nullable)
        rows += " AND " + m_column.sql + (nullPart ? " IS NULL" : " IS NOT NULL");
    std::string page;
    if (m_request.after && (!nullPart || !m_request.after->value)) {
        const std::string comparison = m_request.descending ? " <" : " >";
        page = compared(value, id, *m_request.after, comparison + (m_request.after->inclusive ? "=" : ""),
                        parameters);
    }
    // The index of a column keeps its NULLs by id, which the planner sees only where both are asked for.
    const bool byValue = !nullPart || m_column.sql.starts_with("t.") || ownId == "s.target_id";
    const std::string order = " ORDER BY " + (byValue ? value + direction + ", " : std::string()) + id +
                              direction + " LIMIT " + parameters.add(numberText(limit), "int8");
    // The planner misjudges how many rows lie behind a cursor among equal values: gathered rows are cut
    // later.
    // Their ids offer the primary key, which lies as our table does, where no other index fits.
    const std::string byKey = m_source.targets() == "voorwerp.target" ? " AND t.id > 0" : "";
    if (gather)
        return "WITH found AS MATERIALIZED (" + rows + byKey + ") SELECT id, value FROM found" +
               (page.empty() ? "" : " WHERE " + page) + order;
    return rows + (page.empty() ? "" : " AND " + page) + order;
}

pqxx::result PageQuery::run(pqxx::work& work, const std::stop_token& stop, PagePart part,
                            std::size_t limit) const
{
    if (auto rows = attempt(work, stop, PagePlan::Chosen, kChosenPatience, part, limit))
        return *rows;
    for (auto patience = kOtherPatience;; patience *= kMorePatience)
        for (const PagePlan plan : {PagePlan::Gather, PagePlan::Walk})
            if (auto rows = attempt(work, stop, plan, patience, part, limit))
                return *rows;
}

std::optional<pqxx::result> PageQuery::attempt(pqxx::work& work, const std::stop_token& stop, PagePlan plan,
                                               std::chrono::milliseconds patience, PagePart part,
                                               std::size_t limit) const
{
    if (stop.stop_requested())
        throw core::Cancelled();
    pqxx::subtransaction attempt(work);
    try {
        avoidSequentialScans(attempt, plan, patience);
        SqlParameters parameters = modelParameter();
        const std::string text = sql(plan, part, limit, parameters);
        auto rows = parameters.run(attempt, text);
        attempt.commit();
        return rows;
    } catch (const pqxx::sql_error& error) {
        if (!ranOutOfTime(error, stop))
            throw;
        return std::nullopt;
    }
}

std::optional<TargetPlace> PageQuery::place(pqxx::work& work, core::SpectrumId id) const
{
    SqlParameters parameters = modelParameter();
    const std::string listed = condition(parameters);
    const auto found =
        parameters.run(work, "SELECT " + m_column.sql + "::text, coalesce(" + listed + ", false)" +
                                 m_source.from(scoreJoin()) + " WHERE t.id = " + idParameter(id, parameters));
    if (found.empty())
        return std::nullopt;
    TargetPlace place;
    place.listed = found[0][1].as<bool>();
    place.cursor = {found[0][0].is_null() ? std::nullopt : std::optional(textOf(found[0][0])), id, true};
    return place;
}

/// Among the rows with a value, or among those without one, as the cursor is.
std::string PageQuery::compared(const std::string& value, const std::string& id, const PageCursor& cursor,
                                const std::string& comparison, SqlParameters& parameters) const
{
    const std::string cursorId = idParameter(cursor.id, parameters);
    if (!cursor.value)
        return id + comparison + " " + cursorId;
    return "(" + value + ", " + id + ")" + comparison + " (" + parameters.add(cursor.value, cast()) + ", " +
           cursorId + ")";
}

std::string PageQuery::beforeSql(const PageCursor& cursor, SqlParameters& parameters) const
{
    const std::string listed = condition(parameters) + " AND ";
    const std::string compare = compared(m_column.sql, idColumn(!cursor.value), cursor,
                                         m_request.descending ? " >" : " <", parameters);
    if (!m_column.nullable)
        return listed + compare;
    if (cursor.value)
        return listed + m_column.sql + " IS NOT NULL AND " + compare;
    return listed + "(" + m_column.sql + " IS NOT NULL OR " + compare + ")";
}

const char* PageQuery::cast() const
{
    if (m_column.info.name == "id")
        return m_source.idType();
    switch (m_column.info.type) {
    case ColumnType::Integer:
        return "int8";
    case ColumnType::Real:
        return m_column.single ? "float4" : "float8";
    default:
        return "text";
    }
}

} // namespace voorwerp::catalog

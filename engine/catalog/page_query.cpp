// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/page_query.h"

#include "catalog/catalog_source.h"
#include "catalog/listed_row.h"
#include "catalog/names.h"
#include "catalog/sql_values.h"

namespace voorwerp::catalog {

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

void avoidSequentialScans(pqxx::transaction_base& work, PagePlan plan)
{
    const auto set = [](const char* what, bool on) {
        return std::string("SET LOCAL enable_") + what + (on ? " = on; " : " = off; ");
    };
    const bool gather = plan == PagePlan::Gather;
    // What matches is taken for more than it is where columns depend on each other (stars of high z): it is
    // joined with its scores one by one, which is over at once where it is little.
    work.exec(set("seqscan", false) + set("sort", gather) + set("bitmapscan", gather) +
              set("hashjoin", !gather) + set("mergejoin", !gather));
}

PageQuery::PageQuery(const CatalogSource& source, const TargetPageRequest& request, const ColumnSpec& column,
                     const WhereNode* where)
    : m_source(source)
    , m_request(request)
    , m_column(column)
    , m_where(where)
{
}

std::string PageQuery::condition(SqlParameters& parameters) const
{
    return compileTree(m_where, parameters, m_source);
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
           pageIds(plan, part, limit, parameters) + ") page JOIN " + m_source.targets() + joins() +
           " ORDER BY page.value" + direction + ", page.id" + direction;
}

std::string PageQuery::rowsOf(const std::vector<core::SpectrumId>& ids, SqlParameters& parameters) const
{
    std::string list = "{";
    for (const core::SpectrumId id : ids)
        list += (list.size() > 1 ? "," : "") + m_source.idText(id);
    const std::string type = std::string(m_source.idType()) + "[]";
    return targetSelectList(withModel()) + ", page.place FROM unnest(" +
           parameters.add(list + "}", type.c_str()) + ") WITH ORDINALITY page (id, place) JOIN " +
           m_source.targets() + joins() + " ORDER BY page.place";
}

/// Of a page's ids with their rows.
std::string PageQuery::joins() const
{
    return " t ON t.id = page.id" + m_source.joins(withModel() ? ScoreJoin::Optional : ScoreJoin::None);
}

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

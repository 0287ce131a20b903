// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: how one page of a list is asked for. First the ids of the page, from as few columns as
// possible so that an index alone can answer, then their rows.

#include "catalog/column_table.h"
#include "catalog/target_query.h"
#include "catalog/where_sql.h"
#include "catalog/where_tree.h"

#include <optional>
#include <pqxx/pqxx>
#include <string>

namespace voorwerp::catalog {

/// A filter that matches rarely is slow to meet along the order of another column, one that matches often is
/// slow to gather and sort. No estimate tells which: columns depend on each other.
enum class PagePlan {
    Gather, ///< everything that matches, then sorted
    Walk    ///< along the index of the sort column until the page is full
};

/// A list is at most two walks along an index: rows with a value in the sort column, then rows without.
enum class PagePart { Values, Nulls };

class PageQuery
{
public:
    /// where: of request.where; column: of request.sortColumn. All must outlive the query.
    PageQuery(const CatalogSource& source, const TargetPageRequest& request, const ColumnSpec& column,
              const WhereNode* where);

    /// Fills parameters. Columns: those of targetSelectList(), then the sort value as text.
    std::string sql(PagePlan plan, PagePart part, std::size_t limit, SqlParameters& parameters) const;
    /// "SELECT id, value" of the page's rows in their order.
    std::string pageIds(PagePlan plan, PagePart part, std::size_t limit, SqlParameters& parameters) const;
    /// The rows of known ids in their order, as sql() has them; the last column is the place in ids, from 1
    /// on.
    std::string rowsOf(const std::vector<core::SpectrumId>& ids, SqlParameters& parameters) const;
    /// The place of a spectrum, but for `before`.
    std::optional<TargetPlace> place(pqxx::work& work, core::SpectrumId id) const;
    /// A condition for the rows of the list before a cursor.
    std::string beforeSql(const PageCursor& cursor, SqlParameters& parameters) const;
    /// $1 is the model where there is one.
    SqlParameters modelParameter() const;
    ScoreJoin scoreJoin() const;

private:
    bool withModel() const { return m_request.model.has_value(); }
    std::string joins() const;
    std::string compared(const std::string& value, const std::string& id, const PageCursor& cursor,
                         const std::string& comparison, SqlParameters& parameters) const;
    const char* cast() const;
    std::string condition(SqlParameters& parameters) const;
    std::string idParameter(core::SpectrumId id, SqlParameters& parameters) const;
    std::string idColumn(bool nullPart) const;

    const CatalogSource& m_source;
    const TargetPageRequest& m_request;
    const ColumnSpec& m_column;
    const WhereNode* m_where;
};

/// Throws UserError where the list cannot be sorted by it.
const ColumnSpec& sortColumnOf(const TargetPageRequest& request);

/// What a page must not be read by: called in the transaction of each query of a page.
void avoidSequentialScans(pqxx::transaction_base& work, PagePlan plan);

} // namespace voorwerp::catalog

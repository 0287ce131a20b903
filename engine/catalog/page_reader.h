// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: one page of a list. Where there is a filter, the two ways of page_query.h race on two
// connections, and the first one home ends the other.

#include "catalog/page_query.h"

#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

namespace voorwerp::catalog {

/// Rows of one part of a list in their order, for the pages that follow.
struct RowsAhead
{
    std::vector<std::pair<std::optional<std::string>, core::SpectrumId>> rows; ///< sort value and id
    bool complete = false;                                                     ///< the part has no more
};

class PageReader
{
public:
    /// request must outlive it; only: no race, for tests. Throws WhereError and UserError as queryTargets()
    /// does.
    PageReader(const Database& database, const TargetPageRequest& request, std::stop_token stop,
               std::optional<PagePlan> only = {});
    TargetPage read();

private:
    bool isFull() const { return m_page.next.has_value(); }
    void readPart(PagePart part);
    void race(PagePart part);
    pqxx::result walk(PagePart part, const std::stop_token& stop) const;
    std::shared_ptr<const RowsAhead> gather(PagePart part, const std::stop_token& stop) const;
    void readAhead(const std::shared_ptr<const RowsAhead>& ahead, std::size_t used);
    void take(const pqxx::result& rows);

    const Database& m_database;
    const TargetPageRequest& m_request;
    const ColumnSpec& m_column;
    const std::stop_token m_stop;
    const std::optional<PagePlan> m_only;
    std::unique_ptr<WhereNode> m_where;
    const PageQuery m_query;
    TargetPage m_page;
    std::optional<std::string> m_lastValue; ///< of the sort column, in the page's last row
};

} // namespace voorwerp::catalog

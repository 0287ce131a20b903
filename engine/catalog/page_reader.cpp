// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/page_reader.h"

#include "catalog/catalog_source.h"
#include "catalog/few_values.h"
#include "catalog/listed_row.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>

namespace voorwerp::catalog {

namespace {

constexpr std::size_t kPagesAhead = 25, kMostAhead = 10'000; ///< the second in rows
/// Of the walk: what is over by then needs no second connection. It mostly won before, where a later page has
/// no rows ahead.
constexpr std::chrono::milliseconds kHeadStart{2}, kLaterHeadStart{25};
/// A walk to a first page that took as long as the first waits for the gathering, which brings the next pages
/// too, up to the second.
constexpr std::chrono::milliseconds kSlowWalk{20}, kLongestWait{60};

std::unique_ptr<WhereNode> whereOf(const Database& database, const TargetPageRequest& request,
                                   const std::stop_token& stop)
{
    auto where = parseWhere(request.where, request.model.has_value());
    if (!database.isBrowsed())
        useFewValues(where, database, stop);
    return where;
}

/// A place on the sky or a few targets: an index gathers that at once, and the walk would read everything.
bool isSmall(const WhereNode& node)
{
    using Kind = WhereNode::Kind;
    constexpr double kSmallConeArcsec = 1800.0;
    switch (node.kind) {
    case Kind::And:
        return std::ranges::any_of(node.children, [](const auto& child) { return isSmall(*child); });
    case Kind::Cone:
        return node.children[2]->real <= kSmallConeArcsec;
    case Kind::In:
        return !node.negated && node.children[0]->column != nullptr &&
               node.children[0]->column->info.name == "targetid";
    case Kind::Compare:
        return node.text == "=" && node.children[0]->column != nullptr &&
               node.children[0]->column->info.name == "targetid" && node.children[1]->kind == Kind::Integer;
    default:
        return false;
    }
}

/// The other one is home already. (A cancel request between two statements does nothing.)
void throwIfLost(const std::stop_token& stop)
{
    if (stop.stop_requested())
        throw core::Cancelled();
}

void sleepUntil(std::chrono::steady_clock::time_point time, const std::stop_token& stop)
{
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_until(lock, stop, time, [] { return false; });
    throwIfLost(stop);
}

/// What the loser found, though it lost; nullptr: it was stopped, or had no connection left.
std::shared_ptr<const RowsAhead> orNothing(std::future<std::shared_ptr<const RowsAhead>>& gathering)
{
    try {
        return gathering.get();
    } catch (const std::exception&) {
        return nullptr;
    }
}

std::optional<std::string> sortValue(const pqxx::field& field)
{
    return field.is_null() ? std::nullopt : std::optional(textOf(field));
}

} // namespace

PageReader::PageReader(const Database& database, const TargetPageRequest& request, std::stop_token stop,
                       std::optional<PagePlan> only)
    : m_database(database)
    , m_request(request)
    , m_column(sortColumnOf(request))
    , m_stop(std::move(stop))
    , m_only(only)
    , m_where(whereOf(database, request, m_stop))
    , m_query(database.source(), request, m_column, m_where.get())
{
}

TargetPage PageReader::read()
{
    const auto& after = m_request.after;
    const bool amongNulls = after && !after->value;
    const std::size_t left = after && after->ahead ? after->ahead->rows.size() - after->aheadUsed : 0;
    const bool aheadServes = left > m_request.limit || (left > 0 && after->ahead->complete);
    if (aheadServes)
        readAhead(after->ahead, after->aheadUsed);
    else if (!amongNulls)
        readPart(PagePart::Values);
    if (!isFull() && m_column.nullable && !(aheadServes && amongNulls))
        readPart(PagePart::Nulls);
    return std::move(m_page);
}

void PageReader::readPart(PagePart part)
{
    if (m_only == PagePlan::Gather || (m_where && isSmall(*m_where)))
        readAhead(gather(part, m_stop), 0);
    else if (m_only == PagePlan::Walk || !m_where)
        take(walk(part, m_stop));
    else
        race(part);
}

void PageReader::race(PagePart part)
{
    const auto start = std::chrono::steady_clock::now();
    std::stop_source stopWalk, stopGather;
    const std::stop_callback stopBoth(m_stop, [&] {
        stopWalk.request_stop();
        stopGather.request_stop();
    });
    auto gathering = std::async(std::launch::async, [&] {
        sleepUntil(start + (m_request.after ? kLaterHeadStart : kHeadStart), stopGather.get_token());
        auto ahead = gather(part, stopGather.get_token());
        stopWalk.request_stop();
        return ahead;
    });
    try {
        const auto rows = walk(part, stopWalk.get_token());
        if (!m_request.after && std::chrono::steady_clock::now() - start > kSlowWalk)
            gathering.wait_until(start + kLongestWait);
        stopGather.request_stop();
        if (const auto ahead = orNothing(gathering))
            readAhead(ahead, 0);
        else
            take(rows);
    } catch (const core::Cancelled&) {
        if (m_stop.stop_requested())
            throw;
        readAhead(gathering.get(), 0);
    } catch (...) {
        stopGather.request_stop();
        throw;
    }
}

/// The rows that are missing on the page, and one more, which tells whether there is a next page.
pqxx::result PageReader::walk(PagePart part, const std::stop_token& stop) const
{
    return inTransaction(m_database, stop, [&](pqxx::work& work) {
        avoidSequentialScans(work, PagePlan::Walk);
        throwIfLost(stop);
        SqlParameters parameters = m_query.modelParameter();
        const std::size_t missing = m_request.limit + 1 - m_page.rows.size();
        const std::string sql = m_query.sql(PagePlan::Walk, part, missing, parameters);
        return parameters.run(work, sql);
    });
}

std::shared_ptr<const RowsAhead> PageReader::gather(PagePart part, const std::stop_token& stop) const
{
    return inTransaction(m_database, stop, [&](pqxx::work& work) {
        avoidSequentialScans(work, PagePlan::Gather);
        throwIfLost(stop);
        const std::size_t most = m_request.limit + std::min(m_request.limit * (kPagesAhead - 1), kMostAhead);
        SqlParameters parameters = m_query.modelParameter();
        const std::string sql = m_query.pageIds(PagePlan::Gather, part, most, parameters);
        auto ahead = std::make_shared<RowsAhead>();
        for (const auto& row : parameters.run(work, sql))
            ahead->rows.emplace_back(sortValue(row[1]), m_database.source().idOf(row[0]));
        ahead->complete = ahead->rows.size() < most;
        return std::shared_ptr<const RowsAhead>(std::move(ahead));
    });
}

void PageReader::readAhead(const std::shared_ptr<const RowsAhead>& ahead, std::size_t used)
{
    const std::size_t count = std::min(ahead->rows.size() - used, m_request.limit - m_page.rows.size());
    const std::size_t end = used + count;
    std::vector<core::SpectrumId> ids;
    for (std::size_t i = used; i < end; ++i)
        ids.push_back(ahead->rows[i].second);
    inTransaction(m_database, m_stop, [&](pqxx::work& work) {
        SqlParameters parameters = m_query.modelParameter();
        const std::string sql = m_query.rowsOf(ids, parameters);
        for (const auto& row : parameters.run(work, sql))
            m_page.rows.push_back(readTargetRow(m_database.source(), row, m_request.model.has_value()));
    });
    const bool more = end < ahead->rows.size() || !ahead->complete;
    if (end > 0)
        m_lastValue = ahead->rows[end - 1].first;
    if (more && end > 0)
        m_page.next = PageCursor{m_lastValue, ids.back(), false, ahead, end};
    else if (more) // the page was full before
        m_page.next = PageCursor{m_lastValue, m_page.rows.back().id, false, nullptr, 0};
}

void PageReader::take(const pqxx::result& rows)
{
    for (const auto& row : rows) {
        if (m_page.rows.size() == m_request.limit) {
            m_page.next = PageCursor{m_lastValue, m_page.rows.back().id, false, nullptr, 0};
            return;
        }
        m_page.rows.push_back(readTargetRow(m_database.source(), row, m_request.model.has_value()));
        m_lastValue = sortValue(row.back());
    }
}

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: connections of a Database, borrowed for one transaction, and pqxx errors in core's terms.

#include "catalog/connection.h"
#include "catalog/database.h"
#include "core/error.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <stop_token>
#include <string>
#include <utility>

namespace voorwerp::catalog {

/// A connection that goes back to its pool when it is still good. A stop request cancels the query that runs
/// on it.
class Session
{
public:
    explicit Session(const Database& database, std::stop_token stop = {});
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();
    Connection& connection() { return *m_connection; }
    const std::stop_token& stop() const { return m_stop; }
    /// Never to be used again: closed instead of given back.
    void discard() noexcept { m_reusable = false; }
    /// Rethrows the exception in flight as Cancelled, DatabaseError or what it was.
    [[noreturn]] void rethrow();

private:
    Database m_database;
    std::stop_token m_stop;
    std::unique_ptr<Connection> m_connection;
    std::atomic<bool> m_reusable = true;
    std::optional<std::stop_callback<std::function<void()>>> m_cancelOnStop;
};

/// Runs use(pqxx::work&) in a transaction of its own, commits, and returns its result.
template <typename Use> auto inTransaction(const Database& database, std::stop_token stop, Use&& use)
{
    Session session(database, std::move(stop));
    try {
        pqxx::work work(session.connection());
        if constexpr (std::is_void_v<decltype(use(work))>) {
            use(work);
            work.commit();
        } else {
            auto result = use(work);
            work.commit();
            return result;
        }
    } catch (...) {
        session.rethrow();
    }
}

template <typename Use> auto inTransaction(const Database& database, Use&& use)
{
    return inTransaction(database, std::stop_token(), std::forward<Use>(use));
}

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A PostgreSQL database named by a URI. Every function of this room that talks to it borrows a connection
// from a small pool that the copies of a Database share, runs one transaction and gives the connection back.
//
// Errors of every function that takes a Database: DatabaseError with kind Unreachable (no connection, or lost
// before commit), Conflict (serialisation, deadlock), InDoubt (lost during commit), Refused (all else);
// Cancelled where a stop token is given. Messages never contain a password.

#include <cstdint>
#include <memory>
#include <string>

namespace voorwerp::catalog {

class CatalogSource;

/// A cheap value; copies share the pool. Thread rule: any thread may use any copy.
class Database
{
public:
    /// uri: postgresql://user@host:port/name?..., or "key=value ..." as libpq takes it. Connects at first
    /// use.
    explicit Database(std::string uri);
    /// The same server, of which only a production of DESI's is read: see openProduction().
    Database(std::string uri, CatalogSource source);
    /// With the password, where it had one: for PGPASSWORD-less tools only, never to be shown.
    const std::string& uri() const;
    /// "voorwerp on example.org", "voorwerp on /tmp/x": safe to show.
    const std::string& description() const;

    /// A production of a specprod-db server: nothing is written there, and there is no schema voorwerp.
    bool isBrowsed() const;
    const CatalogSource& source() const; ///< inside the room

    class Pool;
    Pool& pool() const { return *m_pool; }

private:
    std::shared_ptr<Pool> m_pool;
};

/// The same connection string without password, for messages and reports.
std::string withoutPassword(const std::string& uri);
/// The same server and role, another database.
std::string withDatabaseName(const std::string& uri, const std::string& name);

struct DatabaseInfo
{
    int serverVersion = 0;    ///< 150018 for 15.18
    int schemaVersion = 0;    ///< 0 before the first migration
    std::int64_t bytes = 0;   ///< size on the server's disk
    std::int64_t targets = 0; ///< rows of voorwerp.target
    std::int64_t labels = 0;  ///< current labels
};
/// For status lines; also serves as a check that the server answers.
DatabaseInfo databaseInfo(const Database& database);

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What care needs from a database: how to hand it to libpq's own programs, a frozen moment with its row
// counts, scratch databases. The shapes fit backup::DatabaseAccess, which knows neither SQL nor this room.

#include "catalog/database.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace voorwerp::catalog {

/// libpq's environment variables (PGHOST, PGUSER, PGDATABASE, PGPASSWORD, ...) that reach this database:
/// pg_dump gets them without a password in its arguments. Throws UserError when the URI cannot be understood.
std::map<std::string, std::string> libpqEnvironment(const Database& database);

/// The inverse: a Database for such an environment.
Database databaseOf(const std::map<std::string, std::string>& environment);

/// 15 for PostgreSQL 15.4.
int serverMajorVersion(const Database& database);

struct DatabaseLoad
{
    std::int64_t bytes = 0; ///< size on the server's disk
    int connections = 0;    ///< to this database, this one included
    int maximumConnections = 0;
};
/// Cheap enough to be asked every second.
DatabaseLoad databaseLoad(const Database& database);

/// Rows of every table outside PostgreSQL's own schemas, "schema.table" → rows; of partitioned tables the
/// parts.
std::map<std::string, std::int64_t> rowCounts(const Database& database);

/// Opens a transaction, exports its snapshot, counts the rows in it, and keeps it open while use runs.
void withFrozenSnapshot(const Database& database,
                        const std::function<void(const std::string& snapshotName,
                                                 const std::map<std::string, std::int64_t>& rowCounts)>& use);

/// Creates an empty database on the same server. Throws DatabaseError (no permission, name taken).
Database createDatabase(const Database& server, const std::string& name);

/// Drops it with whoever is connected; no error when it is not there.
void dropDatabase(const Database& server, const std::string& name);

} // namespace voorwerp::catalog

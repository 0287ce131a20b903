// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/migrations.h"

#include "catalog/migration_list.h"
#include "catalog/session.h"
#include "core/file_io.h"

#include <span>

namespace voorwerp::catalog {

namespace {

constexpr std::int64_t kAdvisoryLock = 0x766F6F7277657270; // "voorwerp"
constexpr int kOldestServer = 140000;

std::string hashOf(const Migration& migration)
{
    return core::sha256OfBytes(std::as_bytes(std::span(migration.sql)));
}

void requireServerVersion(pqxx::work& work)
{
    const int version = work.exec1("SELECT current_setting('server_version_num')::int")[0].as<int>();
    if (version < kOldestServer)
        throw core::UserError("this PostgreSQL server is version " + std::to_string(version / 10000) +
                                  "; Voorwerp needs 14 or newer",
                              "Use a newer server, or leave out --db to use the private one.");
}

/// Steps that ran there, checked against ours.
std::size_t appliedSteps(pqxx::work& work)
{
    const auto rows =
        work.exec("SELECT version, name, sha256 FROM voorwerp.schema_migration ORDER BY version");
    const auto& steps = migrationList();
    if (rows.size() > steps.size())
        throw core::UserError("the database has schema version " + std::to_string(rows.size()) +
                                  "; this program knows " + std::to_string(steps.size()),
                              "Use the newer Voorwerp that wrote it.");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = rows[static_cast<pqxx::result::size_type>(i)];
        if (row[0].as<std::size_t>() != i + 1 || row[2].as<std::string>() != hashOf(steps[i]))
            throw core::UserError(
                "step " + row[1].as<std::string>() +
                    " of the database's schema is not the one of this program",
                "Use the Voorwerp that wrote it, or restore a backup into a new workspace.");
    }
    return rows.size();
}

} // namespace

int latestSchemaVersion()
{
    return static_cast<int>(migrationList().size());
}

int migrate(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        requireServerVersion(work);
        work.exec_params("SELECT pg_advisory_xact_lock($1)", kAdvisoryLock);
        if (work.exec("SELECT to_regclass('voorwerp.schema_migration') IS NULL").at(0)[0].as<bool>())
            work.exec(
                "CREATE SCHEMA IF NOT EXISTS voorwerp;"
                "CREATE TABLE voorwerp.schema_migration (version integer PRIMARY KEY, name text NOT NULL,"
                " sha256 text NOT NULL, applied timestamptz NOT NULL DEFAULT now())");
        const auto& steps = migrationList();
        const std::size_t before = appliedSteps(work);
        for (std::size_t i = before; i < steps.size(); ++i) {
            work.exec(std::string(steps[i].sql));
            work.exec_params(
                "INSERT INTO voorwerp.schema_migration (version, name, sha256) VALUES ($1, $2, $3)",
                static_cast<int>(i + 1), std::string(steps[i].name), hashOf(steps[i]));
        }
        return static_cast<int>(steps.size() - before);
    });
}

} // namespace voorwerp::catalog

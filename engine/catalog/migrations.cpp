// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/migrations.h"

#include "catalog/migration_list.h"
#include "catalog/role_sql.h"
#include "catalog/session.h"
#include "catalog/sky_search.h"
#include "catalog/sql_values.h"
#include "core/file_io.h"

#include <span>

namespace voorwerp::catalog {

namespace {

constexpr std::int64_t kAdvisoryLock = 0x766F6F7277657270; // "voorwerp"
constexpr int kOldestServer = 140000;
/// With wal_level = minimal, a sequence that is used in the transaction that made it believes that its next
/// 32 numbers are logged; after a crash they would come again.
constexpr const char* kSettleSequences =
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, last_value) FROM pg_sequences "
    "WHERE schemaname = 'voorwerp' AND last_value IS NOT NULL";

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

/// What the connected login finds.
struct Place
{
    std::string login;
    std::string owner; ///< of the schema, or of the database where there is no schema yet
    bool schema = false;
    bool mayUse = false;    ///< read the schema
    bool mayChange = false; ///< as its owner; make it, where there is none
};

Place placeOf(pqxx::work& work)
{
    const auto row = work.exec1(
        "SELECT session_user, pg_get_userbyid(coalesce(n.nspowner, d.datdba)), n.oid IS NOT NULL, "
        "coalesce(has_schema_privilege(n.oid, 'USAGE'), false), coalesce(pg_has_role(n.nspowner, 'USAGE'), "
        "has_database_privilege(d.oid, 'CREATE')) FROM pg_database d LEFT JOIN pg_namespace n ON n.nspname = "
        "'voorwerp' WHERE d.datname = current_database()");
    return {textOf(row[0]), textOf(row[1]), row[2].as<bool>(), row[3].as<bool>(), row[4].as<bool>()};
}

[[noreturn]] void refuse(const std::string& message, const std::string& remedy)
{
    throw core::DatabaseError(core::DatabaseError::Kind::Refused, message, remedy);
}

void requireAccess(const Place& place)
{
    if (place.schema && !place.mayUse)
        refuse("You are connected as " + place.login + ", which has no role in this Voorwerp database.",
               "Ask its owner (" + place.owner + ") for one: voorwerp-cli workspace roles grant reader " +
                   place.login + ".");
    if (!place.schema && !place.mayChange)
        refuse("There is no survey of Voorwerp in this database, and " + place.login + " may not make one.",
               "Ask the owner of the database (" + place.owner +
                   ") to run: voorwerp-cli --db ... workspace init.");
}

void requireOwner(const Place& place, std::size_t there, std::size_t wanted)
{
    if (!place.mayChange)
        refuse(
            "The database has schema version " + std::to_string(there) +
                ", this Voorwerp works with version " + std::to_string(wanted) +
                ", and you are connected as " + place.login + ", which may not change it.",
            "Ask its owner (" + place.owner +
                ") to open it once with this Voorwerp (workspace init), or use the Voorwerp that fits it.");
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
    const int ran = inTransaction(database, [](pqxx::work& work) {
        requireServerVersion(work);
        const Place place = placeOf(work);
        requireAccess(place);
        work.exec_params("SELECT pg_advisory_xact_lock($1)", kAdvisoryLock);
        if (work.exec("SELECT to_regclass('voorwerp.schema_migration') IS NULL").at(0)[0].as<bool>())
            work.exec(
                "CREATE SCHEMA IF NOT EXISTS voorwerp;"
                "CREATE TABLE voorwerp.schema_migration (version integer PRIMARY KEY, name text NOT NULL,"
                " sha256 text NOT NULL, applied timestamptz NOT NULL DEFAULT now())");
        const auto& steps = migrationList();
        const std::size_t before = appliedSteps(work);
        if (before < steps.size())
            requireOwner(place, before, steps.size());
        for (std::size_t i = before; i < steps.size(); ++i) {
            work.exec(std::string(steps[i].sql));
            work.exec_params(
                "INSERT INTO voorwerp.schema_migration (version, name, sha256) VALUES ($1, $2, $3)",
                static_cast<int>(i + 1), std::string(steps[i].name), hashOf(steps[i]));
        }
        if (before < steps.size()) {
            applyGrants(work);
            work.exec(kSettleSequences);
        }
        return static_cast<int>(steps.size() - before);
    });
    prepareSkySearch(database);
    return ran;
}

} // namespace voorwerp::catalog

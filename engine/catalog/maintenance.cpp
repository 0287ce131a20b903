// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/maintenance.h"

#include "catalog/connection_string.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"

#include <libpq-fe.h>
#include <memory>

namespace voorwerp::catalog {

namespace {

/// libpq's keyword → environment variable, as this libpq has them.
std::map<std::string, std::string> environmentNames()
{
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconndefaults(),
                                                                               &PQconninfoFree);
    std::map<std::string, std::string> names;
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr;
         ++option)
        if (option->envvar != nullptr)
            names[option->keyword] = option->envvar;
    return names;
}

/// What pg_dump dumps: no temporary tables, none that belong to an extension.
constexpr const char* kTablesQuery =
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' "
    "AND n.nspname <> 'information_schema' AND NOT EXISTS (SELECT FROM pg_depend d "
    "WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1, 2";

std::map<std::string, std::int64_t> countRowsIn(pqxx::transaction_base& work)
{
    std::map<std::string, std::int64_t> counts;
    for (const auto& table : work.exec(kTablesQuery)) {
        const std::string schema = textOf(table[0]);
        const std::string name = textOf(table[1]);
        counts[schema + "." + name] = work.exec1("SELECT count(*) FROM ONLY " + work.quote_name(schema) +
                                                 "." + work.quote_name(name))[0]
                                          .as<std::int64_t>();
    }
    return counts;
}

/// CREATE and DROP DATABASE run outside of transactions.
void executeAlone(const Database& database, const std::function<void(pqxx::nontransaction&)>& use)
{
    Session session(database);
    try {
        pqxx::nontransaction work(session.connection());
        use(work);
    } catch (...) {
        session.rethrow();
    }
}

} // namespace

std::map<std::string, std::string> libpqEnvironment(const Database& database)
{
    const auto names = environmentNames();
    std::map<std::string, std::string> environment;
    for (const auto& [keyword, value] : connectionSettings(database.uri()))
        if (const auto name = names.find(keyword); name != names.end())
            environment[name->second] = value;
    if (environment.find("PGDATABASE") == environment.end())
        environment["PGDATABASE"] = inTransaction(database, [](pqxx::work& work) {
            return work.exec1("SELECT current_database()")[0].as<std::string>();
        });
    return environment;
}

Database databaseOf(const std::map<std::string, std::string>& environment)
{
    std::map<std::string, std::string> settings;
    for (const auto& [keyword, name] : environmentNames())
        if (const auto value = environment.find(name); value != environment.end())
            settings[keyword] = value->second;
    return Database(makeConnectionString(settings));
}

int serverMajorVersion(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        return work.exec1("SELECT current_setting('server_version_num')::int / 10000")[0].as<int>();
    });
}

std::map<std::string, std::int64_t> rowCounts(const Database& database)
{
    std::map<std::string, std::int64_t> counts;
    withFrozenSnapshot(database, [&](const std::string&, const auto& rows) { counts = rows; });
    return counts;
}

void withFrozenSnapshot(const Database& database,
                        const std::function<void(const std::string& snapshotName,
                                                 const std::map<std::string, std::int64_t>& rowCounts)>& use)
{
    Session session(database);
    try {
        pqxx::transaction<pqxx::isolation_level::repeatable_read, pqxx::readwrite_policy::read_only> work(
            session.connection());
        // A long dump must not lose its snapshot to a server's limit on idle transactions.
        work.exec0("SET LOCAL idle_in_transaction_session_timeout = 0");
        const std::string name = work.exec1("SELECT pg_export_snapshot()")[0].as<std::string>();
        use(name, countRowsIn(work));
        work.commit();
    } catch (...) {
        session.rethrow();
    }
}

Database createDatabase(const Database& server, const std::string& name)
{
    executeAlone(server, [&](pqxx::nontransaction& work) {
        work.exec("CREATE DATABASE " + work.quote_name(name) + " TEMPLATE template0");
    });
    return Database(withDatabaseName(server.uri(), name));
}

void dropDatabase(const Database& server, const std::string& name)
{
    executeAlone(server, [&](pqxx::nontransaction& work) {
        const std::string drop = "DROP DATABASE IF EXISTS " + work.quote_name(name);
        try {
            work.exec(drop + " WITH (FORCE)");
        } catch (const pqxx::insufficient_privilege&) {
            // An autovacuum is in it, of the server's own role. The plain form sends it away, and only it.
            work.exec_params("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND "
                             "pg_has_role(usesysid, 'MEMBER')",
                             name);
            work.exec(drop);
        }
    });
}

DatabaseLoad databaseLoad(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        const auto row = work.exec1("SELECT pg_database_size(current_database()), numbackends, "
                                    "current_setting('max_connections')::int "
                                    "FROM pg_stat_database WHERE datname = current_database()");
        return DatabaseLoad{row[0].as<std::int64_t>(), row[1].as<int>(), row[2].as<int>()};
    });
}

DatabaseInfo databaseInfo(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        DatabaseInfo info;
        const auto row = work.exec1(
            "SELECT current_setting('server_version_num')::int, pg_database_size(current_database()), "
            "to_regclass('voorwerp.schema_migration') IS NOT NULL");
        info.serverVersion = row[0].as<int>();
        info.bytes = row[1].as<std::int64_t>();
        if (!row[2].as<bool>())
            return info;
        const auto counts =
            work.exec1("SELECT (SELECT coalesce(max(version), 0) FROM voorwerp.schema_migration), "
                       "(SELECT count(*) FROM voorwerp.target), (SELECT count(*) FROM voorwerp.label)");
        info.schemaVersion = counts[0].as<int>();
        info.targets = counts[1].as<std::int64_t>();
        info.labels = counts[2].as<std::int64_t>();
        return info;
    });
}

} // namespace voorwerp::catalog

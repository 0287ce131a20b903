// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/specprod_schema.h"

#include "catalog/role_sql.h"
#include "catalog/session.h"
#include "catalog/specprod_sql.h"
#include "catalog/sql_values.h"
#include "core/resources.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <map>
#include <sstream>

namespace voorwerp::catalog {

namespace {

constexpr std::int64_t kAdvisoryLock = 0x73706563'70726F64; // "specprod"
constexpr std::size_t kLongestIdentifier = 63;
constexpr std::array<std::string_view, 3> kReserved = {"voorwerp", "public", "information_schema"};

void readFlags(SpecprodTable& table, SpecprodColumn& column, const std::string& flags)
{
    constexpr std::string_view kUnique = "unique:";
    std::istringstream words(flags);
    for (std::string word; words >> word;) {
        column.isKey = column.isKey || word == "pk";
        column.isIndexed = column.isIndexed || word == "idx";
        if (word.starts_with(kUnique))
            column.placeInUnique = std::atoi(word.c_str() + kUnique.size());
        if (word == "ra")
            table.ra = column.name;
        if (word == "dec")
            table.dec = column.name;
    }
}

std::vector<SpecprodTable> readTables()
{
    std::vector<SpecprodTable> tables;
    for (const auto& row : core::resourceCsv("specprod_db.csv")) {
        if (tables.empty() || tables.back().name != row.at(0))
            tables.push_back({row[0], {}, {}, {}});
        SpecprodColumn column{row.at(1), row.at(2)};
        readFlags(tables.back(), column, row.at(3));
        tables.back().columns.push_back(std::move(column));
    }
    return tables;
}

/// CREATE TABLE and its indexes. Names of tables and columns are ours and need no quotes.
std::string tableSql(const SpecprodTable& table, const std::string& schema)
{
    const std::string place = schema + "." + table.name;
    std::string columns, indexes;
    std::map<int, std::string> unique;
    for (const SpecprodColumn& column : table.columns) {
        columns += (columns.empty() ? "" : ", ") + column.name + " " + column.type;
        if (column.isKey)
            columns += " PRIMARY KEY";
        if (column.isIndexed)
            indexes += "CREATE INDEX ix_" + table.name + "_" + column.name + " ON " + place + " (" +
                       column.name + ");";
        if (column.placeInUnique > 0)
            unique[column.placeInUnique] = column.name;
    }
    std::string key;
    for (const auto& [at, name] : unique)
        key += (key.empty() ? "" : ", ") + name;
    if (!key.empty())
        indexes += "CREATE UNIQUE INDEX ix_" + table.name + "_unique ON " + place + " (" + key + ");";
    return "CREATE TABLE " + place + " (" + columns + ");" + indexes;
}

void createSkyIndex(pqxx::work& work, const SpecprodTable& table, const std::string& schema,
                    const std::string& q3c)
{
    work.exec("CREATE INDEX IF NOT EXISTS ix_" + table.name + "_q3c_ang2ipix ON " + schema + "." +
              table.name + " (" + q3c + ".q3c_ang2ipix(" + table.ra + ", " + table.dec + "))");
}

bool exists(pqxx::work& work, const std::string& relation)
{
    return work.exec_params("SELECT to_regclass($1) IS NOT NULL", relation)[0][0].as<bool>();
}

/// One question: it is asked for every file of an ingest.
bool isComplete(pqxx::work& work, const std::string& production, bool withSky)
{
    std::int64_t wanted = 0;
    std::string names;
    const auto want = [&](const std::string& relation) {
        ++wanted;
        names += (names.empty() ? "'" : ", '") + relation + "'";
    };
    for (const SpecprodTable& table : specprodTables()) {
        want(table.name);
        if (withSky && !table.ra.empty())
            want("ix_" + table.name + "_q3c_ang2ipix");
    }
    return work.exec_params(
                   "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
                   "n.nspname = $1 AND c.relname IN (" +
                       names + ")",
                   production)[0][0]
               .as<std::int64_t>() == wanted;
}

} // namespace

std::string q3cSchema(pqxx::work& work)
{
    const auto found =
        work.exec("SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = "
                  "e.extnamespace WHERE e.extname = 'q3c'");
    return found.empty() ? std::string() : textOf(found[0][0]);
}

const std::vector<SpecprodTable>& specprodTables()
{
    static const std::vector<SpecprodTable> tables = readTables();
    return tables;
}

const SpecprodTable& specprodTable(std::string_view name)
{
    const auto& tables = specprodTables();
    return *std::find_if(tables.begin(), tables.end(),
                         [&](const SpecprodTable& table) { return table.name == name; });
}

bool canBeProduction(std::string_view name)
{
    const auto allowed = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    };
    return !name.empty() && name.size() <= kLongestIdentifier &&
           std::all_of(name.begin(), name.end(), allowed) && !name.starts_with("pg_") &&
           std::find(kReserved.begin(), kReserved.end(), name) == kReserved.end();
}

ProductionSchema ensureProduction(pqxx::work& work, const std::string& production)
{
    if (!canBeProduction(production))
        throw core::UserError(
            "'" + production.substr(0, kLongestIdentifier) + "' cannot be the name of a production",
            "Use letters, digits, '-', '_' and '.', at most 63 of them; voorwerp, public and names "
            "that begin with pg_ are taken.");
    const std::string schema = work.quote_name(production);
    const std::string q3c = q3cSchema(work);
    ProductionSchema made{0, !q3c.empty()};
    if (isComplete(work, production, made.skyIndex))
        return made;
    work.exec_params("SELECT pg_advisory_xact_lock($1)", kAdvisoryLock);
    makeShared(work, production, [&] {
        if (work.exec_params("SELECT FROM pg_namespace WHERE nspname = $1", production).empty())
            work.exec("CREATE SCHEMA " + schema);
        for (const SpecprodTable& table : specprodTables()) {
            if (!exists(work, schema + "." + table.name)) {
                work.exec(tableSql(table, schema));
                ++made.tablesMade;
            }
            if (made.skyIndex && !table.ra.empty())
                createSkyIndex(work, table, schema, q3c);
        }
    });
    return made;
}

std::vector<std::string> takeIndexesAway(pqxx::work& work, const std::string& production)
{
    std::vector<std::string> statements;
    for (const auto& row : work.exec_params(
             "SELECT format('%I.%I', n.nspname, c.relname), pg_get_indexdef(c.oid) FROM pg_index i JOIN "
             "pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
             "n.nspname = $1 AND NOT i.indisprimary",
             production)) {
        work.exec("DROP INDEX " + textOf(row[0]));
        statements.push_back(textOf(row[1]));
    }
    return statements;
}

ProductionSchema createProduction(const Database& database, const std::string& production)
{
    return inTransaction(database, [&](pqxx::work& work) { return ensureProduction(work, production); });
}

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/specprod_browse.h"

#include "catalog/catalog_source.h"
#include "catalog/migrations.h"
#include "catalog/names.h"
#include "catalog/session.h"
#include "catalog/specprod_sql.h"
#include "catalog/sql_values.h"
#include "catalog/target_row.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <utility>

namespace voorwerp::catalog {

namespace {

using ColumnNames = std::set<std::string, std::less<>>;

/// What the server has, as far as this role may read it.
struct ServerTables
{
    ColumnNames zpix, photometry;
    double rows = 0.0;
};

ServerTables findTables(pqxx::work& work, const std::string& production)
{
    ServerTables tables;
    const auto columns = work.exec_params(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE n.nspname = $1 AND c.relname IN ('zpix', 'photometry') AND "
        "has_column_privilege(c.oid, a.attnum, 'SELECT')",
        production);
    for (const auto& row : columns)
        (textOf(row[0]) == "zpix" ? tables.zpix : tables.photometry).insert(textOf(row[1]));
    const auto rows = work.exec_params(
        "SELECT CASE c.relkind WHEN 'r' THEN c.reltuples ELSE -1 END FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'zpix'",
        production);
    tables.rows = rows.empty() ? -1.0 : realOf<double>(rows[0][0]);
    return tables;
}

/// Columns of ours that a production calls otherwise, or that are the same for all of its rows.
struct Meaning
{
    const char* name;
    const char* sql;   ///< z zpix, p photometry
    const char* needs; ///< the column that the server must have; empty: none
};
constexpr std::array kMeanings = {
    Meaning{"target_ra", "p.ra", "ra"},
    Meaning{"target_dec", "p.dec", "dec"},
    Meaning{"spgrp", "'healpix'::text", ""},
    Meaning{"spgrpval", "z.healpix", "healpix"},
    Meaning{"tileid", "-1", ""},
    Meaning{"objtype", "'TGT'::text", ""}, // specprod-db has no sky targets
    Meaning{"redshift_source", "'redrock'::text", ""},
    Meaning{"file_row", "-1", ""},
};

/// NULL, or an empty text, as voorwerp.target would have it.
std::string emptyValue(const std::string& column)
{
    const ColumnSpec* spec = findColumn(column);
    if (spec == nullptr)
        return "NULL::text";
    switch (spec->info.type) {
    case ColumnType::Integer:
        return "NULL::int8";
    case ColumnType::Real:
        return spec->single ? "NULL::float4" : "NULL::float8";
    default:
        return "''::text";
    }
}

/// nullopt: the server does not have it.
std::optional<std::string> valueOf(const std::string& column, const ServerTables& server)
{
    if (server.zpix.contains(column))
        return "z." + column;
    for (const Meaning& meaning : kMeanings) {
        const std::string_view needs = meaning.needs;
        const bool there =
            needs.empty() || (meaning.sql[0] == 'p' ? server.photometry : server.zpix).contains(needs);
        if (column == meaning.name && there)
            return meaning.sql;
    }
    if (server.photometry.contains(column))
        return "p." + column;
    return std::nullopt;
}

/// Every column that a query may read of t: those of rows, and those that expressions name.
std::set<std::string> wantedColumns()
{
    std::set<std::string> names(kTargetColumns.begin(), kTargetColumns.end());
    for (const ColumnSpec& spec : columnTable()) {
        for (auto at = spec.sql.find("t."); at != std::string::npos; at = spec.sql.find("t.", at + 1)) {
            const auto isPart = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
            if (at > 0 && isPart(static_cast<unsigned char>(spec.sql[at - 1])))
                continue;
            const auto end =
                std::find_if_not(spec.sql.begin() + static_cast<std::ptrdiff_t>(at) + 2, spec.sql.end(),
                                 [&](char c) { return isPart(static_cast<unsigned char>(c)); });
            names.insert(std::string(spec.sql.begin() + static_cast<std::ptrdiff_t>(at) + 2, end));
        }
    }
    return names;
}

ProductionTables describe(pqxx::work& work, const std::string& production)
{
    const ServerTables server = findTables(work, production);
    for (const char* needed : {"id", "targetid", "survey", "program", "healpix", "z"})
        if (!server.zpix.contains(needed))
            throw core::UserError("the table zpix of '" + production + "' has no column '" + needed +
                                      "': this is no production of specprod-db",
                                  "Choose another schema.");
    ProductionTables tables;
    tables.production = production;
    tables.rows = server.rows;
    tables.q3c = q3cSchema(work);
    tables.zpix = work.quote_name(production) + ".zpix";
    if (server.photometry.contains("targetid"))
        tables.join =
            " LEFT JOIN " + work.quote_name(production) + ".photometry p ON p.targetid = z.targetid";
    for (const std::string& column : wantedColumns()) {
        auto value = column == "specprod" ? work.quote(production) + "::text" : valueOf(column, server);
        if (!value) {
            tables.lacking.push_back(column);
            value = emptyValue(column);
        }
        tables.columns += (tables.columns.empty() ? "" : ", ") + *value + " AS " + column;
    }
    return tables;
}

std::vector<std::string> productionsOf(pqxx::work& work)
{
    std::vector<std::string> names;
    for (const auto& row :
         work.exec("SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                   "WHERE c.relname = 'zpix' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND "
                   "has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') "
                   "ORDER BY 1"))
        names.push_back(textOf(row[0]));
    return names;
}

} // namespace

std::vector<std::string> listProductions(const Database& server)
{
    return inTransaction(server, [](pqxx::work& work) { return productionsOf(work); });
}

Database openProduction(const std::string& uri, const std::string& production)
{
    const Database server(uri);
    return {uri, CatalogSource(inTransaction(server, [&](pqxx::work& work) {
                const auto names = productionsOf(work);
                if (std::find(names.begin(), names.end(), production) == names.end()) {
                    std::string list;
                    for (const std::string& name : names)
                        list += (list.empty() ? "" : ", ") + name;
                    throw core::UserError("there is no production '" + production.substr(0, 64) + "' on " +
                                              server.description(),
                                          list.empty()
                                              ? "This role may read no schema with a table zpix there."
                                              : didYouMean(production, names, "There is: " + list + "."));
                }
                return describe(work, production);
            }))};
}

std::optional<Database> catalogueBeside(const std::string& uri)
{
    const Database server(uri);
    const bool isThere = inTransaction(server, [](pqxx::work& work) {
        const auto readable =
            work.exec1("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
                       "n.nspname = 'voorwerp' AND c.relname IN ('schema_migration', 'target', 'file', "
                       "'label', 'spectrum') AND has_schema_privilege(n.oid, 'USAGE') AND "
                       "has_table_privilege(c.oid, 'SELECT')");
        return readable[0].as<int>() == 5 &&
               work.exec1("SELECT coalesce(max(version), 0) FROM voorwerp.schema_migration")[0].as<int>() ==
                   latestSchemaVersion();
    });
    return isThere ? std::optional(server) : std::nullopt;
}

const std::string& productionName(const Database& database)
{
    return database.source().tables().production;
}

bool lacksColumn(const Database& database, const std::string& column)
{
    const ColumnSpec* spec = database.isBrowsed() ? findColumn(column) : nullptr;
    if (spec == nullptr)
        return false;
    const auto& lacking = database.source().tables().lacking;
    return !spec->sql.starts_with("t.") ||
           std::find(lacking.begin(), lacking.end(), spec->info.name) != lacking.end();
}

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: which tables the queries on spectra read, the schema voorwerp or a production of a
// specprod-db server that is only browsed, and how those tables name a row.

#include "catalog/column_table.h"
#include "catalog/where_sql.h"
#include "core/ids.h"

#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace voorwerp::catalog {

/// How a production stands for voorwerp.target. Texts are SQL of our own words and quoted identifiers.
struct ProductionTables
{
    std::string production;
    std::string columns;              ///< of a SELECT: those of voorwerp.target, id being zpix.id
    std::string zpix;                 ///< "iron"."zpix"
    std::string join;                 ///< LEFT JOIN of photometry; empty: the server has none
    double rows = 0.0;                ///< of zpix, as the server estimates them; < 0: not a plain table
    std::string q3c;                  ///< schema of that extension; empty: the server does not have it
    std::vector<std::string> lacking; ///< columns that are NULL or empty on this server
};

/// A value; immutable once a Database has it. Any thread.
class CatalogSource
{
public:
    /// The schema voorwerp.
    CatalogSource() = default;
    explicit CatalogSource(ProductionTables tables);

    bool isProduction() const { return !m_tables.zpix.empty(); }
    const ProductionTables& tables() const { return m_tables; }

    /// What stands for voorwerp.target in a query, without its name t.
    std::string targets() const;
    /// What follows it: f file, l label; with a model s its scores, and $1 must then be its id.
    std::string joins(ScoreJoin scores) const;
    /// " FROM ..." with t target, f file, l label; with a model s its scores, and $1 must then be its id. The
    /// planner flattens a production's subselect, so that the server's indexes serve.
    std::string from(ScoreJoin scores) const;
    /// The same over a share of the rows, blocks chosen by the server and the same ones each time, for
    /// pictures of productions too large to be counted; share() says how many rows one stands for.
    std::string fromSample(ScoreJoin scores) const;
    double share() const;

    /// A condition on the place of t: of a production by the server's q3c where it has that.
    std::string cone(double ra, double dec, double radiusArcsec, SqlParameters& parameters) const;

    /// The SQL type of t.id.
    const char* idType() const { return isProduction() ? "numeric" : "int8"; }
    /// A parameter of that type.
    std::string idText(core::SpectrumId id) const;
    /// Throws DatabaseError for an id of a production that does not fit into 64 bits (see specprod_id.h).
    core::SpectrumId idOf(const pqxx::field& field) const;

private:
    std::string selection(const std::string& sample) const;

    ProductionTables m_tables;
};

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The schema of a production as DESI's specprod-db has it: tables, columns, types and indexes of
// resources/specprod_db.csv, so that a query written for DESI's server runs here. References between the
// tables are not enforced, and columns may be NULL: a file brings what it has.

#include "catalog/database.h"

#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::catalog {

struct SpecprodColumn
{
    std::string name;
    std::string type; ///< as PostgreSQL takes it: int8, varchar(7), numeric(39), ...
    bool isKey = false;
    bool isIndexed = false;
    int placeInUnique = 0; ///< in the unique index, from 1; 0: not in it
};

struct SpecprodTable
{
    std::string name;
    std::vector<SpecprodColumn> columns;
    std::string ra, dec; ///< columns of the q3c index; empty: none
};

/// In the order of the resource.
const std::vector<SpecprodTable>& specprodTables();
/// The table must exist.
const SpecprodTable& specprodTable(std::string_view name);

/// Whether a schema of our database may have the name: letters, digits, '-', '_' and '.', at most 63 of them,
/// and not one that PostgreSQL or Voorwerp uses itself.
bool canBeProduction(std::string_view name);

struct ProductionSchema
{
    int tablesMade = 0;   ///< 0: everything was there
    bool skyIndex = true; ///< false: q3c is not installed, so its indexes are missing
};

/// Creates the schema, or what is missing in it; what is there stays as it is. Throws UserError for a name
/// that cannot be used, DatabaseError.
ProductionSchema createProduction(const Database& database, const std::string& production);

} // namespace voorwerp::catalog

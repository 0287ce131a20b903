// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: productions in the transaction of a file.

#include "catalog/specprod_schema.h"
#include "catalog/specprod_store.h"

#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace voorwerp::catalog {

/// The schema of the extension q3c, quoted; empty: it is not installed in this database.
std::string q3cSchema(pqxx::work& work);

/// createProduction() in this transaction.
ProductionSchema ensureProduction(pqxx::work& work, const std::string& production);

/// Drops the indexes of a production that this transaction made, but for the primary keys, and returns what
/// makes them again: after a load that costs less than keeping them during it, and nobody else sees the
/// difference.
std::vector<std::string> takeIndexesAway(pqxx::work& work, const std::string& production);

/// Rows of a file into the tables of a production, in this transaction: see SpecprodRows. The production must
/// be there.
SpecprodCounts writeSpecprodRows(pqxx::work& work, const std::string& production, const SpecprodRows& rows);

} // namespace voorwerp::catalog

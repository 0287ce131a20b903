// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Browsing a PostgreSQL server of DESI's (specprod-db): a schema a production, a role that may only read, no
// schema voorwerp. The queries of target_query.h and survey_shape.h list its zpix joined with photometry as
// they list our own spectra; nothing is ever written there.

#include "catalog/database.h"

#include <optional>
#include <string>
#include <vector>

namespace voorwerp::catalog {

/// Schemas that hold a table zpix which this role may read, sorted. Throws DatabaseError.
std::vector<std::string> listProductions(const Database& server);

/// The production as a Database: connections refuse to write, ids are those of specprod_id.h. uri as libpq
/// takes it; the password comes from ~/.pgpass. Throws DatabaseError, and UserError naming the productions
/// that are there when this one is not.
Database openProduction(const std::string& uri, const std::string& production);

/// The schema voorwerp of the same server, to read spectra from; nullopt: there is none, this role may not
/// read it, or another version of this program made it. Throws DatabaseError.
std::optional<Database> catalogueBeside(const std::string& uri);

/// "iron"; empty for our own catalogue.
const std::string& productionName(const Database& database);

/// Whether a column of expressions is NULL or empty in all rows, because the server has nothing of the kind:
/// S/N, labels, scores. False for our own catalogue.
bool lacksColumn(const Database& database, const std::string& column);

} // namespace voorwerp::catalog

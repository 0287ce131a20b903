// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: tests that no index can answer, of columns that have few values and an index.

#include "catalog/database.h"
#include "catalog/where_tree.h"

#include <memory>
#include <stop_token>

namespace voorwerp::catalog {

/// Asks the server for which of its few values a test holds: "zwarn & 1024" becomes "zwarn in (1030, 1542)",
/// which an index finds and of which the planner knows how often it is. For the schema voorwerp. A value that
/// another program adds meanwhile is missed until the list is asked for again.
void useFewValues(std::unique_ptr<WhereNode>& root, const Database& database, const std::stop_token& stop);

} // namespace voorwerp::catalog

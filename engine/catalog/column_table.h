// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: the only column names that may stand in a query on a user's behalf.

#include "catalog/where.h"

#include <string>
#include <string_view>

namespace voorwerp::catalog {

/// A column as people see it, and the SQL that reads it. Tables: t target, f file, l label, s score.
struct ColumnSpec
{
    ColumnInfo info;
    std::string sql;
    bool single = false;    ///< PostgreSQL real: literals are compared in single precision too
    bool nullable = true;   ///< texts of the catalogue and ids are never NULL
    bool sortable = true;   ///< there is an index that keeps its order: lists may be sorted by it
    bool fewValues = false; ///< mostly, so that the index finds them all in no time
};

const std::vector<ColumnSpec>& columnTable();
/// Any case. nullptr: no such column.
const ColumnSpec* findColumn(std::string_view name);
/// For hints.
std::vector<std::string> columnNames(bool withModel);

/// The tables of every query on targets. With a model its scores are joined; $1 must then be its id. Joins
/// that a query does not use cost nothing.
enum class ScoreJoin { None, Optional, Required };
std::string fromTargets(ScoreJoin scores);
/// The joins alone, for a query that has its t already.
std::string joinsOfTargets(ScoreJoin scores);
/// The same tables with about one of a hundred targets in them, for estimates.
std::string fromSampledTargets(ScoreJoin scores);

} // namespace voorwerp::catalog

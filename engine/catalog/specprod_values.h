// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: which column of a file fills which column of a production, and how its values are written
// for COPY. The rules are in specprod_store.h.

#include "catalog/specprod_schema.h"
#include "catalog/specprod_store.h"

#include <functional>
#include <string>
#include <vector>

namespace voorwerp::catalog {

/// Appends the value of a row as a field of COPY's text form; "\N" where there is none.
using AppendField = std::function<void(std::size_t row, std::string& line)>;

struct FilledColumn
{
    std::string name;
    AppendField append;
};

/// The columns of the table that the rows can fill, its key first. Empty: not even the key. The rows must
/// outlive it.
std::vector<FilledColumn> filledColumns(const SpecprodTable& table, const SpecprodRows& rows);

/// What becomes of a row.
enum class RowUse { Taken, Sky, Unknown };
/// One entry a row. Throws core::FormatError where a column is missing without which rows have no id.
std::vector<RowUse> usesOfRows(const SpecprodRows& rows);

/// As desiutil's radec_to_desiname: "DESI J" and both angles in degrees, cut after four decimals.
std::string desiName(double raDegrees, double decDegrees);

} // namespace voorwerp::catalog

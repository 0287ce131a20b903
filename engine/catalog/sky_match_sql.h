// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: pairs of imported rows and spectra as SQL.

#include "catalog/where_sql.h"

#include <string>

namespace voorwerp::catalog {

/// Changes when spectra are ingested, read again or removed.
inline constexpr const char* kTargetsState =
    "(SELECT concat_ws('/', count(*), max(id), max(ingested)) FROM voorwerp.file WHERE kind = 'coadd')";

/// SELECT row_number, id, targetid, separation [arcsec] of all pairs within the radius of the rows that
/// places (a SELECT of row_number, ra, dec) gives. withQ3c: by q3c_join(), which wins where the strip of
/// declination is wide.
std::string pairsSql(const std::string& places, double radiusArcsec, const std::string& where, bool withQ3c,
                     SqlParameters& parameters);

/// places, moved by an angle into a direction (position angle), both in degrees; on the great circle.
std::string shiftedSql(const std::string& places, double angle, double direction);

/// Number of the cell of half a degree that a place lies in.
std::string cellSql(const std::string& ra, const std::string& dec);
/// Area of the cells in that row of declination [square degrees], by the cell's number.
double cellArea(std::int64_t cell);

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: conditions on places on the sky as SQL over voorwerp.target (t). Each is an exact test
// behind a coarse one that an index answers, so that the answer does not depend on which index there is.
//
// Up to kWideCone the coarse test is a window in declination and right ascension on the index target_sky: 12
// µs a cone of 2", 45 µs one of 60" on 800,000 rows, where q3c's hundred ranges take 2 ms to plan alone. The
// strip of declination grows with the radius, so wider cones ask voorwerp.in_cone(), which is q3c where that
// is installed.

#include "catalog/where_sql.h"

#include <string>

namespace voorwerp::catalog {

inline constexpr double kWideCone = 1800.0; ///< arcsec

/// Great-circle distance by the haversine formula (Sinnott 1984, Sky & Telescope 68, 159): exact to rounding
/// at small angles. ra, dec in degrees; the edge belongs to the cone.
std::string coneSql(double ra, double dec, double radiusArcsec, SqlParameters& parameters);
/// Between two meridians and two parallels, edges included; raMin > raMax: the box goes over RA 0.
std::string boxSql(double raMin, double raMax, double decMin, double decMax, SqlParameters& parameters);

/// sin²(distance / 2) of two places given as SQL expressions in degrees.
std::string haversineSql(const std::string& ra1, const std::string& dec1, const std::string& ra2,
                         const std::string& dec2);
/// The same of an angle in arcseconds.
double haversineOf(double arcsec);

/// Spectra that the last match of an imported catalogue found; an error of the server when there is none of
/// that name.
std::string matchedSql(const std::string& catalogue, SqlParameters& parameters);
/// The smallest separation in arcseconds; NULL for the others.
std::string matchSeparationSql(const std::string& catalogue, SqlParameters& parameters);

} // namespace voorwerp::catalog

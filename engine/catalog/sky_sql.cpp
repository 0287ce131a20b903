// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/sky_sql.h"

#include "catalog/sql_values.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace voorwerp::catalog {

namespace {

constexpr double kMargin = 1e-9; ///< degrees, for the rounding of the coarse test
constexpr double kRadian = M_PI / 180.0;

using Range = std::pair<double, double>;

/// The right ascensions that a circle covers; empty: all of them (it holds a pole).
std::vector<Range> raWindows(double ra, double dec, double radius)
{
    if (std::fabs(dec) + radius >= 90.0 - 1e-6)
        return {};
    const double half =
        std::asin(std::min(1.0, std::sin(radius * kRadian) / std::cos(dec * kRadian))) / kRadian + kMargin;
    if (ra - half < 0.0)
        return {{ra - half + 360.0, 360.0}, {0.0, ra + half}};
    if (ra + half > 360.0)
        return {{ra - half, 360.0}, {0.0, ra + half - 360.0}};
    return {{ra - half, ra + half}};
}

std::string between(const char* column, Range range, SqlParameters& parameters)
{
    return std::string(column) + " BETWEEN " + parameters.add(numberText(range.first), "float8") + " AND " +
           parameters.add(numberText(range.second), "float8");
}

std::string anyOf(const std::vector<Range>& windows, SqlParameters& parameters)
{
    std::string sql;
    for (const Range& window : windows)
        sql += (sql.empty() ? "" : " OR ") + between("t.target_ra", window, parameters);
    return "(" + sql + ")";
}

} // namespace

std::string haversineSql(const std::string& ra1, const std::string& dec1, const std::string& ra2,
                         const std::string& dec2)
{
    return "power(sind((" + dec1 + " - " + dec2 + ") / 2), 2) + cosd(" + dec1 + ") * cosd(" + dec2 +
           ") * power(sind((" + ra1 + " - " + ra2 + ") / 2), 2)";
}

double haversineOf(double arcsec)
{
    return std::pow(std::sin(std::min(arcsec / 3600.0, 180.0) * kRadian / 2.0), 2.0);
}

std::string coneSql(double ra, double dec, double radiusArcsec, SqlParameters& parameters)
{
    const double radius = radiusArcsec / 3600.0;
    const std::string centreRa = parameters.add(numberText(ra), "float8");
    const std::string centreDec = parameters.add(numberText(dec), "float8");
    std::string sql =
        "(" + between("t.target_dec", {dec - radius - kMargin, dec + radius + kMargin}, parameters);
    const auto windows = raWindows(ra, dec, radius);
    if (radiusArcsec > kWideCone)
        sql += " AND voorwerp.in_cone(t.target_ra, t.target_dec, " + centreRa + ", " + centreDec + ", " +
               parameters.add(numberText(radius + kMargin), "float8") + ")";
    else if (!windows.empty())
        sql += " AND " + anyOf(windows, parameters);
    return sql + " AND " + haversineSql("t.target_ra", "t.target_dec", centreRa, centreDec) +
           " <= " + parameters.add(numberText(haversineOf(radiusArcsec)), "float8") + ")";
}

std::string boxSql(double raMin, double raMax, double decMin, double decMax, SqlParameters& parameters)
{
    const std::vector<Range> windows = raMin <= raMax ? std::vector<Range>{{raMin, raMax}}
                                                      : std::vector<Range>{{raMin, 360.0}, {0.0, raMax}};
    return "(" + between("t.target_dec", {decMin, decMax}, parameters) + " AND " +
           anyOf(windows, parameters) + ")";
}

std::string matchedSql(const std::string& catalogue, SqlParameters& parameters)
{
    return "(t.id IN (SELECT m.target_id FROM voorwerp.catalogue_match m WHERE m.catalogue_id = "
           "voorwerp.catalogue_id(" +
           parameters.add(catalogue, "text") + ")))";
}

std::string matchSeparationSql(const std::string& catalogue, SqlParameters& parameters)
{
    return "(SELECT min(m.separation) FROM voorwerp.catalogue_match m WHERE m.catalogue_id = "
           "voorwerp.catalogue_id(" +
           parameters.add(catalogue, "text") + ") AND m.target_id = t.id)";
}

} // namespace voorwerp::catalog

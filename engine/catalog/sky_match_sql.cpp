// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/sky_match_sql.h"

#include "catalog/column_table.h"
#include "catalog/sky_sql.h"
#include "catalog/sql_values.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::catalog {

namespace {

constexpr double kCell = 0.5;               // degrees
constexpr std::int64_t kMostColumns = 1000; // cells in a row of declination: fewer than 360 / kCell

/// The right ascensions around a row's place; a window over 0 is there twice, one that holds a pole is all.
std::string windowsSql(const std::string& places, const std::string& radius)
{
    return "WITH p AS MATERIALIZED (SELECT row_number, ra, dec, abs(dec) + " + radius +
           " > 89.9999 AS polar FROM (" + places +
           ") q), w AS MATERIALIZED (SELECT row_number, ra, dec, CASE WHEN polar THEN 0 ELSE ra - half END "
           "AS low, "
           "CASE WHEN polar THEN 360 ELSE ra + half END AS high FROM (SELECT p.*, CASE WHEN polar THEN 0 "
           "ELSE "
           "asind(least(1, sind(" +
           radius +
           ") / cosd(dec))) + 1e-9 END AS half FROM p) h), s AS MATERIALIZED (SELECT * FROM w UNION ALL "
           "SELECT row_number, ra, dec, low + 360, high + 360 FROM w WHERE low < 0 UNION ALL "
           "SELECT row_number, ra, dec, low - 360, high - 360 FROM w WHERE high > 360) ";
}

} // namespace

std::string pairsSql(const std::string& places, double radiusArcsec, const std::string& where, bool withQ3c,
                     SqlParameters& parameters)
{
    const std::string radius = parameters.add(numberText(radiusArcsec / 3600.0 + 1e-9), "float8");
    const std::string chord = parameters.add(numberText(haversineOf(radiusArcsec)), "float8");
    const std::string haversine = haversineSql("s.ra", "s.dec", "t.target_ra", "t.target_dec");
    std::string targets = " FROM voorwerp.target t";
    std::string condition;
    if (!where.empty()) {
        targets = fromTargets(ScoreJoin::None);
        condition = " AND " + compileWhere(where, false, parameters);
    }
    const std::string near = withQ3c ? "q3c_join(s.ra, s.dec, t.target_ra, t.target_dec, " + radius + ")"
                                     : "t.target_dec BETWEEN s.dec - " + radius + " AND s.dec + " + radius +
                                           " AND t.target_ra BETWEEN s.low AND s.high";
    // OFFSET 0 keeps the planner from turning this into a join that reads the whole survey.
    return windowsSql(places, radius) +
           "SELECT s.row_number, x.id, x.targetid, 7200 * asind(sqrt(least(1, x.h))) AS separation FROM " +
           (withQ3c ? "p" : "s") + " s CROSS JOIN LATERAL (SELECT t.id, t.targetid, " + haversine + " AS h" +
           targets + " WHERE " + near + condition + " OFFSET 0) x WHERE x.h <= " + chord;
}

std::string shiftedSql(const std::string& places, double angle, double direction)
{
    const std::string sine = "least(1, greatest(-1, sind(q.dec) * cosd(" + numberText(angle) +
                             "::float8) + cosd(q.dec) * sind(" + numberText(angle) + "::float8) * cosd(" +
                             numberText(direction) + "::float8)))";
    const std::string east =
        "sind(" + numberText(direction) + "::float8) * sind(" + numberText(angle) + "::float8) * cosd(q.dec)";
    return "SELECT row_number, CASE WHEN a < 0 THEN a + 360 WHEN a >= 360 THEN a - 360 ELSE a END AS ra, dec "
           "FROM "
           "(SELECT q.row_number, q.ra + atan2d(" +
           east + ", cosd(" + numberText(angle) + "::float8) - sind(q.dec) * " + sine + ") AS a, asind(" +
           sine + ") AS dec FROM (" + places + ") q) moved";
}

std::string cellSql(const std::string& ra, const std::string& dec)
{
    const std::string band = "least(floor((" + dec + " + 90) / " + numberText(kCell) + "), " +
                             numberText(180.0 / kCell - 1.0) + ")";
    const std::string columns = "greatest(1, round(" + numberText(360.0 / kCell) + " * cosd(" + band + " * " +
                                numberText(kCell) + " - " + numberText(90.0 - kCell / 2.0) + ")))";
    return "(" + band + " * " + numberText(kMostColumns) + " + least(floor(" + ra + " / 360 * " + columns +
           "), " + columns + " - 1))::int8";
}

double cellArea(std::int64_t cell)
{
    const double low = static_cast<double>(cell / kMostColumns) * kCell - 90.0;
    const double columns =
        std::max(1.0, std::round(360.0 / kCell * std::cos((low + kCell / 2.0) * M_PI / 180.0)));
    const double band = std::sin((low + kCell) * M_PI / 180.0) - std::sin(low * M_PI / 180.0);
    return 360.0 / columns * band * 180.0 / M_PI;
}

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/catalog_source.h"

#include "catalog/sky_sql.h"
#include "catalog/specprod_id.h"
#include "catalog/sql_values.h"

#include <algorithm>
#include <utility>

namespace voorwerp::catalog {

namespace {

constexpr double kSampledRows = 300'000.0;

/// Neither files nor labels: the planner makes constants of them.
constexpr const char* kNoFilesAndLabels =
    " CROSS JOIN (SELECT ''::text AS path) f LEFT JOIN (SELECT ''::text AS class, 0::int2 AS quality, "
    "''::text "
    "AS comment, ''::text AS author, now() AS changed WHERE false) l ON true";

} // namespace

CatalogSource::CatalogSource(ProductionTables tables)
    : m_tables(std::move(tables))
{
}

/// Of a production, parenthesised.
std::string CatalogSource::selection(const std::string& sample) const
{
    return "(SELECT " + m_tables.columns + " FROM " + m_tables.zpix + " z" + sample + m_tables.join + ")";
}

std::string CatalogSource::targets() const
{
    return isProduction() ? selection({}) : "voorwerp.target";
}

std::string CatalogSource::joins(ScoreJoin scores) const
{
    if (!isProduction())
        return joinsOfTargets(scores);
    if (scores != ScoreJoin::None)
        throw core::UserError("a server that is only browsed has no scores",
                              "Import the files of these spectra into a workspace to score them.");
    return kNoFilesAndLabels;
}

std::string CatalogSource::from(ScoreJoin scores) const
{
    return " FROM " + targets() + " t" + joins(scores);
}

double CatalogSource::share() const
{
    return m_tables.rows > kSampledRows ? kSampledRows / m_tables.rows : 1.0;
}

std::string CatalogSource::fromSample(ScoreJoin scores) const
{
    if (share() == 1.0)
        return from(scores);
    return " FROM " + selection(" TABLESAMPLE SYSTEM (" + numberText(100.0 * share()) + ") REPEATABLE (1)") +
           " t" + joins(scores);
}

std::string CatalogSource::cone(double ra, double dec, double radiusArcsec, SqlParameters& parameters) const
{
    if (!isProduction())
        return coneSql(ra, dec, radiusArcsec, parameters);
    const std::string centreRa = parameters.add(numberText(ra), "float8");
    const std::string centreDec = parameters.add(numberText(dec), "float8");
    constexpr double kMargin = 1e-9; // degrees, for the rounding of the coarse test
    const double radius = radiusArcsec / 3600.0 + kMargin;
    const std::string coarse =
        m_tables.q3c.empty()
            ? "t.target_dec BETWEEN " + parameters.add(numberText(dec - radius), "float8") + " AND " +
                  parameters.add(numberText(dec + radius), "float8")
            : m_tables.q3c + ".q3c_radial_query(t.target_ra, t.target_dec, " + centreRa + ", " + centreDec +
                  ", " + parameters.add(numberText(std::min(radius, 180.0)), "float8") + ")";
    return "(" + coarse + " AND " + haversineSql("t.target_ra", "t.target_dec", centreRa, centreDec) +
           " <= " + parameters.add(numberText(haversineOf(radiusArcsec)), "float8") + ")";
}

std::string CatalogSource::idText(core::SpectrumId id) const
{
    if (!isProduction())
        return numberText(id.value);
    const auto zpix = zpixIdOf(id);
    return zpix ? zpix->decimal() : "-1";
}

core::SpectrumId CatalogSource::idOf(const pqxx::field& field) const
{
    if (!isProduction())
        return {field.as<std::int64_t>()};
    const std::string text = textOf(field);
    const auto zpix = SpecprodId::parse(text);
    const auto id = zpix ? spectrumIdOf(*zpix) : std::nullopt;
    if (!id)
        throw core::DatabaseError(core::DatabaseError::Kind::Refused,
                                  "the row " + text + " of " + m_tables.zpix +
                                      " has no id of DESI's form (survey, program, TARGETID)",
                                  "Leave it out with a filter on its targetid.");
    return *id;
}

} // namespace voorwerp::catalog

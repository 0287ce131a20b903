// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/survey_shape.h"

#include "catalog/catalog_source.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"
#include "catalog/where_sql.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::catalog {

namespace {

constexpr SurveyExtent kWholeSky{0.0, 360.0, -90.0, 90.0, -0.01, 7.0};

/// A little wider than the values, so that the largest is inside its bin.
void widen(double& low, double& high, double least)
{
    const double margin = std::max(0.02 * (high - low), least);
    low -= margin;
    high += margin;
}

std::string bucket(const char* column, double low, double high, int bins, SqlParameters& parameters)
{
    return std::string("width_bucket(") + column + ", " + parameters.add(numberText(low), "float8") + ", " +
           parameters.add(numberText(high), "float8") + ", " + parameters.add(numberText(bins), "int4") + ")";
}

std::size_t binOf(const pqxx::field& field, std::size_t bins)
{
    return std::min(static_cast<std::size_t>(std::max(field.as<int>(), 1)), bins) - 1;
}

} // namespace

std::optional<SurveyExtent> findExtent(const Database& database, std::stop_token stop)
{
    if (database.isBrowsed())
        return kWholeSky; // looking through somebody's server for the corners is not worth it
    return inTransaction(database, std::move(stop), [](pqxx::work& work) -> std::optional<SurveyExtent> {
        const auto row = work.exec1("SELECT min(target_ra), max(target_ra), min(target_dec), max(target_dec),"
                                    " coalesce(min(z), 0), coalesce(max(z), 0) FROM voorwerp.target");
        if (row[0].is_null() || row[2].is_null())
            return std::nullopt;
        SurveyExtent extent{realOf<double>(row[0]), realOf<double>(row[1]), realOf<double>(row[2]),
                            realOf<double>(row[3]), realOf<double>(row[4]), realOf<double>(row[5])};
        widen(extent.raLow, extent.raHigh, 0.05);
        widen(extent.decLow, extent.decHigh, 0.05);
        widen(extent.zLow, extent.zHigh, 0.005);
        extent.raLow = std::max(extent.raLow, 0.0);
        extent.raHigh = std::min(extent.raHigh, 360.0);
        extent.decLow = std::max(extent.decLow, -90.0);
        extent.decHigh = std::min(extent.decHigh, 90.0);
        return extent;
    });
}

SurveyShape findShape(const Database& database, const SurveyShapeRequest& request, std::stop_token stop)
{
    checkWhere(request.where, request.model.has_value());
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        const SurveyExtent& extent = request.extent;
        const CatalogSource& source = database.source();
        SqlParameters parameters;
        if (request.model)
            parameters.add(numberText(request.model->value), "int8");
        const std::string condition =
            compileWhere(request.where, request.model.has_value(), parameters, &source);
        const std::string sql =
            "SELECT grouping(b.z), b.z, b.ra, b.dec, count(*) FROM (SELECT " +
            bucket("t.z", extent.zLow, extent.zHigh, request.zBins, parameters) + " AS z, " +
            bucket("t.target_ra", extent.raLow, extent.raHigh, request.raBins, parameters) + " AS ra, " +
            bucket("t.target_dec", extent.decLow, extent.decHigh, request.decBins, parameters) + " AS dec" +
            source.fromSample(request.model ? ScoreJoin::Optional : ScoreJoin::None) + " WHERE " + condition +
            ") b GROUP BY GROUPING SETS ((b.z), (b.ra, b.dec))";
        const auto raBins = static_cast<std::size_t>(request.raBins);
        const auto decBins = static_cast<std::size_t>(request.decBins);
        const auto zBins = static_cast<std::size_t>(request.zBins);
        SurveyShape shape{extent, request.raBins, request.decBins, {}, {}};
        shape.sky.resize(raBins * decBins);
        shape.z.resize(zBins);
        for (const auto& row : parameters.run(work, sql)) {
            const std::int64_t count = std::llround(row[4].as<double>() / source.share());
            const bool ofSky = row[0].as<int>() == 1;
            if (!ofSky && !row[1].is_null())
                shape.z[binOf(row[1], zBins)] += count;
            else if (ofSky && !row[2].is_null() && !row[3].is_null())
                shape.sky[binOf(row[3], decBins) * raBins + binOf(row[2], raBins)] += count;
        }
        return shape;
    });
}

} // namespace voorwerp::catalog

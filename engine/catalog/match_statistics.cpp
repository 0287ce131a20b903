// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/sky_match.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace voorwerp::catalog {

using Json = nlohmann::ordered_json;

std::string MatchStatistics::toJson() const
{
    auto points = Json::array();
    for (const MatchCurvePoint& point : curve)
        points.push_back({point.radiusArcsec, point.matched, point.chanceByDensity, point.chanceByShift});
    return Json{{"radius_arcsec", radiusArcsec},
                {"rows", rows},
                {"in_footprint", inFootprint},
                {"matched", matched},
                {"multiple", multiple},
                {"spectra", spectra},
                {"objects", objects},
                {"shared_objects", shared},
                {"chance_by_density", chanceByDensity},
                {"chance_by_shift", chanceByShift},
                {"chance_by_shift_error", chanceByShiftError},
                {"median_separation_arcsec", std::isnan(medianSeparation) ? Json() : Json(medianSeparation)},
                {"seconds", seconds},
                {"curve_columns", {"radius_arcsec", "matched", "chance_by_density", "chance_by_shift"}},
                {"curve", points}}
        .dump();
}

MatchStatistics MatchStatistics::fromJson(const std::string& text)
{
    const Json json = Json::parse(text);
    MatchStatistics statistics;
    statistics.radiusArcsec = json.at("radius_arcsec");
    statistics.rows = json.at("rows");
    statistics.inFootprint = json.at("in_footprint");
    statistics.matched = json.at("matched");
    statistics.multiple = json.at("multiple");
    statistics.spectra = json.at("spectra");
    statistics.objects = json.at("objects");
    statistics.shared = json.at("shared_objects");
    statistics.chanceByDensity = json.at("chance_by_density");
    statistics.chanceByShift = json.at("chance_by_shift");
    statistics.chanceByShiftError = json.at("chance_by_shift_error");
    const Json& median = json.at("median_separation_arcsec");
    statistics.medianSeparation =
        median.is_null() ? std::numeric_limits<double>::quiet_NaN() : median.get<double>();
    statistics.seconds = json.at("seconds");
    for (const Json& point : json.at("curve"))
        statistics.curve.push_back({point.at(0), point.at(1), point.at(2), point.at(3)});
    return statistics;
}

} // namespace voorwerp::catalog

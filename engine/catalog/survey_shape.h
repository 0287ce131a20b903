// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where on the sky and at which redshifts the spectra of a list lie: counts in bins, made by the server in
// one pass, so that millions of spectra travel as a few thousand numbers.

#include "catalog/database.h"
#include "core/ids.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::catalog {

/// The box that holds every spectrum; low < high always. Angles in degrees, J2000.
struct SurveyExtent
{
    double raLow = 0.0, raHigh = 360.0;
    double decLow = -90.0, decHigh = 90.0;
    double zLow = 0.0, zHigh = 1.0;
    bool operator==(const SurveyExtent&) const = default;
};

/// Of all spectra, whatever the filter; nullopt: there are none with a place. The whole sky for a browsed
/// production.
std::optional<SurveyExtent> findExtent(const Database& database, std::stop_token stop = {});

struct SurveyShapeRequest
{
    std::string where; ///< see where.h; empty: all
    std::optional<core::ModelVersionId> model;
    SurveyExtent extent;
    int raBins = 48, decBins = 24, zBins = 40;
};

/// Spectra without a place or a redshift are in no bin; what lies outside of the extent is in the outermost.
struct SurveyShape
{
    SurveyExtent extent;
    int raBins = 0, decBins = 0;
    std::vector<std::int64_t> sky; ///< (decBins, raBins), row-major, both ascending
    std::vector<std::int64_t> z;
};
/// Of a large browsed production an estimate, from the same share of its rows each time. Throws WhereError.
SurveyShape findShape(const Database& database, const SurveyShapeRequest& request, std::stop_token stop = {});

} // namespace voorwerp::catalog

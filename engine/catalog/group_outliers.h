// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: which groups of spectra depart from the rest. The arithmetic of quality_report.h, without
// SQL.

#include "catalog/quality_report.h"

#include <string>
#include <vector>

namespace voorwerp::catalog {

/// What one group has.
struct GroupFacts
{
    std::int64_t value = 0;
    std::int64_t spectra = 0;
    std::int64_t withSnr = 0;
    double medianSnr = 0.0;
    std::int64_t withMask = 0;
    double meanMasked = 0.0;
    std::int64_t withRedshift = 0, warned = 0;
    std::int64_t unusable = 0;
};

/// What the whole sample has.
struct SampleFacts
{
    double medianSnr = 0.0, sigmaSnr = 0.0;
    double meanMasked = 0.0, sigmaMasked = 0.0;
    double warnedShare = 0.0, unusableShare = 0.0;
};

/// Groups of one column that lie beyond kOutlier in some measure.
std::vector<OutlyingGroup> findOutliers(const std::string& column, const std::vector<GroupFacts>& groups,
                                        const SampleFacts& sample);

} // namespace voorwerp::catalog

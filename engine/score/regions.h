// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The stretches of a rest-frame residual that stand out, and the lines they belong to.

#include "core/wavelength_grid.h"
#include "score/component_scores.h"
#include "score/explain.h"

#include <span>
#include <string>
#include <vector>

namespace voorwerp::score {

/// A line of resources/lines.csv (emission and absorption lines merged to one per name and wavelength).
struct SpectralLine
{
    std::string name; ///< "C IV 1549"
    double angstrom = 0.0;
    bool absorption = false;
    bool major = false;
};
const std::vector<SpectralLine>& spectralLines();

/// Stretches where the residual, smoothed over 1,000 km/s, stays on one side beyond 2 σ and peaks beyond 4.5
/// σ; strongest first, at most `most`. row.model includes the amplitude.
std::vector<Region> findRegions(const ModelledRow& row, std::span<const float> residual,
                                const core::LogGrid& grid, std::size_t most);

/// Names the line and velocity of a region: for a deficit, the broad-absorption lines redward of it come
/// first.
void attachLine(Region& region);

} // namespace voorwerp::score

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// DESI's linear grid onto a rest-frame log grid. An input pixel that is cut by an output edge gives each side
// the share o of its width: w_out = Σ o·w, f_out = Σ o·w·f / Σ o·w. So Σw and Σw·f are conserved, a flat
// spectrum stays flat, and an output pixel's weight is the inverse variance of its value.

#include <span>
#include <vector>

namespace voorwerp::dataset {

struct RebinnedSpectrum
{
    std::vector<float> flux;   ///< 0 where weight is 0
    std::vector<float> weight; ///< inverse variance
};

/// flux and ivar on DesiGrid; restEdges: output pixels + 1, rising [Å].
RebinnedSpectrum rebinToRest(std::span<const float> flux, std::span<const float> ivar,
                             std::span<const double> restEdges, double z);

} // namespace voorwerp::dataset

// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/rebin.h"

#include "core/wavelength_grid.h"

#include <algorithm>

namespace voorwerp::dataset {

RebinnedSpectrum rebinToRest(std::span<const float> flux, std::span<const float> ivar,
                             std::span<const double> restEdges, double z)
{
    const std::size_t pixels = restEdges.size() - 1;
    const double inputPixels = static_cast<double>(flux.size());
    RebinnedSpectrum out{std::vector<float>(pixels, 0.0F), std::vector<float>(pixels, 0.0F)};
    // Position of an edge in input pixels, where pixel i covers [i, i + 1).
    const auto position = [&](double restAngstrom) {
        return std::clamp(core::DesiGrid::pixelOf(restAngstrom * (1.0 + z)) + 0.5, 0.0, inputPixels);
    };
    double lower = position(restEdges[0]);
    for (std::size_t j = 0; j < pixels; ++j) {
        const double upper = position(restEdges[j + 1]);
        double sumWeight = 0.0, sumFlux = 0.0;
        const auto take = [&](std::size_t i, double share) {
            const double w = share * ivar[i];
            sumWeight += w;
            sumFlux += w * flux[i];
        };
        const std::size_t first = static_cast<std::size_t>(lower), last = static_cast<std::size_t>(upper);
        if (upper > lower && first == last) {
            take(first, upper - lower);
        } else if (upper > lower) {
            take(first, static_cast<double>(first + 1) - lower);
            for (std::size_t i = first + 1; i < last; ++i)
                take(i, 1.0);
            if (upper > static_cast<double>(last))
                take(last, upper - static_cast<double>(last));
        }
        if (sumWeight > 0.0) {
            out.weight[j] = static_cast<float>(sumWeight);
            out.flux[j] = static_cast<float>(sumFlux / sumWeight);
        }
        lower = upper;
    }
    return out;
}

} // namespace voorwerp::dataset

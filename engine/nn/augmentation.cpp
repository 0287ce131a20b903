// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/augmentation.h"

#include <algorithm>

namespace voorwerp::nn {

void augmentRow(std::span<const float> rowFlux, std::span<const float> rowWeight, const StepOptions& options,
                std::uint32_t row, float* flux, float* weight)
{
    const std::size_t pixels = rowFlux.size();
    PixelRange seen{pixels, 0};
    float largest = 0.0F;
    for (std::size_t i = 0; i < pixels; ++i)
        if (rowWeight[i] > 0.0F) {
            seen = {std::min(seen.begin, i), i + 1};
            largest = std::max(largest, rowFlux[i]);
        }
    const Augmentation& how = options.augmentation;
    const PixelRange kept = shiftedRange(seen, how.shift, options.seed, options.step, row);
    const float deviation = how.noiseLevel * largest;
    for (std::size_t i = 0; i < pixels; ++i) {
        weight[i] = i >= kept.begin && i < kept.end ? rowWeight[i] : 0.0F;
        flux[i] = rowFlux[i];
        if (weight[i] > 0.0F && how.noiseShare > 0.0F)
            flux[i] += deviation * pixelNoise(how.noiseShare, options.seed, options.step, row,
                                              static_cast<std::uint32_t>(i));
    }
}

} // namespace voorwerp::nn

// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/sky_mask.h"

#include "core/resources.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace voorwerp::dataset {
namespace {

using core::DesiGrid;

void maskRange(std::vector<unsigned char>& mask, double first, double last)
{
    const double from = std::max(0.0, std::ceil(DesiGrid::pixelOf(first)));
    const double to = std::min<double>(DesiGrid::kPixels - 1, std::floor(DesiGrid::pixelOf(last)));
    for (double pixel = from; pixel <= to; pixel += 1.0)
        mask[static_cast<std::size_t>(pixel)] = 1;
}

/// Median of the positive values of every fourth pixel in [first, last); 0 when there are none.
float sparseMedian(const std::vector<float>& ivar, std::size_t first, std::size_t last)
{
    std::array<float, 512> values;
    std::size_t count = 0;
    for (std::size_t i = first; i < last && count < values.size(); i += 4) {
        if (ivar[i] > 0.0F)
            values[count++] = ivar[i];
    }
    if (count == 0)
        return 0.0F;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(count / 2);
    std::nth_element(values.begin(), middle, values.begin() + static_cast<std::ptrdiff_t>(count));
    return *middle;
}

} // namespace

std::vector<unsigned char> skyMaskOnDesiGrid(const SkyMaskSettings& settings)
{
    std::vector<unsigned char> mask(DesiGrid::kPixels, 0);
    if (!settings.enabled)
        return mask;
    for (const auto& row : core::resourceCsv("sky_lines.csv")) {
        const double wavelength = std::stod(row.at(0)), intensity = std::stod(row.at(1));
        if (intensity <= settings.minIntensity)
            continue;
        const double half =
            settings.halfWidthAngstrom * (1.0 + std::log10(intensity / settings.minIntensity));
        maskRange(mask, wavelength - half, wavelength + half);
    }
    for (const WavelengthRange& range : settings.ranges)
        maskRange(mask, range.firstAngstrom, range.lastAngstrom);
    return mask;
}

void applyIvarGuard(std::vector<float>& ivar, const SkyMaskSettings& settings)
{
    if (!settings.enabled || settings.guardFraction <= 0.0)
        return;
    constexpr std::size_t kBlock = 10; // pixels of 0.8 Å
    const std::size_t half =
        static_cast<std::size_t>(settings.guardHalfWidthAngstrom / DesiGrid::kStepAngstrom);
    std::vector<float> limits;
    limits.reserve(ivar.size() / kBlock + 1);
    for (std::size_t block = 0; block < ivar.size(); block += kBlock) {
        const std::size_t centre = block + kBlock / 2;
        const std::size_t first = centre > half ? centre - half : 0;
        limits.push_back(static_cast<float>(settings.guardFraction) *
                         sparseMedian(ivar, first, std::min(ivar.size(), centre + half)));
    }
    for (std::size_t i = 0; i < ivar.size(); ++i) {
        if (ivar[i] < limits[i / kBlock])
            ivar[i] = 0.0F;
    }
}

} // namespace voorwerp::dataset

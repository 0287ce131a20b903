// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wavelength_grid.h"
#include "dataset/sky_mask.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace voorwerp;
using core::DesiGrid;

namespace {

/// Noisy ivar with unlisted sky lines, masked pixels and a stretch without data.
std::vector<float> ivarOf(unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(0.0F, 1.0F);
    std::vector<float> ivar(DesiGrid::kPixels);
    for (std::size_t i = 0; i < ivar.size(); ++i) {
        const float value = 1.0F + uniform(random) + static_cast<float>(i) / 2000.0F;
        const float share = uniform(random);
        ivar[i] = share < 0.05F ? 0.0F : share < 0.1F ? 0.2F * uniform(random) * value : value;
    }
    std::fill_n(ivar.begin() + 3000, 400, 0.0F);
    return ivar;
}

/// As sky_mask.h says it, with every median sorted out.
std::vector<float> guarded(std::vector<float> ivar, const dataset::SkyMaskSettings& settings)
{
    const std::vector<float> before = ivar;
    const auto half = static_cast<std::size_t>(settings.guardHalfWidthAngstrom / DesiGrid::kStepAngstrom);
    for (std::size_t i = 0; i < ivar.size(); ++i) {
        const std::size_t centre = i / 10 * 10 + 5;
        std::vector<float> values;
        for (std::size_t k = centre > half ? centre - half : 0; k < std::min(before.size(), centre + half);
             k += 4)
            if (before[k] > 0.0F)
                values.push_back(before[k]);
        std::sort(values.begin(), values.end());
        if (!values.empty() &&
            ivar[i] < static_cast<float>(settings.guardFraction) * values[values.size() / 2])
            ivar[i] = 0.0F;
    }
    return ivar;
}

} // namespace

TEST_CASE("The guard against unlisted sky lines cuts what is below its share of the local median, to the bit")
{
    for (const double halfWidth : {5.0, 50.0, 500.0})
        for (const double fraction : {0.1, 0.5, 1.0})
            for (const unsigned seed : {1U, 2U, 3U}) {
                dataset::SkyMaskSettings settings;
                settings.enabled = true;
                settings.guardHalfWidthAngstrom = halfWidth;
                settings.guardFraction = fraction;
                std::vector<float> ivar = ivarOf(seed);
                const std::vector<float> expected = guarded(ivar, settings);
                REQUIRE(expected != ivar);
                dataset::applyIvarGuard(ivar, settings);
                CHECK(ivar == expected);
            }
}

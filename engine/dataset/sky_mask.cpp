// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/sky_mask.h"

#include "core/resources.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>

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

constexpr std::size_t kSparse = 4; ///< every fourth pixel speaks for its neighbours

/// Every fourth pixel from each of the first four, so that a window's values lie side by side.
std::array<std::vector<float>, kSparse> sparsePixels(const std::vector<float>& ivar)
{
    std::array<std::vector<float>, kSparse> phases;
    for (std::size_t phase = 0; phase < kSparse; ++phase)
        for (std::size_t i = phase; i < ivar.size(); i += kSparse)
            phases[phase].push_back(ivar[i]);
    return phases;
}

/// Of a window's ivar: their positive values have a median.
class Window
{
public:
    Window(std::span<const float> values, float fraction)
        : m_values(values)
        , m_fraction(fraction)
    {
    }
    /// Whether value is below the fraction of the median, without sorting: whether the median is one of those
    /// whose fraction is above the value.
    bool putsBelow(float value) const
    {
        unsigned positive = 0, notAbove = 0;
        for (const float other : m_values) {
            positive += other > 0.0F;
            notAbove += (other > 0.0F) & !(m_fraction * other > value);
        }
        return positive > 0 && notAbove <= positive / 2;
    }
    float limit() const
    {
        std::vector<float> positive;
        std::copy_if(m_values.begin(), m_values.end(), std::back_inserter(positive),
                     [](float value) { return value > 0.0F; });
        if (positive.empty())
            return 0.0F;
        const auto middle = positive.begin() + static_cast<std::ptrdiff_t>(positive.size() / 2);
        std::nth_element(positive.begin(), middle, positive.end());
        return m_fraction * *middle;
    }

private:
    std::span<const float> m_values;
    float m_fraction;
};

float smallestPositive(std::span<const float> values)
{
    float smallest = std::numeric_limits<float>::max();
    for (const float value : values)
        smallest = value > 0.0F && value < smallest ? value : smallest;
    return smallest;
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
    const auto phases = sparsePixels(ivar); // before any is set to 0
    for (std::size_t begin = 0; begin < ivar.size(); begin += kBlock) {
        const std::span<float> block = std::span(ivar).subspan(begin, std::min(kBlock, ivar.size() - begin));
        const std::size_t centre = begin + kBlock / 2;
        const std::size_t first = centre > half ? centre - half : 0;
        const std::size_t last = std::min(ivar.size(), centre + half);
        const Window window(std::span(phases[first % kSparse])
                                .subspan(first / kSparse, (last - first + kSparse - 1) / kSparse),
                            static_cast<float>(settings.guardFraction));
        if (!window.putsBelow(smallestPositive(block)))
            continue;
        const float limit = window.limit();
        for (float& value : block)
            value = value < limit ? 0.0F : value;
    }
}

} // namespace voorwerp::dataset

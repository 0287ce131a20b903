// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/normalisation.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::dataset {
namespace {

using core::DesiGrid;

/// Median over the composite ratio; nothing when too few pixels are good or it is not positive.
std::optional<double> windowValue(const Median& flux, const NormalisationWindow& window, const Recipe& recipe)
{
    if (flux.count < recipe.minimumWindowPixels)
        return std::nullopt;
    const double median = flux.value / window.compositeRatio;
    return std::isfinite(median) && median > 0.0 ? std::optional(median) : std::nullopt;
}

std::optional<Normalisation> single(std::optional<double> value, std::size_t window)
{
    if (!value)
        return std::nullopt;
    return Normalisation{*value, static_cast<int>(window)};
}

} // namespace

WindowsInUse windowsInUse(const Recipe& recipe, double z)
{
    const auto& windows = recipe.windows;
    std::size_t upper = 0;
    while (upper < windows.size() && z > windows[upper].zLast)
        ++upper;
    if (upper == windows.size())
        return {};
    if (z >= windows[upper].zFirst || upper == 0)
        return {upper, 1};
    return {upper - 1, 2};
}

PixelRange observedPixels(const NormalisationWindow& window, double z)
{
    const auto clampPixel = [](double pixel) {
        return static_cast<std::size_t>(std::clamp(std::ceil(pixel), 0.0, double(DesiGrid::kPixels)));
    };
    const std::size_t begin = clampPixel(DesiGrid::pixelOf(window.firstAngstrom * (1.0 + z)));
    const std::size_t end = clampPixel(DesiGrid::pixelOf(window.lastAngstrom * (1.0 + z)));
    return {begin, std::max(end, begin) - begin};
}

std::optional<Normalisation> normalisationFrom(std::span<const Median> medians, const Recipe& recipe,
                                               double z)
{
    const WindowsInUse used = windowsInUse(recipe, z);
    if (used.count == 0)
        return std::nullopt;
    const NormalisationWindow& lower = recipe.windows[used.first];
    const std::optional<double> low = windowValue(medians[0], lower, recipe);
    if (used.count == 1)
        return single(low, used.first);
    const NormalisationWindow& upper = recipe.windows[used.first + 1];
    const std::optional<double> high = windowValue(medians[1], upper, recipe);
    if (!low || !high)
        return low ? single(low, used.first) : single(high, used.first + 1);
    const double share = (z - lower.zLast) / (upper.zFirst - lower.zLast);
    const double mean = std::exp((1.0 - share) * std::log(*low) + share * std::log(*high));
    return Normalisation{mean, static_cast<int>(share > 0.5 ? used.first + 1 : used.first)};
}

} // namespace voorwerp::dataset

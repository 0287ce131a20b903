// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The normalisation of a spectrum from medians of its flux. Whoever takes the medians, on the CPU or on a
// device, gets the same value from the same medians.

#include "dataset/recipe.h"

#include <optional>
#include <span>

namespace voorwerp::dataset {

struct Median
{
    float value = 0.0F;
    std::size_t count = 0; ///< values that it is the median of; 0: there is none
};

/// The windows that normalise at a redshift: none, one, or the two on either side of it.
struct WindowsInUse
{
    std::size_t first = 0; ///< index in Recipe::windows
    std::size_t count = 0;
};
WindowsInUse windowsInUse(const Recipe& recipe, double z);

/// Of DesiGrid.
struct PixelRange
{
    std::size_t begin = 0, count = 0;
};
PixelRange observedPixels(const NormalisationWindow& window, double z);

struct Normalisation
{
    double value = 0.0;
    int window = -1; ///< the one with the larger share
};

/// medians: of the usable flux in each of windowsInUse(). Between two windows it is the geometric mean of
/// both, its weight linear in z; so the value is continuous in z. Where one of them has no positive median,
/// the other one counts alone; nothing when neither has one.
std::optional<Normalisation> normalisationFrom(std::span<const Median> medians, const Recipe& recipe,
                                               double z);

} // namespace voorwerp::dataset

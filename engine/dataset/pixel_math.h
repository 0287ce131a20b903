// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The formulas of single pixels, which the CPU's loops (pixel_loops.cpp) and the kernels
// (cuda/row_kernels.cu) share: both give the same bits, as neither fuses a multiplication with an addition.
// constexpr, so that they can be called on a device.

#include "core/wavelength_grid.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace voorwerp::dataset {

/// Whether flux and ivar can be used: finite, and ivar above least.
constexpr bool isUsable(float flux, float ivar, float least)
{
    constexpr float kLargest = std::numeric_limits<float>::max();
    return (flux <= kLargest) & (flux >= -kLargest) & (ivar <= kLargest) & (ivar > least);
}

/// exp(x), relative error below 2e-7, for x from 0 to 87 and as at 87 above: Cody & Waite's reduction and the
/// polynomial of Cephes' expf (Moshier 1992), in Eigen's order.
constexpr float exponential(float x)
{
    x = x < 87.0F ? x : 87.0F;
    const auto n = static_cast<std::int32_t>(x * 1.44269504088896341F + 0.5F);
    const auto m = static_cast<float>(n);
    const float r = (x - m * 0.693359375F) + m * 2.12194440e-4F;
    const float r2 = r * r, r3 = r2 * r;
    const float high = (1.9875691500e-4F * r + 1.3981999507e-3F) * r + 8.3334519073e-3F;
    const float low = (4.1665795894e-2F * r + 1.6666665459e-1F) * r + 5.0000001201e-1F;
    const float p = (high * r3 + low) * r2 + (r + 1.0F);
    return p * std::bit_cast<float>((n + 127) << 23);
}

/// Position of a rest-frame edge [Å] in DesiGrid, where pixel i covers [i, i + 1), within 0..end.
constexpr double edgePosition(double restEdge, double z, double end)
{
    double position = core::DesiGrid::pixelOf(restEdge * (1.0 + z)) + 0.5;
    position = position > 0.0 ? position : 0.0;
    return position < end ? position : end;
}

/// Weight of a value whose error has this one added to it in quadrature; no weight stays none.
constexpr float withErrorAdded(float weight, double error)
{
    const auto with = static_cast<float>(1.0 / (1.0 / weight + error * error));
    return weight > 0.0F ? with : weight;
}

// The guard judges blocks of pixels, each by a median of the ivar of every few pixels around it.
constexpr std::size_t kGuardBlock = 10; ///< pixels of 0.8 Å
constexpr std::size_t kGuardStep = 4;   ///< every fourth pixel speaks for its neighbours

struct GuardRange
{
    std::size_t first = 0, last = 0; ///< last is behind it
};

/// Around the block that begins at a pixel of DesiGrid.
constexpr GuardRange guardRange(std::size_t begin, std::size_t halfWidth)
{
    const std::size_t centre = begin + kGuardBlock / 2, end = centre + halfWidth;
    return {centre > halfWidth ? centre - halfWidth : 0,
            end < core::DesiGrid::kPixels ? end : core::DesiGrid::kPixels};
}

/// Pixels on either side whose mean flux, with the pixel's own, is the one that the model-error floor is a
/// share of.
constexpr std::size_t kFloorHalfWidth = 8;

} // namespace voorwerp::dataset

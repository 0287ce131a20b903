// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/pixel_loops.h"

#include "core/rank_selection.h"
#include "core/wavelength_grid.h"

#include <bit>
#include <cmath>
#include <limits>

// Sanitizers cannot watch the resolvers that pick a clone.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_THREAD__)
#define VOORWERP_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VOORWERP_EACH_CPU
#endif

namespace voorwerp::dataset {

VOORWERP_EACH_CPU
void selectUsable(std::size_t count, const float* flux, const float* ivar, const std::uint32_t* mask,
                  const float* least, float* usable)
{
    constexpr float kLargest = std::numeric_limits<float>::max();
    for (std::size_t i = 0; i < count; ++i) {
        const bool good =
            (mask[i] == 0) & (std::abs(flux[i]) <= kLargest) & (ivar[i] <= kLargest) & (ivar[i] > least[i]);
        usable[i] = good ? ivar[i] : 0.0F;
    }
}

VOORWERP_EACH_CPU
void largestWhereNone(std::size_t count, const float* ivar, float* out)
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = ivar[i] > 0.0F ? ivar[i] : std::numeric_limits<float>::max();
}

VOORWERP_EACH_CPU
std::uint32_t orderWhereData(std::size_t count, const float* values, const float* weight, std::uint32_t* out)
{
    std::uint32_t used = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const bool good = weight[i] > 0.0F;
        const std::uint32_t ordered = core::orderedBits(values[i]);
        out[i] = good ? ordered : std::numeric_limits<std::uint32_t>::max();
        used += good ? 1U : 0U;
    }
    return used;
}

VOORWERP_EACH_CPU
void signalToNoise(std::size_t count, const float* flux, const float* weight, float* snr)
{
    for (std::size_t i = 0; i < count; ++i)
        snr[i] = flux[i] * std::sqrt(weight[i]);
}

VOORWERP_EACH_CPU
void exponentials(std::size_t count, float scale, const float* values, float* out)
{
    for (std::size_t i = 0; i < count; ++i) {
        float x = scale * values[i];
        x = x < 87.0F ? x : 87.0F;
        const auto n = static_cast<std::int32_t>(x * 1.44269504088896341F + 0.5F);
        const auto m = static_cast<float>(n);
        const float r = (x - m * 0.693359375F) + m * 2.12194440e-4F;
        const float r2 = r * r, r3 = r2 * r;
        const float high = (1.9875691500e-4F * r + 1.3981999507e-3F) * r + 8.3334519073e-3F;
        const float low = (4.1665795894e-2F * r + 1.6666665459e-1F) * r + 5.0000001201e-1F;
        const float p = (high * r3 + low) * r2 + (r + 1.0F);
        out[i] = p * std::bit_cast<float>((n + 127) << 23);
    }
}

VOORWERP_EACH_CPU
void scaleFlux(std::size_t count, const float* flux, const float* factor, float* ivar, float* out)
{
    for (std::size_t i = 0; i < count; ++i) {
        const float scaled = flux[i] * factor[i];
        out[i] = ivar[i] > 0.0F ? scaled : 0.0F;
        ivar[i] /= factor[i] * factor[i];
    }
}

VOORWERP_EACH_CPU
void edgePositions(std::size_t count, const double* restEdges, double z, double end, double* positions,
                   int* pixels)
{
    for (std::size_t i = 0; i < count; ++i) {
        double position = core::DesiGrid::pixelOf(restEdges[i] * (1.0 + z)) + 0.5;
        position = position > 0.0 ? position : 0.0;
        position = position < end ? position : end;
        positions[i] = position;
        pixels[i] = static_cast<int>(position);
    }
}

VOORWERP_EACH_CPU
void addErrorInQuadrature(std::size_t count, std::size_t half, double floor, const double* sums,
                          const double* counts, float* weight)
{
    const std::size_t width = 2 * half + 1;
    for (std::size_t i = 0; i < count; ++i) {
        const double error = floor * (sums[i + width] - sums[i]) / (counts[i + width] - counts[i]);
        const auto with = static_cast<float>(1.0 / (1.0 / weight[i] + error * error));
        weight[i] = weight[i] > 0.0F ? with : weight[i];
    }
}

} // namespace voorwerp::dataset

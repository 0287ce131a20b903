// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/pixel_loops.h"

#include "core/rank_selection.h"
#include "dataset/pixel_math.h"

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
    for (std::size_t i = 0; i < count; ++i) {
        const bool good = (mask[i] == 0) & isUsable(flux[i], ivar[i], least[i]);
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
    for (std::size_t i = 0; i < count; ++i)
        out[i] = exponential(scale * values[i]);
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
        positions[i] = edgePosition(restEdges[i], z, end);
        pixels[i] = static_cast<int>(positions[i]);
    }
}

VOORWERP_EACH_CPU
void addErrorInQuadrature(std::size_t count, std::size_t half, double floor, const double* sums,
                          const double* counts, float* weight)
{
    const std::size_t width = 2 * half + 1;
    for (std::size_t i = 0; i < count; ++i) {
        const double error = floor * (sums[i + width] - sums[i]) / (counts[i + width] - counts[i]);
        weight[i] = withErrorAdded(weight[i], error);
    }
}

} // namespace voorwerp::dataset

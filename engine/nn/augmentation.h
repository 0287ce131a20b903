// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What Augmentation (backend.h) does to a row, in pieces that both backends use: the numbers depend on (seed,
// step, row, pixel) alone.

#include "nn/backend.h"
#include "nn/philox.h"

#include <span>

namespace voorwerp::nn {

/// Pixels [begin, end) of a row.
struct PixelRange
{
    std::size_t begin = 0, end = 0;
};

/// What is left of the pixels between the first and the last one that are seen.
VOORWERP_NN_HOST_DEVICE inline PixelRange shiftedRange(PixelRange seen, std::size_t shift, std::uint64_t seed,
                                                       std::uint64_t step, std::uint32_t row)
{
    const std::uint32_t word = randomBits(seed, NoiseStream::Augmentation, step, row, 0).word[0];
    const float uniform = static_cast<float>(word >> 8U) * (2.0F / 16777215.0F) - 1.0F; // -1 to 1
    const float moved = uniform * static_cast<float>(shift);
    const auto lost = static_cast<std::size_t>((moved < 0.0F ? -moved : moved) + 0.5F);
    if (seen.begin + lost >= seen.end)
        return seen;
    return moved > 0.0F ? PixelRange{seen.begin + lost, seen.end} : PixelRange{seen.begin, seen.end - lost};
}

/// Noise of a pixel, in units of its standard deviation; 0 for most.
VOORWERP_NN_HOST_DEVICE inline float pixelNoise(float share, std::uint64_t seed, std::uint64_t step,
                                                std::uint32_t row, std::uint32_t pixel)
{
    constexpr std::uint32_t kDeviates = 0x80000000U; // blocks of deviates, behind those of choices
    const std::uint32_t word =
        randomBits(seed, NoiseStream::Augmentation, step, row, 1 + pixel / 4).word[pixel % 4];
    if (static_cast<float>(word >> 8U) * (1.0F / 16777216.0F) >= share)
        return 0.0F;
    float deviates[4];
    normals4(seed, NoiseStream::Augmentation, step, row, kDeviates | pixel, deviates);
    return deviates[0];
}

/// A row as the encoder is shown it; flux and weight as long as the row. weight says coverage only.
void augmentRow(std::span<const float> rowFlux, std::span<const float> rowWeight, const StepOptions& options,
                std::uint32_t row, float* flux, float* weight);

} // namespace voorwerp::nn

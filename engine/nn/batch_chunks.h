// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What both backends do the same way: cutting any number of rows into chunks, and averaging losses.

#include "nn/backend.h"
#include "nn/compact_rows.h"

#include <algorithm>
#include <string>

namespace voorwerp::nn {

constexpr std::size_t kChunkRows = 512; ///< rows of evaluate, encode and decode worked on at once

/// Calls work(chunk, index of its first row) over the batch, chunks of so many rows.
template <class Work>
void forChunks(const Batch& batch, std::size_t pixels, Work work, std::size_t rows = kChunkRows)
{
    for (std::size_t first = 0; first < batch.size; first += rows)
        work(Batch{std::min(rows, batch.size - first), batch.flux + first * pixels,
                   batch.weight + first * pixels},
             first);
}

/// total += the share of the chunk's means.
inline void addWeighted(Losses& total, const Losses& chunk, std::size_t chunkRows, std::size_t rows)
{
    const double share = static_cast<double>(chunkRows) / static_cast<double>(rows);
    total.objective += share * chunk.objective;
    total.reconstruction += share * chunk.reconstruction;
    total.kl += share * chunk.kl;
}

/// One more step.
inline void addStep(Losses& sums, const Losses& step)
{
    sums.objective += step.objective;
    sums.reconstruction += step.reconstruction;
    sums.kl += step.kl;
    sums.consistency += step.consistency;
    sums.similarity += step.similarity;
    sums.gradientNorm += step.gradientNorm;
    ++sums.steps;
}

inline Losses meanOfSteps(Losses sums)
{
    const double steps = sums.steps > 0 ? static_cast<double>(sums.steps) : 1.0;
    for (double* sum : {&sums.objective, &sums.reconstruction, &sums.kl, &sums.consistency, &sums.similarity,
                        &sums.gradientNorm})
        *sum /= steps;
    return sums;
}

/// Log variances are kept within ±this, so that exp() and the KL stay finite; no gradient beyond.
constexpr float kLogVarianceLimit = 12.0F;

/// One row of the head's output into mean and (clamped) log variance.
template <class T> void splitHead(const T* head, std::size_t latent, T* mean, T* logVariance)
{
    constexpr T kLimit = T(kLogVarianceLimit);
    for (std::size_t j = 0; j < latent; ++j) {
        const T value = head[latent + j];
        mean[j] = head[j];
        logVariance[j] = value > kLimit ? kLimit : (value < -kLimit ? -kLimit : value);
    }
}

/// Throws ConfigError when a training step cannot take that many rows.
inline void checkTrainRows(std::size_t rows, std::size_t largest)
{
    if (rows < 1 || rows > largest)
        throw ConfigError("a training step takes 1 to " + std::to_string(largest) + " rows, not " +
                          std::to_string(rows));
}

/// Throws ConfigError when rows are not as long as the model's.
inline void checkPixels(const CompactRows& rows, std::size_t pixels)
{
    if (rows.pixels != pixels)
        throw ConfigError("the model has " + std::to_string(pixels) + " pixels, the rows have " +
                          std::to_string(rows.pixels));
}

} // namespace voorwerp::nn

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The spectra that a model describes most like one of them: nearest neighbours in latent space.

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

namespace voorwerp::latent {

struct Neighbour
{
    std::uint32_t row = 0;
    float distance = 0.0F; ///< Euclidean, in latent units (the prior's standard deviation is 1)
};

/// The `count` rows nearest to `row`, itself left out, nearest first; equal distances in the order of rows.
/// latents: (rows, dimensions) row-major, finite. Every row is compared, so the answer is exact; the cost is
/// one pass over the latents: 1.6 million × 32 are 205 MB, which memory bandwidth bounds to some 0.1 s on one
/// core. Throws core::Cancelled soon after a stop request.
std::vector<Neighbour> nearestNeighbours(std::span<const float> latents, std::size_t dimensions,
                                         std::uint32_t row, std::size_t count, std::stop_token stop = {});

} // namespace voorwerp::latent

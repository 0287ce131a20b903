// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Latents to two dimensions for the map: principal components, the same result for the same input.

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace voorwerp::latent {

/// Mean and the two directions of largest variance. Each direction's element of largest magnitude is
/// positive, so that maps of the same latents look the same.
struct PcaProjection
{
    std::size_t dimensions = 0;
    std::vector<double> mean;                      ///< (dimensions)
    std::array<std::vector<double>, 2> directions; ///< unit length; zero when dimensions or rows are too few
    std::array<double, 2> varianceShare{};         ///< of the total variance

    /// (rows, 2) row-major.
    std::vector<float> apply(std::span<const float> latents) const;
    /// The latent vector that the map's point stands for: mean + x·d0 + y·d1.
    std::vector<float> lift(double x, double y) const;
};

/// latents: (rows, dimensions) row-major, finite.
PcaProjection fitPca(std::span<const float> latents, std::size_t dimensions);

} // namespace voorwerp::latent

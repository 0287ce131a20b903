// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Small models and made-up spectra shared by the tests of nn.

#include "nn/backend.h"

#include <cmath>
#include <cstdint>
#include <vector>

namespace voorwerp::nn::test {

/// Spectra with masked pixels, one outlier a row, and (from three rows on) one row without any data.
struct Spectra
{
    std::vector<float> flux, weight;
    std::size_t rows = 0;
    Batch batch() const { return {rows, flux.data(), weight.data()}; }
};

inline Spectra spectra(std::size_t rows, std::size_t pixels, std::uint32_t seed = 7)
{
    Spectra made;
    made.rows = rows;
    std::uint32_t state = seed;
    const auto uniform = [&state] {
        state = state * 1664525U + 1013904223U;
        return static_cast<float>(state >> 8U) / 16777216.0F;
    };
    for (std::size_t row = 0; row < rows; ++row) {
        const float slope = uniform() - 0.5F;
        for (std::size_t i = 0; i < pixels; ++i) {
            const float x = static_cast<float>(i) / static_cast<float>(pixels);
            const bool outlier = i == (3 * row) % pixels;
            made.flux.push_back(1.0F + slope * x + 0.3F * (uniform() - 0.5F) + (outlier ? 5.0F : 0.0F));
            const bool seen = uniform() > 0.2F && !(rows >= 3 && row == 2);
            made.weight.push_back(seen ? 1.0F + 9.0F * uniform() : 0.0F);
        }
    }
    return made;
}

inline ModelConfig smallModel(std::size_t pixels = 13)
{
    ModelConfig config;
    config.pixels = pixels;
    config.hidden = {9, 7};
    config.latent = 3;
    return config;
}

inline ModelConfig smallConvModel(std::size_t pixels = 13)
{
    ModelConfig config = smallModel(pixels);
    config.architecture = "conv";
    config.convolutions = {{4, 3, 2}, {7, 5, 3}, {6, 3, 1}};
    config.decoder = {8};
    return config;
}

} // namespace voorwerp::nn::test

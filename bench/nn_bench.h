// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the benchmarks of engine/nn share: made-up spectra, and timing. Uses nothing of ours but nn.

#include "nn/backend.h"

#include <chrono>
#include <cmath>
#include <functional>
#include <vector>

namespace voorwerp::bench {

/// (rows, pixels) spectra with a fifth of the pixels hidden; peers/vae.py makes the same.
struct Spectra
{
    std::vector<float> flux, weight;
    nn::Batch batch(std::size_t pixels) const { return {flux.size() / pixels, flux.data(), weight.data()}; }
};

inline Spectra makeSpectra(std::size_t rows, std::size_t pixels)
{
    Spectra made;
    for (std::size_t i = 0; i < rows * pixels; ++i) {
        const auto phase = static_cast<float>(i / pixels);
        made.flux.push_back(1.0F + 0.3F * std::sin(0.01F * static_cast<float>(i % pixels) + phase));
        made.weight.push_back((i * 2654435761U >> 7U) % 5 == 0 ? 0.0F : 4.0F);
    }
    return made;
}

/// Of each run, after one that warms up.
inline std::vector<double> secondsOf(int runs, const std::function<void()>& work)
{
    work();
    std::vector<double> seconds;
    for (int i = 0; i < runs; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return seconds;
}

} // namespace voorwerp::bench

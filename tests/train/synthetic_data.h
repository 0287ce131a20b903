// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Made-up training data: spectra of three components around a mean, with noise, in memory.

#include "train/train_config.h"
#include "train/training_data.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace voorwerp::train::test {

class SyntheticData : public TrainingData
{
public:
    explicit SyntheticData(std::size_t rows = 400, std::size_t pixels = 64, std::string hash = "synthetic")
        : m_pixels(pixels)
        , m_hash(std::move(hash))
    {
        std::uint32_t state = 12345;
        const auto uniform = [&state] {
            state = state * 1664525U + 1013904223U;
            return static_cast<float>(state >> 8U) / 16777216.0F - 0.5F;
        };
        for (std::size_t row = 0; row < rows; ++row) {
            const float a = 2.0F * uniform(), b = 2.0F * uniform(), c = 2.0F * uniform();
            for (std::size_t i = 0; i < pixels; ++i) {
                const float x = static_cast<float>(i) / static_cast<float>(pixels);
                const float line = std::exp(-0.5F * std::pow((x - 0.4F) / 0.05F, 2.0F));
                const float noise = 0.05F * (uniform() + uniform() + uniform()) * 2.0F; // σ = 0.05
                flux.push_back(1.0F + a * (x - 0.5F) + 0.5F * b * std::sin(9.0F * x) + c * line + noise);
                weight.push_back(uniform() > 0.4F ? 0.0F : 400.0F);
            }
            (row % 5 == 4 ? m_validation : m_train).push_back(row);
        }
    }
    std::size_t pixels() const override { return m_pixels; }
    const std::vector<std::size_t>& trainRows() const override { return m_train; }
    const std::vector<std::size_t>& validationRows() const override { return m_validation; }
    std::string hash() const override { return m_hash; }
    void read(std::span<const std::size_t> rows, float* fluxOut, float* weightOut) const override
    {
        for (const std::size_t row : rows) {
            fluxOut = std::copy_n(flux.data() + row * m_pixels, m_pixels, fluxOut);
            weightOut = std::copy_n(weight.data() + row * m_pixels, m_pixels, weightOut);
        }
    }

    std::vector<float> flux, weight; ///< public, so that a test can spoil a value

private:
    std::size_t m_pixels;
    std::string m_hash;
    std::vector<std::size_t> m_train, m_validation;
};

inline TrainConfig quickConfig()
{
    TrainConfig config;
    config.hidden = {32, 16};
    config.latent = 4;
    config.batch = 32;
    config.epochs = 4;
    config.learningRate = 3e-3;
    return config;
}

} // namespace voorwerp::train::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/component_scores.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace voorwerp;

namespace {

constexpr std::size_t kPixels = 2048;
constexpr double kVelocity = 310.0; // km/s per pixel

std::vector<float> noise(unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> r(kPixels);
    for (float& value : r)
        value = normal(random);
    return r;
}

} // namespace

TEST_CASE("Pure noise has a reduced chi2 of 1, clipped or not")
{
    const std::vector<float> weight(kPixels, 1.0F);
    const auto r = noise(1);
    REQUIRE(score::reducedChi2(r, weight, 0.0) == Approx(1.0).margin(0.1));
    REQUIRE(score::reducedChi2(r, weight, 5.0) == Approx(1.0).margin(0.1));
    REQUIRE(score::reducedChi2(r, std::vector<float>(kPixels, 0.0F), 0.0) == 0.0);
}

TEST_CASE("A spike raises chi2 and neither the robust nor the smoothed score")
{
    const std::vector<float> weight(kPixels, 1.0F);
    const auto clean = noise(2);
    auto spiked = clean;
    spiked[700] += 100.0F;
    REQUIRE(score::reducedChi2(spiked, weight, 0.0) > 4.0 * score::reducedChi2(clean, weight, 0.0));
    REQUIRE(score::reducedChi2(spiked, weight, 5.0) < 1.02 * score::reducedChi2(clean, weight, 5.0));
    REQUIRE(score::smoothedScore(spiked, weight, kVelocity) <
            score::smoothedScore(clean, weight, kVelocity) + 2.0);
}

TEST_CASE("A broad shallow trough raises the smoothed score most")
{
    const std::vector<float> weight(kPixels, 1.0F);
    const auto clean = noise(3);
    auto trough = clean;
    for (std::size_t i = 1000; i < 1030; ++i)
        trough[i] -= 1.5F; // 30 pixels, 9,300 km/s
    REQUIRE(score::reducedChi2(trough, weight, 0.0) < 1.1 * score::reducedChi2(clean, weight, 0.0));
    REQUIRE(score::smoothedScore(trough, weight, kVelocity) >
            1.35 * score::smoothedScore(clean, weight, kVelocity));
}

TEST_CASE("Smoothed noise keeps unit variance, whatever is masked")
{
    std::vector<float> weight(kPixels, 1.0F);
    for (std::size_t i = 0; i < kPixels; i += 3)
        weight[i] = 0.0F;
    auto r = noise(4);
    for (std::size_t i = 0; i < kPixels; i += 3)
        r[i] = 1e6F; // no weight, so it must not count
    for (std::size_t width : {1, 3, 10, 29}) {
        double sum = 0.0;
        std::size_t count = 0;
        for (float s : score::smoothSigma(r, weight, width)) {
            sum += static_cast<double>(s) * s;
            count += s != 0.0F ? 1 : 0;
        }
        REQUIRE(sum / static_cast<double>(count) == Approx(1.0).margin(0.35));
    }
    for (float s : score::smoothSigma(r, std::vector<float>(kPixels, 0.0F), 5))
        REQUIRE(s == 0.0F);
}

TEST_CASE("The best amplitude is the ratio of data and model, and a spike does not move it")
{
    std::vector<float> model(kPixels), flux(kPixels), weight(kPixels, 400.0F);
    for (std::size_t i = 0; i < kPixels; ++i) {
        model[i] = 1.0F + 0.3F * std::sin(0.01F * static_cast<float>(i));
        flux[i] = 1.7F * model[i];
    }
    REQUIRE(score::bestAmplitude({flux, weight, model}) == Approx(1.7));
    flux[100] += 500.0F;
    REQUIRE(score::bestAmplitude({flux, weight, model}) == Approx(1.7).epsilon(0.01));
    REQUIRE(score::bestAmplitude({flux, std::vector<float>(kPixels, 0.0F), model}) == 1.0);
}

TEST_CASE("KL is 0 for the prior and known elsewhere")
{
    const std::vector<float> zero{0.0F, 0.0F};
    REQUIRE(score::klDivergence(zero, zero) == 0.0);
    const std::vector<float> mean{1.0F, 0.0F}, logVariance{0.0F, std::log(0.25F)};
    REQUIRE(score::klDivergence(mean, logVariance) == Approx(0.5 + 0.5 * (0.25 + std::log(4.0) - 1.0)));
}

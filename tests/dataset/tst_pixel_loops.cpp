// SPDX-License-Identifier: GPL-3.0-or-later
// What these loops give must not depend on the instruction set that this CPU has: they are compared with
// plain ones that are compiled for any CPU, and with bits that were once computed.
#include "dataset/pixel_loops.h"

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <vector>

using namespace voorwerp;

namespace {

constexpr std::size_t kCount = 1003; // no multiple of any vector

std::vector<float> ramp(float first, float step)
{
    std::vector<float> values(kCount);
    for (std::size_t i = 0; i < kCount; ++i)
        values[i] = first + step * static_cast<float>(i);
    return values;
}

} // namespace

TEST_CASE("The exponential is right within 2e-7, and the same bits on every CPU")
{
    const std::vector<float> values = ramp(0.0F, 0.0868F);
    std::vector<float> out(kCount);
    dataset::exponentials(kCount, 1.0F, values.data(), out.data());
    std::uint64_t hash = 14695981039346656037ULL; // FNV-1a
    for (std::size_t i = 0; i < kCount; ++i) {
        const double exact = std::exp(std::min(87.0, static_cast<double>(values[i])));
        REQUIRE(std::abs(out[i] / exact - 1.0) < 2e-7);
        hash = (hash ^ std::bit_cast<std::uint32_t>(out[i])) * 1099511628211ULL;
    }
    REQUIRE(hash == 8091113438325136215ULL);
}

TEST_CASE("Errors in quadrature and dereddening are the plain formula, to the bit")
{
    constexpr std::size_t kHalf = 3;
    std::vector<double> sums(kCount + 2 * kHalf + 1), counts(sums.size());
    for (std::size_t i = 1; i < sums.size(); ++i) {
        sums[i] = sums[i - 1] + 1.0 / static_cast<double>(i % 17 + 3);
        counts[i] = counts[i - 1] + (i % 5 == 0 ? 0.0 : 1.0);
    }
    std::vector<float> weight = ramp(-0.3F, 0.37F);
    const std::vector<float> before = weight;
    dataset::addErrorInQuadrature(kCount, kHalf, 0.025, sums.data(), counts.data(), weight.data());
    const std::vector<float> flux = ramp(-7.0F, 0.013F), factor = ramp(1.0F, 0.0007F);
    std::vector<float> ivar = before, scaled(kCount);
    dataset::scaleFlux(kCount, flux.data(), factor.data(), ivar.data(), scaled.data());
    for (std::size_t i = 0; i < kCount; ++i) {
        const std::size_t last = i + 2 * kHalf + 1;
        const double error = 0.025 * (sums[last] - sums[i]) / (counts[last] - counts[i]);
        const double sum = 1.0 / before[i] + error * error;
        REQUIRE(weight[i] == (before[i] > 0.0F ? static_cast<float>(1.0 / sum) : before[i]));
        REQUIRE(scaled[i] == (before[i] > 0.0F ? flux[i] * factor[i] : 0.0F));
        REQUIRE(ivar[i] == before[i] / (factor[i] * factor[i]));
    }
}

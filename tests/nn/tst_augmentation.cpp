// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/augmentation.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace voorwerp::nn;

namespace {

struct Row
{
    std::vector<float> flux, weight;
    PixelRange seen() const
    {
        const auto good = [](float w) { return w > 0.0F; };
        const auto first = std::find_if(weight.begin(), weight.end(), good);
        const auto last = std::find_if(weight.rbegin(), weight.rend(), good);
        return {static_cast<std::size_t>(first - weight.begin()),
                static_cast<std::size_t>(weight.rend() - last)};
    }
};

/// 1,000 pixels of flux 2, seen from 100 to 900 but for a gap.
Row sample()
{
    Row row{std::vector<float>(1000, 2.0F), std::vector<float>(1000, 0.0F)};
    std::fill(row.weight.begin() + 100, row.weight.begin() + 900, 3.0F);
    std::fill(row.weight.begin() + 500, row.weight.begin() + 520, 0.0F);
    return row;
}

Row augmented(const Row& row, const StepOptions& options, std::uint32_t number)
{
    Row made{std::vector<float>(row.flux.size()), std::vector<float>(row.flux.size())};
    augmentRow(row.flux, row.weight, options, number, made.flux.data(), made.weight.data());
    return made;
}

} // namespace

TEST_CASE("Another redshift takes pixels away at one end, as often at the blue one, up to the shift")
{
    const Row row = sample();
    StepOptions options;
    options.augmentation.shift = 50;
    int blue = 0;
    std::size_t most = 0;
    for (std::uint32_t number = 0; number < 1000; ++number) {
        const Row made = augmented(row, options, number);
        const PixelRange seen = made.seen();
        const std::size_t atBlue = seen.begin - 100, atRed = 900 - seen.end;
        REQUIRE((atBlue == 0 || atRed == 0));
        most = std::max({most, atBlue, atRed});
        blue += atBlue > 0 ? 1 : 0;
        CHECK(made.flux == row.flux);
        CHECK(made.weight[510] == 0.0F);
    }
    CHECK(most == 50);
    CHECK(blue > 420);
    CHECK(blue < 580);
}

TEST_CASE("Noise comes to the share of pixels that were asked for, with the level of the brightest one seen")
{
    Row row = sample();
    row.flux[10] = 1000.0F; // not seen
    row.flux[300] = 4.0F;
    StepOptions options;
    options.augmentation.noiseShare = 0.05F;
    double squares = 0.0;
    int changed = 0;
    for (std::uint32_t number = 0; number < 200; ++number) {
        const Row made = augmented(row, options, number);
        CHECK(made.weight == row.weight);
        for (std::size_t i = 0; i < 1000; ++i) {
            const double apart = static_cast<double>(made.flux[i] - row.flux[i]);
            changed += apart != 0.0 ? 1 : 0;
            squares += apart * apart;
        }
    }
    CHECK(changed / (200.0 * 780.0) == Approx(0.05).epsilon(0.05));
    CHECK(std::sqrt(squares / changed) == Approx(0.2 * 4.0).epsilon(0.05));
}

TEST_CASE("An augmented row depends on seed, step and row alone, and rows that would lose everything keep it")
{
    const Row row = sample();
    StepOptions options;
    options.augmentation = {50, 0.05F, 0.2F};
    const Row made = augmented(row, options, 3);
    CHECK(augmented(row, options, 3).flux == made.flux);
    CHECK(augmented(row, options, 4).flux != made.flux);
    ++options.step;
    CHECK(augmented(row, options, 3).flux != made.flux);
    options.augmentation = {5000, 0.0F, 0.0F};
    for (std::uint32_t number = 0; number < 50; ++number)
        CHECK(augmented(row, options, number).seen().begin < 900);
    const Row nothing{std::vector<float>(7, 1.0F), std::vector<float>(7, 0.0F)};
    CHECK(augmented(nothing, options, 0).weight == nothing.weight);
}

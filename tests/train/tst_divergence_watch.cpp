// SPDX-License-Identifier: GPL-3.0-or-later
#include "train/divergence_watch.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>

using voorwerp::nn::Losses;
using voorwerp::train::DivergenceWatch;

namespace {

Losses lossesOf(double objective, double gradientNorm = 1.0)
{
    Losses losses;
    losses.objective = objective;
    losses.gradientNorm = gradientNorm;
    losses.steps = 16;
    return losses;
}

std::optional<std::string> lookAt(DivergenceWatch& watch, const Losses& losses)
{
    watch.add(losses);
    return watch.look();
}

/// A loss that falls, with noise; false when one of the looks was called a divergence.
bool isCalm(DivergenceWatch& watch, int looks, int first = 0)
{
    for (int i = first; i < first + looks; ++i) {
        const double noise = 0.05 * std::sin(7.0 * i);
        if (lookAt(watch, lossesOf(0.5 + 2.0 / (1.0 + i) + noise, std::exp(noise))))
            return false;
    }
    return true;
}

} // namespace

TEST_CASE("A loss that falls or wavers is no divergence")
{
    DivergenceWatch watch;
    CHECK(isCalm(watch, 2000));
    CHECK_FALSE(watch.isSuspicious());
}

TEST_CASE("A loss that stays far above its course is a divergence after five looks")
{
    DivergenceWatch watch;
    REQUIRE(isCalm(watch, 100));
    for (int i = 0; i < 4; ++i) {
        CHECK_FALSE(lookAt(watch, lossesOf(5.0)));
        CHECK(watch.isSuspicious());
    }
    const auto what = lookAt(watch, lossesOf(5.0));
    REQUIRE(what);
    CHECK_THAT(*what, Catch::StartsWith("the loss rose to 5, where 0.5"));
}

TEST_CASE("A gradient that stays a thousand times too large is a divergence")
{
    DivergenceWatch watch;
    REQUIRE(isCalm(watch, 100));
    for (int i = 0; i < 4; ++i)
        CHECK_FALSE(lookAt(watch, lossesOf(0.5, 1000.0)));
    CHECK_THAT(lookAt(watch, lossesOf(0.5, 1000.0)).value(), Catch::StartsWith("the gradient's norm rose"));
}

TEST_CASE("A spike that comes back is no divergence, however often")
{
    DivergenceWatch watch;
    for (int i = 0; i < 50; ++i) {
        REQUIRE(isCalm(watch, 60, 60 * i));
        for (int spike = 0; spike < 4; ++spike)
            REQUIRE_FALSE(lookAt(watch, lossesOf(50.0, 1e4)));
    }
}

TEST_CASE("The first looks teach, and nothing to look at is nothing")
{
    DivergenceWatch watch;
    CHECK_FALSE(watch.look());
    for (int i = 0; i < 10; ++i)
        CHECK_FALSE(lookAt(watch, lossesOf(std::pow(10.0, i))));
    CHECK_FALSE(watch.isSuspicious());
}

TEST_CASE("A watch that was stored in the middle of a look sees what it would have seen")
{
    DivergenceWatch watch;
    REQUIRE(isCalm(watch, 100));
    CHECK_FALSE(lookAt(watch, lossesOf(5.0)));
    watch.add(lossesOf(5.0));
    DivergenceWatch stored = DivergenceWatch::fromJson(nlohmann::json::parse(watch.toJson().dump()));
    CHECK(stored.isSuspicious());
    CHECK_FALSE(stored.look());
    CHECK_FALSE(lookAt(stored, lossesOf(5.0)));
    CHECK_FALSE(lookAt(stored, lossesOf(5.0)));
    CHECK(lookAt(stored, lossesOf(5.0)));
}

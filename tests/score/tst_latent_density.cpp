// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "score/latent_density.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace voorwerp;
using score::LatentDensity;

namespace {

/// Latent 0 follows the condition with a scatter of 0.1; latent 1 is one of two clumps.
struct Sample
{
    std::vector<float> latents, conditions;
    explicit Sample(std::size_t rows)
    {
        std::mt19937 random(11);
        std::normal_distribution<float> normal;
        for (std::size_t i = 0; i < rows; ++i) {
            const float condition = normal(random);
            conditions.push_back(condition);
            latents.push_back(2.0F * condition + 0.1F * normal(random));
            latents.push_back((i % 2 == 0 ? -3.0F : 3.0F) + 0.3F * normal(random));
        }
    }
    LatentDensity fit() const
    {
        core::JobContext context;
        return LatentDensity::fit(latents, 2, conditions, 1, 1, context);
    }
};

} // namespace

TEST_CASE("The density is that of the latents given the condition")
{
    const LatentDensity density = Sample(3000).fit();
    REQUIRE(density.components() >= 2);
    const auto at = [&](float a, float b, float condition) {
        const std::vector<float> latent{a, b}, c{condition};
        return density.score(latent, c);
    };
    // −ln of 0.5·N(0; 0.1)·N(0; 0.3) at a clump's centre.
    const double expected = std::log(2.0 * 2.0 * 3.14159265 * 0.1 * 0.3);
    REQUIRE(at(0.0F, 3.0F, 0.0F) == Approx(expected).margin(0.6));
    REQUIRE(at(2.0F, 3.0F, 1.0F) == Approx(expected).margin(0.6));
    REQUIRE(at(2.0F, 3.0F, 0.0F) > expected + 20.0); // usual latents, but not at this condition
    REQUIRE(at(0.0F, 0.0F, 0.0F) > expected + 10.0); // between the clumps
}

TEST_CASE("A stored density gives the same scores, a damaged one is refused")
{
    const LatentDensity density = Sample(500).fit();
    auto tensors = density.toTensors();
    const LatentDensity back = LatentDensity::fromTensors(tensors);
    REQUIRE(back.components() == density.components());
    const std::vector<float> latent{0.3F, 2.5F}, condition{0.1F};
    REQUIRE(back.score(latent, condition) == Approx(density.score(latent, condition)).epsilon(1e-3));

    tensors.back().values.pop_back();
    REQUIRE_THROWS_AS(LatentDensity::fromTensors(tensors), core::FormatError);
    tensors.pop_back();
    REQUIRE_THROWS_AS(LatentDensity::fromTensors(tensors), core::FormatError);
    REQUIRE(LatentDensity::fromTensors({}).empty());
}

TEST_CASE("A handful of rows, or latents that never change, do not break the fit")
{
    core::JobContext context;
    std::vector<float> latents(40 * 16, 0.5F), conditions(40, 1.0F);
    for (std::size_t i = 0; i < 40; ++i)
        latents[i * 16] = static_cast<float>(i);
    const auto density = LatentDensity::fit(latents, 16, conditions, 1, 1, context);
    const std::vector<float> condition{1.0F};
    REQUIRE(std::isfinite(density.score(std::span(latents).first(16), condition)));
    REQUIRE_THROWS_AS(LatentDensity::fit(std::span(latents).first(15 * 16), 16, conditions, 1, 1, context),
                      core::UserError);
    REQUIRE(Sample(400).fit().toTensors() == Sample(400).fit().toTensors());
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "latent/neighbours.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>

using namespace voorwerp;

TEST_CASE("the nearest neighbours are those of a full sort, nearest first, without the row itself")
{
    constexpr std::size_t kRows = 40000, kDimensions = 7; // more than one block
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    std::vector<float> latents(kRows * kDimensions);
    std::generate(latents.begin(), latents.end(), [&] { return normal(random); });
    for (const std::uint32_t row : {0U, 16384U, 39999U}) {
        std::vector<std::pair<double, std::uint32_t>> all;
        for (std::uint32_t other = 0; other < kRows; ++other) {
            double square = 0.0;
            for (std::size_t j = 0; j < kDimensions; ++j)
                square += std::pow(latents[other * kDimensions + j] - latents[row * kDimensions + j], 2.0);
            if (other != row)
                all.emplace_back(std::sqrt(square), other);
        }
        std::sort(all.begin(), all.end());
        const auto found = latent::nearestNeighbours(latents, kDimensions, row, 5);
        REQUIRE(found.size() == 5);
        for (std::size_t i = 0; i < 5; ++i) {
            CHECK(found[i].row == all[i].second);
            CHECK(found[i].distance == Approx(all[i].first).epsilon(1e-5));
        }
    }
}

TEST_CASE("equal distances keep the order of rows, and too little gives what there is")
{
    const std::vector<float> latents{0.0F, 1.0F, -1.0F, 0.0F, 1.0F};
    const auto found = latent::nearestNeighbours(latents, 1, 0, 3);
    REQUIRE(found.size() == 3);
    CHECK(found[0].row == 3);
    CHECK(found[0].distance == 0.0F);
    CHECK(found[1].row == 1);
    CHECK(found[2].row == 2);
    CHECK(latent::nearestNeighbours(latents, 1, 0, 9).size() == 4);
    CHECK(latent::nearestNeighbours(latents, 1, 5, 3).empty());
    CHECK(latent::nearestNeighbours({}, 0, 0, 3).empty());
}

TEST_CASE("a stop request ends the search")
{
    std::stop_source stop;
    stop.request_stop();
    const std::vector<float> latents(8);
    CHECK_THROWS_AS(latent::nearestNeighbours(latents, 2, 0, 1, stop.get_token()), core::Cancelled);
}

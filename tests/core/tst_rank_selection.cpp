// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/rank_selection.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

using namespace voorwerp;

TEST_CASE("The element of each rank is the one that sorting puts there, with ties, signs and infinities")
{
    std::mt19937 random(5);
    std::normal_distribution<float> normal(0.0F, 3.0F);
    for (const std::size_t size : {1U, 2U, 31U, 33U, 500U, 4000U}) {
        std::vector<float> values(size);
        for (std::size_t i = 0; i < size; ++i)
            values[i] = i % 3 == 0 ? 1.25F : normal(random);
        values[size / 2] = -std::numeric_limits<float>::infinity();
        std::vector<float> sorted = values;
        std::sort(sorted.begin(), sorted.end());
        for (std::size_t rank = 0; rank < size; rank += 1 + size / 40) {
            std::vector<std::uint32_t> ordered(size);
            std::transform(values.begin(), values.end(), ordered.begin(), core::orderedBits);
            REQUIRE(core::floatOfOrderedBits(core::elementOfRank(ordered, rank)) == sorted[rank]);
        }
    }
}

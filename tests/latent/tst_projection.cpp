// SPDX-License-Identifier: GPL-3.0-or-later
#include "latent/projection.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace voorwerp;

namespace {

/// Points spread by 5 along (1, 1, 0)/√2, by 2 along (0, 0, -1), by 0.1 along the rest, around (1, 2, 3).
std::vector<float> ellipsoid(std::size_t rows)
{
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> points;
    for (std::size_t i = 0; i < rows; ++i) {
        const float a = 5.0F * normal(random), b = 2.0F * normal(random), c = 0.1F * normal(random);
        const float root = std::sqrt(0.5F);
        points.insert(points.end(), {1.0F + (a + c) * root, 2.0F + (a - c) * root, 3.0F - b});
    }
    return points;
}

} // namespace

TEST_CASE("PCA finds the two longest axes, with fixed signs, and lifts back")
{
    const auto points = ellipsoid(4000);
    const auto pca = latent::fitPca(points, 3);
    REQUIRE(pca.mean[1] == Approx(2.0).margin(0.2));
    REQUIRE(pca.directions[0][0] == Approx(std::sqrt(0.5)).margin(0.01));
    REQUIRE(pca.directions[0][1] == Approx(std::sqrt(0.5)).margin(0.01));
    REQUIRE(pca.directions[1][2] == Approx(1.0).margin(0.01)); // +, although the points were made with -1
    REQUIRE(pca.varianceShare[0] == Approx(25.0 / 29.01).margin(0.02));

    const auto flat = pca.apply(points);
    REQUIRE(flat.size() == 8000);
    const auto back = pca.lift(flat[0], flat[1]);
    for (std::size_t j = 0; j < 3; ++j)
        REQUIRE(back[j] == Approx(points[j]).margin(0.5));
    REQUIRE(latent::fitPca(points, 3).apply(points) == flat);
}

TEST_CASE("PCA of too little gives zeros instead of nonsense")
{
    REQUIRE(latent::fitPca({}, 3).apply({}).empty());
    const std::vector<float> same{1.0F, 2.0F, 1.0F, 2.0F};
    const auto pca = latent::fitPca(same, 2);
    REQUIRE(pca.apply(same) == std::vector<float>(4, 0.0F));
    const std::vector<float> line{1.0F, 2.0F, 3.0F};
    const auto one = latent::fitPca(line, 1);
    REQUIRE(one.apply(line)[1] == 0.0F);
    REQUIRE(one.apply(line)[0] == Approx(-1.0F));
}

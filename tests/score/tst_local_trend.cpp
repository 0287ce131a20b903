// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/local_trend.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

using namespace voorwerp::score;

namespace {

/// Points at random places, or on a line, all neighbours of the first.
struct Neighbourhood
{
    explicit Neighbourhood(std::size_t count, bool onALine = false)
        : x(count)
        , y(count)
        , all(count)
    {
        std::mt19937 random(3);
        std::normal_distribution<double> normal;
        for (std::size_t i = 0; i < count; ++i) {
            x[i] = normal(random);
            y[i] = onALine ? 2.0 * x[i] : normal(random);
        }
        std::iota(all.begin(), all.end(), 0U);
    }
    /// The values, lying on a plane or not, without their trend.
    std::vector<float> withoutTrend(std::vector<float> values) const
    {
        LocalTrend(PlaneNeighbours(x, y, x.size()), 0, all).removeFrom(values);
        return values;
    }
    std::vector<float> plane() const
    {
        std::vector<float> values;
        for (std::size_t i = 0; i < x.size(); ++i)
            values.push_back(static_cast<float>(7.0 + 2.0 * x[i] - 3.0 * y[i]));
        return values;
    }

    std::vector<double> x, y;
    std::vector<std::uint32_t> all;
};

} // namespace

TEST_CASE("Values on a plane all become the value at the point")
{
    const Neighbourhood here(200, GENERATE(false, true));
    const std::vector<float> values = here.plane();
    for (const float value : here.withoutTrend(values))
        CHECK(value == Approx(values[0]).margin(1e-3));
}

TEST_CASE("Outliers do not bend the trend, and keep their distance from it")
{
    const Neighbourhood here(200);
    std::vector<float> values = here.plane();
    const float before = values[0];
    for (std::size_t i = 20; i < 40; ++i)
        values[i] += 1000.0F;
    const std::vector<float> without = here.withoutTrend(values);
    for (std::size_t i = 0; i < 200; ++i)
        CHECK(without[i] == Approx(before + (i >= 20 && i < 40 ? 1000.0F : 0.0F)).margin(0.01));
}

TEST_CASE("What is no finite number takes no part in the trend of the others")
{
    const Neighbourhood here(200);
    std::vector<float> values = here.plane();
    values[5] = std::numeric_limits<float>::quiet_NaN();
    values[6] = std::numeric_limits<float>::infinity();
    values[7] = -std::numeric_limits<float>::infinity();
    const std::vector<float> without = here.withoutTrend(values);
    for (std::size_t i = 0; i < 200; ++i)
        CHECK(std::isfinite(without[i]) == (i < 5 || i > 7));
    CHECK(without[100] == Approx(values[0]).margin(1e-3));
}

TEST_CASE("Too few values for a plane stay as they are")
{
    const Neighbourhood here(29);
    CHECK(here.withoutTrend(here.plane()) == here.plane());
    CHECK(Neighbourhood(30).withoutTrend(Neighbourhood(30).plane()) != Neighbourhood(30).plane());
}

TEST_CASE("A quantile is the value at its rank among the sorted ones, and leaves them in their order")
{
    std::vector<float> values{4.0F, -1.0F, 3.0F, 0.0F, -2.5F};
    const std::vector<float> before = values;
    CHECK(quantile(values, 0.0) == -2.5F);
    CHECK(quantile(values, 0.5) == 0.0F);
    CHECK(quantile(values, 0.8) == 3.0F);
    CHECK(quantile(values, 1.0) == 4.0F);
    CHECK(values == before);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "score/fusion.h"
#include "score/gamma_distribution.h"
#include "score/neighbours.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <random>

using namespace voorwerp;

namespace {

/// n spectra whose scores depend on S/N and z and on nothing else but chance.
struct NullSample
{
    std::vector<score::ComponentScores> scores;
    std::vector<float> snr, z;
    explicit NullSample(std::size_t n, unsigned seed = 5)
    {
        std::mt19937 random(seed);
        std::normal_distribution<float> normal;
        std::uniform_real_distribution<float> uniform(0.2F, 4.0F);
        for (std::size_t i = 0; i < n; ++i) {
            snr.push_back(std::exp(1.5F + 0.8F * normal(random)));
            z.push_back(uniform(random));
            const float scale = 1.0F + 0.1F * snr.back() + 0.2F * z.back();
            scores.push_back({scale + normal(random), scale * (2.0F + 0.2F * normal(random)),
                              4.0F + scale * std::abs(normal(random)), 20.0F + z.back() + normal(random),
                              10.0F + normal(random), 0.0F});
        }
    }
};

score::FusedScores fuse(const NullSample& sample, const score::FusionOptions& options = {})
{
    core::JobContext context;
    return score::fuseScores(sample.scores, sample.snr, sample.z, options, context);
}

} // namespace

TEST_CASE("Conditional percentiles of null data are uniform at every S/N")
{
    const NullSample sample(3000);
    score::FusionOptions robustOnly{150, 0.0, 1.0, 0.0, 0.0, 0.0};
    robustOnly.artefactPenalty = 0.0;
    std::vector<float> percentiles = fuse(sample, robustOnly).score;
    for (float& value : percentiles) // a single component is fused as the logarithm of what is above it
        value = 1.0F - std::pow(10.0F, -value);
    for (const auto& [low, high] : {std::pair{0.0F, 3.0F}, std::pair{3.0F, 7.0F}, std::pair{7.0F, 1e9F}}) {
        std::size_t count = 0, lowHalf = 0, topTenth = 0;
        for (std::size_t i = 0; i < percentiles.size(); ++i) {
            REQUIRE(percentiles[i] > 0.0F);
            REQUIRE(percentiles[i] < 1.0F);
            if (sample.snr[i] < low || sample.snr[i] >= high)
                continue;
            ++count;
            lowHalf += percentiles[i] < 0.5F ? 1 : 0;
            topTenth += percentiles[i] > 0.9F ? 1 : 0;
        }
        REQUIRE(static_cast<double>(lowHalf) / static_cast<double>(count) == Approx(0.5).margin(0.07));
        REQUIRE(static_cast<double>(topTenth) / static_cast<double>(count) == Approx(0.1).margin(0.07));
    }
}

TEST_CASE(
    "Fused scores put planted outliers first and their p-values low, and null p-values are about uniform")
{
    NullSample sample(1500);
    for (std::size_t i = 0; i < 30; ++i) {
        sample.scores[i].smoothed += 60.0F;
        sample.scores[i].robust += 40.0F;
    }
    for (std::size_t i = 30; i < 40; ++i) { // as strange, but an artefact
        sample.scores[i].smoothed += 60.0F;
        sample.scores[i].robust += 40.0F;
        sample.scores[i].artefact = 1.0F;
    }
    const auto fused = fuse(sample);
    std::vector<std::size_t> order(1500);
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return fused.score[a] > fused.score[b]; });
    const auto planted =
        std::count_if(order.begin(), order.begin() + 30, [](std::size_t i) { return i < 30; });
    REQUIRE(planted >= 28);
    std::size_t low = 0, smaller = 0;
    for (std::size_t i = 0; i < 1500; ++i) {
        REQUIRE(fused.pValue[i] > 0.0);
        REQUIRE(fused.pValue[i] <= 1.0);
        REQUIRE(fused.qValue[i] >= fused.pValue[i]);
        if (i >= 40) {
            low += fused.pValue[i] < 0.05 ? 1 : 0;
            smaller += fused.pValue[i] < 0.5 ? 1 : 0;
        } else if (i < 30) {
            REQUIRE(fused.pValue[i] < 0.01);
        }
    }
    REQUIRE(low / 1460.0 == Approx(0.05).margin(0.03));
    REQUIRE(smaller / 1460.0 == Approx(0.5).margin(0.06));
    for (const int threads : {1, 2, 7}) {
        score::FusionOptions options;
        options.threads = threads;
        CHECK(fuse(sample, options).score == fused.score);
    }
}

TEST_CASE("Ranking tells how far it is")
{
    const NullSample sample(9000);
    std::vector<double> done;
    core::JobContext context({}, [&](const core::Progress& progress) { done.push_back(progress.done); }, {});
    score::FusionOptions options;
    options.threads = 1; // slow enough for a report between start and end
    score::fuseScores(sample.scores, sample.snr, sample.z, options, context);
    CHECK(std::is_sorted(done.begin(), done.end()));
    CHECK(std::any_of(done.begin(), done.end(), [](double value) { return value > 0.0 && value < 9000.0; }));
    CHECK(done.back() == 9000.0);
}

TEST_CASE("A sample of one, or none, is fused without fuss, and a stop is obeyed")
{
    REQUIRE(fuse(NullSample(0)).score.empty());
    const NullSample one(1);
    const auto fused = fuse(one);
    REQUIRE(std::isfinite(fused.score[0]));
    REQUIRE(fused.pValue[0] <= 1.0);
    std::stop_source stop;
    stop.request_stop();
    core::JobContext stopped(stop.get_token(), {}, {});
    REQUIRE_THROWS_AS(score::fuseScores(one.scores, one.snr, one.z, {}, stopped), core::Cancelled);
}

TEST_CASE("Benjamini-Hochberg gives the q-values of a worked example")
{
    // p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.20), "BH") of R.
    const std::vector<double> p{0.04, 0.01, 0.20, 0.02, 0.03};
    const auto q = score::benjaminiHochberg(p);
    REQUIRE(q[0] == Approx(0.05));
    REQUIRE(q[1] == Approx(0.05));
    REQUIRE(q[2] == Approx(0.20));
    const std::vector<double> other{0.001, 0.5, 0.02};
    const auto r = score::benjaminiHochberg(other);
    REQUIRE(r[0] == Approx(0.003));
    REQUIRE(r[1] == Approx(0.5));
    REQUIRE(r[2] == Approx(0.03));
}

TEST_CASE("The gamma tail agrees with closed forms, and a fit finds the parameters in spite of outliers")
{
    REQUIRE(score::upperIncompleteGamma(1.0, 2.0) == Approx(std::exp(-2.0)).epsilon(1e-10));
    REQUIRE(score::upperIncompleteGamma(3.0, 30.0) ==
            Approx(std::exp(-30.0) * (1.0 + 30.0 + 450.0)).epsilon(1e-10));
    REQUIRE(score::upperIncompleteGamma(0.5, 0.5) == Approx(std::erfc(std::sqrt(0.5))).epsilon(1e-10));

    std::mt19937 random(7);
    std::gamma_distribution<float> gamma(3.0F, 0.5F);
    std::vector<float> values;
    for (int i = 0; i < 20000; ++i)
        values.push_back(i < 1000 ? 50.0F : gamma(random));
    std::sort(values.begin(), values.end());
    const auto fit = score::GammaDistribution::fitToLowerPart(values);
    REQUIRE(fit.shape == Approx(3.0).epsilon(0.25));
    REQUIRE(fit.shape * fit.scale == Approx(1.5).epsilon(0.08));
}

TEST_CASE(
    "The grid of cells finds the nearest points exactly, also where two of them are far from all others")
{
    const bool far = GENERATE(false, true); // so far that the grid has as many cells as it may
    const std::size_t count = far ? 6000 : 800, neighbours = far ? 5 : 37;
    std::mt19937 random(9);
    std::normal_distribution<double> normal;
    std::vector<double> x, y;
    for (std::size_t i = 0; i < count; ++i) {
        x.push_back(normal(random) + (far && i == 39 ? 1e7 : 0.0));
        y.push_back((i < count / 2 ? normal(random) : 0.01 * normal(random)) - (far && i == 78 ? 1e7 : 0.0));
    }
    const score::PlaneNeighbours plane(x, y, neighbours);
    const auto spread = [](const std::vector<double>& v) {
        double mean = 0, square = 0;
        for (double a : v)
            mean += a / static_cast<double>(v.size());
        for (double a : v)
            square += (a - mean) * (a - mean) / static_cast<double>(v.size());
        return std::sqrt(square);
    };
    const double sx = spread(x), sy = spread(y);
    for (std::size_t i = 0; i < count; i += 13) {
        const std::vector<std::uint32_t> found = plane.find(i);
        REQUIRE(found.size() == neighbours);
        const auto distance = [&](std::size_t j) {
            return std::hypot((x[i] - x[j]) / sx, (y[i] - y[j]) / sy);
        };
        std::vector<double> all, got;
        for (std::size_t j = 0; j < count; ++j)
            all.push_back(distance(j));
        std::sort(all.begin(), all.end());
        for (std::uint32_t j : found)
            got.push_back(distance(j));
        REQUIRE(*std::max_element(got.begin(), got.end()) == Approx(all[neighbours - 1]));
    }
}

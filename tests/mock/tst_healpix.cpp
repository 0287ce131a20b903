// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/coadd_reader.h"
#include "mock/healpix.h"
#include "mock/random.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <numbers>

using namespace voorwerp;
using mock::healpixOf;

TEST_CASE("the twelve base pixels are where Gorski et al. put them")
{
    for (int i = 0; i < 4; ++i) {
        CHECK(healpixOf(45.0 + 90.0 * i, 50.0, 1) == i);
        CHECK(healpixOf(90.0 * i, 0.0, 1) == 4 + i);
        CHECK(healpixOf(45.0 + 90.0 * i, -50.0, 1) == 8 + i);
    }
    CHECK(healpixOf(-45.0, 50.0, 1) == 3);
    CHECK(healpixOf(405.0, 50.0, 1) == 0);
}

TEST_CASE("pixels nest and have equal areas")
{
    mock::Random random(1, 1);
    std::map<std::int64_t, int> counts;
    constexpr int kPoints = 96000;
    int notNested = 0;
    for (int i = 0; i < kPoints; ++i) {
        const double ra = random.uniform(0.0, 360.0);
        const double dec = std::asin(random.uniform(-1.0, 1.0)) * 180.0 / std::numbers::pi;
        for (std::int64_t nside = 1; nside <= 512; nside *= 2)
            notNested += healpixOf(ra, dec, 2 * nside) / 4 != healpixOf(ra, dec, nside);
        ++counts[healpixOf(ra, dec, 4)];
    }
    CHECK(notNested == 0);
    REQUIRE(counts.size() == 192);
    double chi2 = 0.0;
    for (const auto& [pixel, count] : counts)
        chi2 += (count - 500.0) * (count - 500.0) / 500.0;
    CHECK(chi2 < 191.0 + 5.0 * std::sqrt(2.0 * 191.0));
}

TEST_CASE("DESI's own targets are in the pixel that names their file")
{
    const fits::CoaddReader reader(test::realData("desi/specutils/coadd-sv3-dark-26065.fits"));
    int checked = 0;
    for (const core::TargetInfo& target : reader.targets()) {
        if (target.key.targetId.value < 0)
            continue;
        CHECK(healpixOf(target.targetRa, target.targetDec) == 26065);
        ++checked;
    }
    CHECK(checked > 0);
}

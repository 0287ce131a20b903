// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sky_position.h"

#include <catch2/catch.hpp>

using namespace voorwerp::core;

namespace {

struct Written
{
    const char* text;
    double ra, dec, radius;
};

} // namespace

TEST_CASE("Places are read as people write them")
{
    const auto written = GENERATE(values<Written>({
        {"12:34:56.7 +01:23:45 30\"", 188.73625, 1.3958333333, 30},
        {"12:34:56.7 +01:23:45", 188.73625, 1.3958333333, 60},
        {"12 34 56.7 -01 23 45 2'", 188.73625, -1.3958333333, 120},
        {"12h34m56.7s -01d23m45s", 188.73625, -1.3958333333, 60},
        {"188.73625, 1.3958, 30", 188.73625, 1.3958, 30},
        {"188.73625 -1.3958 0.5 arcmin", 188.73625, -1.3958, 30},
        {"  0 -90 1 deg ", 0, -90, 3600},
        {"10 -0:30:00", 10, -0.5, 60},
        {"10 -0.5 r=5", 10, -0.5, 5},
        {"SDSS J123456.70+012345.0", 188.73625, 1.3958333333, 60},
        {"DESI J188.7363-01.3958 10″", 188.7363, -1.3958, 10},
        {"J1234-0123", 188.5, -1.3833333333, 60},
    }));
    INFO(written.text);
    const auto cone = parseSkyCone(written.text);
    REQUIRE(cone);
    CHECK(cone->centre.ra == Approx(written.ra).epsilon(0).margin(1e-8));
    CHECK(cone->centre.dec == Approx(written.dec).epsilon(0).margin(1e-8));
    CHECK(cone->radiusArcsec == Approx(written.radius));
}

TEST_CASE("What is no place is not guessed at")
{
    for (const char* text : {"", "3C 273", "12:34:56", "400 0", "10 -91", "12:60:00 1:00:00", "1 2 x",
                             "24:00:01 0", "10 10 -5", "J", "J+", "nan nan", "1e999 0", "a b c"}) {
        INFO(text);
        CHECK_FALSE(parseSkyCone(text));
    }
    CHECK_FALSE(parseRightAscension("-1"));
    CHECK_FALSE(parseRightAscension("-01:00:00"));
    CHECK_FALSE(parseDeclination("12:34:56:78"));
}

TEST_CASE("Distances are those of a sphere")
{
    CHECK(separationArcsec({10, 20}, {10, 20}) == 0.0);
    CHECK(separationArcsec({0, 0}, {0.0001, 0}) == Approx(0.36));
    CHECK(separationArcsec({0, 60}, {0.0002, 60}) == Approx(0.36).epsilon(1e-6));
    CHECK(separationArcsec({359.9999, 0}, {0.0001, 0}) == Approx(0.72).epsilon(1e-6));
    CHECK(separationArcsec({10, 90}, {200, 90}) == Approx(0.0).margin(1e-9));
    CHECK(separationArcsec({0, -90}, {0, 90}) == Approx(648000.0));
}

TEST_CASE("An expression holds the place as exactly as it was given")
{
    CHECK(coneExpression({{188.73625, -1.5}, 30}) == "cone(188.73625, -1.5, 30)");
    CHECK(coneExpression({{0.1, 1e-7}, 0.5}) == "cone(0.1, 0.0000001, 0.5)");
}

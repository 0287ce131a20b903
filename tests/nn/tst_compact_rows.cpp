// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/compact_rows.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace voorwerp;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// What IEEE 754 says a half is.
double meaningOf(std::uint16_t half)
{
    const int exponent = half >> 10 & 31;
    const double fraction = half & 1023;
    const double size = exponent == 0 ? std::ldexp(fraction, -24)
                        : exponent == 31
                            ? (fraction > 0 ? std::nan("") : std::numeric_limits<double>::infinity())
                            : std::ldexp(1024 + fraction, exponent - 25);
    return (half & 0x8000) != 0 ? -size : size;
}

double meaningOfWeight(int code)
{
    return code == 0 ? 0.0 : std::ldexp(8.0 + code % 8, code / 8 - 15);
}

} // namespace

TEST_CASE("Every half becomes the float that it is, and comes back")
{
    for (unsigned bits = 0; bits < 65536; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const float value = nn::floatOfHalf(half);
        const double meaning = meaningOf(half);
        if (std::isnan(meaning)) {
            REQUIRE(std::isnan(value));
            REQUIRE(std::isnan(nn::floatOfHalf(nn::halfOfFloat(value))));
            continue;
        }
        REQUIRE(static_cast<double>(value) == meaning);
        REQUIRE(std::signbit(value) == std::signbit(meaning));
        REQUIRE(nn::halfOfFloat(value) == half);
    }
}

TEST_CASE("A float becomes the nearest half, the even one on a tie")
{
    for (unsigned bits = 0; bits < 0x7BFF; ++bits) { // between each two neighbours
        const auto lower = static_cast<std::uint16_t>(bits), upper = static_cast<std::uint16_t>(bits + 1);
        const float middle = 0.5F * (nn::floatOfHalf(lower) + nn::floatOfHalf(upper)); // exact
        REQUIRE(nn::halfOfFloat(middle) == (bits % 2 == 0 ? lower : upper));
        REQUIRE(nn::halfOfFloat(std::nextafter(middle, 0.0F)) == lower);
        REQUIRE(nn::halfOfFloat(-std::nextafter(middle, kInfinity)) == (upper | 0x8000));
    }
    REQUIRE(nn::halfOfFloat(65519.996F) == 0x7BFF);
    REQUIRE(nn::halfOfFloat(65520.0F) == 0x7C00);
    REQUIRE(nn::halfOfFloat(3e38F) == 0x7C00);
    REQUIRE(nn::halfOfFloat(-kInfinity) == 0xFC00);
    REQUIRE(nn::halfOfFloat(std::numeric_limits<float>::denorm_min()) == 0);
}

TEST_CASE("A weight's code stands for a weight within a seventeenth of it, and 0 for no data only")
{
    for (int code = 0; code < 256; ++code) {
        const float weight = nn::weightOfCode(static_cast<std::uint8_t>(code));
        REQUIRE(static_cast<double>(weight) == meaningOfWeight(code));
        REQUIRE(nn::codeOfWeight(weight) == code);
    }
    for (float weight = 2.75e-4F; weight < 9e5F; weight *= 1.0007F) {
        const float stored = nn::weightOfCode(nn::codeOfWeight(weight));
        REQUIRE(std::abs(stored / weight - 1.0F) <= 1.0F / 17.0F + 1e-6F);
    }
    for (const float none : {0.0F, -0.0F, -1.0F, -kInfinity, kNaN, 1e-38F, 2.5e-4F})
        REQUIRE(nn::codeOfWeight(none) == 0);
    for (const float large : {1e6F, 3e38F, kInfinity})
        REQUIRE(nn::codeOfWeight(large) == 255);
}

TEST_CASE("A pixel whose flux no half can hold, or whose noise hides it, has no data and flux 0")
{
    const auto isEmpty = [](nn::CompactPixel pixel) { return pixel.flux == 0 && pixel.weight == 0; };
    for (const float flux : {65520.0F, -1e30F, kInfinity, -kInfinity, kNaN})
        REQUIRE(isEmpty(nn::compactPixel(flux, 1.0F)));
    for (const float weight : {0.0F, -1.0F, kNaN, 1e-5F})
        REQUIRE(isEmpty(nn::compactPixel(1.5F, weight)));
    const nn::CompactPixel good = nn::compactPixel(-65504.0F, 1e-3F);
    REQUIRE(nn::floatOfHalf(good.flux) == -65504.0F);
    REQUIRE(good.weight != 0);
}

TEST_CASE("Compact rows are decoded as their pixels one by one")
{
    const std::vector<std::uint16_t> flux{0x3C00, 0xC000, 0, 0x0001, 0x7BFF, 0x8000};
    const std::vector<std::uint8_t> weight{96, 97, 0, 1, 255, 104};
    std::vector<float> decodedFlux(6), decodedWeight(6);
    nn::decodeRows({2, 3, flux.data(), weight.data()}, decodedFlux.data(), decodedWeight.data());
    REQUIRE(decodedFlux == std::vector<float>{1.0F, -2.0F, 0.0F, 0x1p-24F, 65504.0F, -0.0F});
    REQUIRE(decodedWeight == std::vector<float>{1.0F, 1.125F, 0.0F, 0x1.2p-12F, 983040.0F, 2.0F});
}

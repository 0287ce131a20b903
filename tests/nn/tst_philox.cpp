// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/philox.h"

#include <catch2/catch.hpp>

using namespace voorwerp::nn;

namespace {
void requireBlock(const PhiloxBlock& got, std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d)
{
    CHECK(got.word[0] == a);
    CHECK(got.word[1] == b);
    CHECK(got.word[2] == c);
    CHECK(got.word[3] == d);
}
} // namespace

TEST_CASE("Philox gives the known answers of Random123")
{
    requireBlock(philox4x32({{0, 0, 0, 0}}, 0, 0), 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    const std::uint32_t f = 0xffffffffU;
    requireBlock(philox4x32({{f, f, f, f}}, f, f), 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    requireBlock(philox4x32({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0),
                 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
}

TEST_CASE("Normal deviates have mean 0, variance 1 and differ between streams")
{
    double sum = 0.0, squares = 0.0;
    constexpr int kBlocks = 50000;
    float deviates[4];
    for (std::uint32_t block = 0; block < kBlocks; ++block) {
        normals4(42, NoiseStream::Latent, 1, 0, block, deviates);
        for (const float value : deviates) {
            sum += value;
            squares += value * value;
        }
    }
    CHECK(std::abs(sum / (4 * kBlocks)) < 0.01);
    CHECK(std::abs(squares / (4 * kBlocks) - 1.0) < 0.015);
    float other[4];
    normals4(42, NoiseStream::Parameters, 1, 0, kBlocks - 1, other);
    CHECK(other[0] != deviates[0]);
}

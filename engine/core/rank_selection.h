// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Medians and other ranks of many floats: a radix selection without branches that depend on them, many times
// as fast as std::nth_element.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace voorwerp::core {

/// A float's bits as a number that is ordered as the floats are; no NaN.
constexpr std::uint32_t orderedBits(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

/// The float of such a number.
constexpr float floatOfOrderedBits(std::uint32_t ordered)
{
    return std::bit_cast<float>((ordered & 0x80000000U) != 0 ? ordered & 0x7FFFFFFFU : ~ordered);
}

/// What would stand at a rank, which must be below their count, if numbers were sorted; they are lost.
std::uint32_t elementOfRank(std::span<std::uint32_t> numbers, std::size_t rank);

} // namespace voorwerp::core

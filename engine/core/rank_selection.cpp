// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/rank_selection.h"

#include <algorithm>
#include <array>

namespace voorwerp::core {

std::uint32_t elementOfRank(std::span<std::uint32_t> numbers, std::size_t rank)
{
    constexpr std::size_t kBins = 1U << 11, kFew = 32; // fewer are sorted faster than counted
    for (const unsigned shift : {21U, 10U, 0U}) {
        if (numbers.size() <= kFew)
            break;
        const auto binOf = [shift](std::uint32_t number) { return (number >> shift) % kBins; };
        std::array<std::uint32_t, 2 * kBins> counts{}; // two, as neighbours fall into one bin and would wait
        for (std::size_t i = 0; i < numbers.size(); ++i)
            ++counts[(i & 1U) * kBins + binOf(numbers[i])];
        std::size_t bin = 0;
        for (; rank >= counts[bin] + counts[kBins + bin]; ++bin)
            rank -= counts[bin] + counts[kBins + bin];
        std::size_t kept = 0;
        for (const std::uint32_t number : numbers) {
            numbers[kept] = number;
            kept += binOf(number) == bin ? 1 : 0;
        }
        numbers = numbers.first(kept);
    }
    const auto element = numbers.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(numbers.begin(), element, numbers.end());
    return *element;
}

} // namespace voorwerp::core

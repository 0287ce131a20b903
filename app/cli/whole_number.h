// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A check of whole numbers: CLI11 itself silently takes 99999999999999999999 as the largest number there is.

#include <CLI/CLI.hpp>

#include <cstdint>
#include <limits>

namespace voorwerp::cli {

/// Refuses what is not a whole number of 64 bits, or is below the minimum.
CLI::Validator wholeNumber(std::int64_t minimum = std::numeric_limits<std::int64_t>::min());

} // namespace voorwerp::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The machine's own rate of multiplying matrices, as the mark that networks are measured against.

#include <cstddef>

namespace voorwerp::bench {

inline constexpr std::size_t kGemmSize = 1024;
inline constexpr std::size_t kGemmProducts = 8; ///< that each thread computes

/// Every thread computes kGemmProducts products of two kGemmSize x kGemmSize single-precision matrices of its
/// own, with Eigen compiled for the processor at hand. Returns how many elements came out wrong.
std::size_t multiplyMatrices(int threads);

} // namespace voorwerp::bench

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How the pixels of a spectrum are stored: 4-byte values with their bytes transposed (all first bytes, all
// second bytes,
// ...), then zstd. Lossless: every bit comes back, NaN payloads and signed zeros too.
//
// Layout of a blob: byte 0 format (1), bytes 1-4 number of values (little endian), then one zstd frame of 4·n
// bytes.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::catalog {

/// Thread-safe pure functions. decode... throw core::FormatError for a damaged blob.
std::string encodeFloats(std::span<const float> values);
std::string encodeBits(std::span<const std::uint32_t> values);
std::vector<float> decodeFloats(std::string_view blob);
std::vector<std::uint32_t> decodeBits(std::string_view blob);

} // namespace voorwerp::catalog

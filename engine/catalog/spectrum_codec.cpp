// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/spectrum_codec.h"

#include "core/error.h"

#include <bit>
#include <cstring>
#include <zstd.h>

namespace voorwerp::catalog {

namespace {

static_assert(std::endian::native == std::endian::little, "blobs are little endian");

constexpr char kFormat = 1;
constexpr std::size_t kHeaderBytes = 5;
constexpr std::size_t kWidth = 4;
constexpr std::uint32_t kMostValues = 1U << 24; ///< a damaged header must not ask for gigabytes
constexpr int kLevel = 1;

std::string encode(const void* values, std::size_t count)
{
    if (count > kMostValues)
        throw core::FormatError("a spectrum of " + std::to_string(count) + " pixels is too long to store");
    const auto* bytes = static_cast<const char*>(values);
    std::string shuffled(count * kWidth, '\0');
    for (std::size_t plane = 0; plane < kWidth; ++plane)
        for (std::size_t i = 0; i < count; ++i)
            shuffled[plane * count + i] = bytes[i * kWidth + plane];
    std::string blob(kHeaderBytes + ZSTD_compressBound(shuffled.size()), '\0');
    const auto stored = static_cast<std::uint32_t>(count);
    blob[0] = kFormat;
    std::memcpy(blob.data() + 1, &stored, sizeof stored);
    const std::size_t size = ZSTD_compress(blob.data() + kHeaderBytes, blob.size() - kHeaderBytes,
                                           shuffled.data(), shuffled.size(), kLevel);
    if (ZSTD_isError(size) != 0)
        throw core::SystemError(std::string("cannot compress a spectrum: ") + ZSTD_getErrorName(size));
    blob.resize(kHeaderBytes + size);
    return blob;
}

[[noreturn]] void damaged(const std::string& why)
{
    throw core::FormatError("stored pixels are damaged: " + why,
                            "Ingest the source file again, or restore the database from a backup.");
}

template <typename Value> std::vector<Value> decode(std::string_view blob)
{
    if (blob.size() < kHeaderBytes || blob[0] != kFormat)
        damaged("unknown format");
    std::uint32_t count = 0;
    std::memcpy(&count, blob.data() + 1, sizeof count);
    if (count > kMostValues)
        damaged("impossible length");
    std::string shuffled(count * kWidth, '\0');
    const std::size_t size = ZSTD_decompress(shuffled.data(), shuffled.size(), blob.data() + kHeaderBytes,
                                             blob.size() - kHeaderBytes);
    if (ZSTD_isError(size) != 0)
        damaged(ZSTD_getErrorName(size));
    if (size != shuffled.size())
        damaged("shorter than its header says");
    std::vector<Value> values(count);
    auto* bytes = reinterpret_cast<char*>(values.data());
    for (std::size_t plane = 0; plane < kWidth; ++plane)
        for (std::size_t i = 0; i < count; ++i)
            bytes[i * kWidth + plane] = shuffled[plane * count + i];
    return values;
}

} // namespace

std::string encodeFloats(std::span<const float> values)
{
    return encode(values.data(), values.size());
}

std::string encodeBits(std::span<const std::uint32_t> values)
{
    return encode(values.data(), values.size());
}

std::vector<float> decodeFloats(std::string_view blob)
{
    return decode<float>(blob);
}

std::vector<std::uint32_t> decodeBits(std::string_view blob)
{
    return decode<std::uint32_t>(blob);
}

} // namespace voorwerp::catalog

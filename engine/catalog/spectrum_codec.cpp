// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/spectrum_codec.h"

#include "core/error.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>
#include <zstd.h>

namespace voorwerp::catalog {

namespace {

static_assert(std::endian::native == std::endian::little, "blobs are little endian");

constexpr char kPlain = 1, kRoundedIvar = 2, kRoundedFlux = 3, kWideRoundedFlux = 4;
constexpr std::size_t kHeaderBytes = 5;
constexpr std::uint32_t kMostValues = 1U << 24; ///< a damaged header must not ask for gigabytes
constexpr int kLevel = 1;

constexpr int kDroppedBits = 17;               ///< of a float's 23 bits of mantissa
constexpr std::uint32_t kLargestIvar = 0x3FBF; ///< the largest finite float without its dropped bits
constexpr float kSmallestIvar = 1e-30F;        ///< far from denormal floats, which have fewer bits
constexpr float kStepsPerSigma = 64.0F;
constexpr float kMostSteps = 524288.0F; ///< beyond, a float is no longer finer than a step needs

template <typename Value> void toPlanes(std::span<const Value> values, char* planes)
{
    for (std::size_t plane = 0; plane < sizeof(Value); ++plane, planes += values.size())
        for (std::size_t i = 0; i < values.size(); ++i)
            planes[i] = static_cast<char>(values[i] >> (8 * plane));
}

template <typename Value> void fromPlanes(const char* planes, std::span<Value> values)
{
    for (std::size_t plane = 0; plane < sizeof(Value); ++plane, planes += values.size())
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<Value>(
                values[i] | static_cast<Value>(static_cast<unsigned char>(planes[i])) << (8 * plane));
}

/// A context is expensive to make: one a thread.
ZSTD_CCtx* compressor()
{
    thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                    &ZSTD_freeCCtx);
    return context.get();
}

ZSTD_DCtx* decompressor()
{
    thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                                    &ZSTD_freeDCtx);
    return context.get();
}

template <typename Value> std::string pack(char format, std::span<const Value> values)
{
    if (values.size() > kMostValues)
        throw core::FormatError("a spectrum of " + std::to_string(values.size()) +
                                " pixels is too long to store");
    thread_local std::vector<char> planes;
    planes.resize(values.size_bytes());
    toPlanes(values, planes.data());
    thread_local std::vector<char> blob;
    blob.resize(kHeaderBytes + ZSTD_compressBound(planes.size()));
    const auto count = static_cast<std::uint32_t>(values.size());
    blob[0] = format;
    std::memcpy(blob.data() + 1, &count, sizeof count);
    const std::size_t size =
        ZSTD_compressCCtx(compressor(), blob.data() + kHeaderBytes, blob.size() - kHeaderBytes, planes.data(),
                          planes.size(), kLevel);
    if (ZSTD_isError(size) != 0)
        throw core::SystemError(std::string("cannot compress a spectrum: ") + ZSTD_getErrorName(size));
    return {blob.data(), kHeaderBytes + size};
}

[[noreturn]] void damaged(const std::string& why)
{
    throw core::FormatError("stored pixels are damaged: " + why,
                            "Ingest the source file again, or restore the database from a backup.");
}

char formatOf(std::string_view blob)
{
    if (blob.size() < kHeaderBytes || blob[0] < kPlain || blob[0] > kWideRoundedFlux)
        damaged("unknown format");
    return blob[0];
}

template <typename Value> std::vector<Value> unpack(std::string_view blob)
{
    std::uint32_t count = 0;
    std::memcpy(&count, blob.data() + 1, sizeof count);
    if (count > kMostValues)
        damaged("impossible length");
    std::vector<char> planes(count * sizeof(Value));
    const std::size_t size = ZSTD_decompressDCtx(decompressor(), planes.data(), planes.size(),
                                                 blob.data() + kHeaderBytes, blob.size() - kHeaderBytes);
    if (ZSTD_isError(size) != 0)
        damaged(ZSTD_getErrorName(size));
    if (size != planes.size())
        damaged("shorter than its header says");
    std::vector<Value> values(count);
    fromPlanes(planes.data(), std::span(values));
    return values;
}

std::string packFloats(std::span<const float> values)
{
    std::vector<std::uint32_t> bits(values.size());
    std::transform(values.begin(), values.end(), bits.begin(),
                   [](float value) { return std::bit_cast<std::uint32_t>(value); });
    return pack<std::uint32_t>(kPlain, bits);
}

template <typename Value> std::vector<Value> unpackPlain(std::string_view blob)
{
    if (formatOf(blob) != kPlain)
        damaged("unexpected format");
    const auto bits = unpack<std::uint32_t>(blob);
    std::vector<Value> values(bits.size());
    std::transform(bits.begin(), bits.end(), values.begin(),
                   [](std::uint32_t value) { return std::bit_cast<Value>(value); });
    return values;
}

/// Small numbers of either sign become small numbers: 0, -1, 1, -2, ... → 0, 1, 2, 3, ...
template <typename Signed> auto zigzag(Signed value)
{
    using Unsigned = std::make_unsigned_t<Signed>;
    return static_cast<Unsigned>((static_cast<Unsigned>(value) << 1) ^
                                 static_cast<Unsigned>(value >> (8 * sizeof(Signed) - 1)));
}

template <typename Unsigned> auto unzigzag(Unsigned value)
{
    return static_cast<std::make_signed_t<Unsigned>>((value >> 1) ^ (~(value & 1U) + 1U));
}

float expanded(std::uint32_t rounded)
{
    return std::bit_cast<float>(rounded << kDroppedBits);
}

bool canRound(std::span<const float> ivar)
{
    unsigned unfit = 0; // counted, not stopped at: the compiler makes vectors of it
    for (const float value : ivar)
        unfit += (value != 0.0F) & !((value >= kSmallestIvar) & (value <= std::numeric_limits<float>::max()));
    return unfit == 0;
}

/// ivar without its dropped bits.
std::vector<std::uint16_t> roundedIvar(std::span<const float> ivar)
{
    std::vector<std::uint16_t> rounded(ivar.size());
    for (std::size_t i = 0; i < ivar.size(); ++i) {
        const auto bits = std::bit_cast<std::uint32_t>(ivar[i] + 0.0F); // no -0
        const std::uint32_t nearest = (bits + (1U << (kDroppedBits - 1))) >> kDroppedBits;
        rounded[i] = static_cast<std::uint16_t>(std::min(nearest, kLargestIvar));
    }
    return rounded;
}

std::string packIvar(std::span<const std::uint16_t> rounded)
{
    std::vector<std::uint16_t> differences(rounded.size());
    if (!rounded.empty())
        differences[0] = zigzag(static_cast<std::int16_t>(rounded[0]));
    for (std::size_t i = 1; i < rounded.size(); ++i)
        differences[i] = zigzag(static_cast<std::int16_t>(rounded[i] - rounded[i - 1]));
    return pack<std::uint16_t>(kRoundedIvar, differences);
}

std::vector<float> unpackIvar(std::string_view blob)
{
    const auto differences = unpack<std::uint16_t>(blob);
    std::vector<float> ivar(differences.size());
    std::int32_t value = 0;
    for (std::size_t i = 0; i < ivar.size(); ++i) {
        value += unzigzag(differences[i]);
        if (value < 0 || value > static_cast<std::int32_t>(kLargestIvar))
            damaged("impossible ivar");
        ivar[i] = expanded(static_cast<std::uint32_t>(value));
    }
    return ivar;
}

template <typename Integer> std::string packSteps(char format, std::span<const float> steps)
{
    std::vector<std::make_unsigned_t<Integer>> whole(steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i)
        whole[i] = zigzag(static_cast<Integer>(steps[i]));
    return pack<std::make_unsigned_t<Integer>>(format, whole);
}

/// nullopt: too many steps, or flux is not finite where ivar is not 0.
std::optional<std::string> packFlux(std::span<const float> flux, std::span<const std::uint16_t> ivar)
{
    std::vector<float> steps(flux.size());
    for (std::size_t i = 0; i < flux.size(); ++i) {
        const float step = flux[i] * (kStepsPerSigma * std::sqrt(expanded(ivar[i])));
        steps[i] = ivar[i] == 0 ? 0.0F : step;
    }
    std::uint32_t mostBits = 0; // of |step|: ordered as the numbers are, infinity and NaN above all
    for (float& step : steps) {
        mostBits = std::max(mostBits, std::bit_cast<std::uint32_t>(std::abs(step)));
        step += std::copysign(0.5F, step); // rounded by the cast
    }
    if (mostBits > std::bit_cast<std::uint32_t>(kMostSteps))
        return std::nullopt;
    return mostBits < std::bit_cast<std::uint32_t>(32767.0F)
               ? packSteps<std::int16_t>(kRoundedFlux, steps)
               : packSteps<std::int32_t>(kWideRoundedFlux, steps);
}

template <typename Unsigned> std::vector<float> unpackFlux(std::string_view blob, std::span<const float> ivar)
{
    const auto steps = unpack<Unsigned>(blob);
    if (steps.size() != ivar.size())
        damaged("flux and ivar have different lengths");
    std::vector<float> flux(steps.size());
    for (std::size_t i = 0; i < flux.size(); ++i)
        if (ivar[i] > 0.0F)
            flux[i] = static_cast<float>(unzigzag(steps[i])) / (kStepsPerSigma * std::sqrt(ivar[i]));
    return flux;
}

} // namespace

std::string_view pixelStorageName(PixelStorage storage)
{
    return storage == PixelStorage::Lossless ? "lossless" : "noise-aware";
}

EncodedSpectrum encodeSpectrum(const core::Spectrum& spectrum, PixelStorage storage)
{
    EncodedSpectrum encoded{{}, {}, pack<std::uint32_t>(kPlain, spectrum.mask)};
    if (storage == PixelStorage::NoiseAware && canRound(spectrum.ivar)) {
        const auto ivar = roundedIvar(spectrum.ivar);
        if (auto flux = packFlux(spectrum.flux, ivar)) {
            encoded.flux = std::move(*flux);
            encoded.ivar = packIvar(ivar);
            return encoded;
        }
    }
    encoded.flux = packFloats(spectrum.flux);
    encoded.ivar = packFloats(spectrum.ivar);
    return encoded;
}

core::Spectrum decodeSpectrum(std::string_view flux, std::string_view ivar, std::string_view mask)
{
    core::Spectrum spectrum;
    spectrum.mask = unpackPlain<std::uint32_t>(mask);
    spectrum.ivar = formatOf(ivar) == kRoundedIvar ? unpackIvar(ivar) : unpackPlain<float>(ivar);
    switch (formatOf(flux)) {
    case kRoundedFlux:
        spectrum.flux = unpackFlux<std::uint16_t>(flux, spectrum.ivar);
        break;
    case kWideRoundedFlux:
        spectrum.flux = unpackFlux<std::uint32_t>(flux, spectrum.ivar);
        break;
    default:
        spectrum.flux = unpackPlain<float>(flux);
    }
    return spectrum;
}

} // namespace voorwerp::catalog

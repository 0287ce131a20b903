// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How the pixels of a spectrum are stored: values with their bytes transposed (all first bytes, all second
// bytes,
// ...), then zstd.
//
// Lossless: every bit comes back, NaN payloads and signed zeros too.
//
// Noise-aware: flux and ivar are rounded far below the noise.
//     ivar   float rounded to 6 bits of mantissa: |δivar|/ivar <= 2^-7, so σ = ivar^-1/2 is off by less than
//     0.4 %;
//            stored as differences of neighbours
//     flux   in steps of σ/64 of the rounded ivar: |δflux| < 0.008 σ; 0 where ivar is 0
//     mask   every bit
// The steps are below the σ/10 at which rounding begins to be seen in the noise (Pence, Seaman & White 2009,
// PASP 121, 414, for q = 4 to 16 steps a σ; here 64). A spectrum that cannot be kept that well (ivar
// negative, below 1e-30 or not finite, |flux| above 8,192 σ) is stored lossless.
//
// Layout of a blob: byte 0 format, bytes 1-4 number n of values (little endian), then one zstd frame of w·n
// bytes.
//     format 1 (w = 4)  floats or bits as they are
//     format 2 (w = 2)  noise-aware ivar: zigzag differences of (bits of the float >> 17)
//     format 3 (w = 2), 4 (w = 4)  noise-aware flux: zigzag of round(64·flux/σ), as wide as it must be

#include "core/spectrum.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace voorwerp::catalog {

enum class PixelStorage { NoiseAware, Lossless };
/// "noise-aware", "lossless"
std::string_view pixelStorageName(PixelStorage storage);

struct EncodedSpectrum
{
    std::string flux, ivar, mask;
};

/// Thread-safe pure functions. flux, ivar and mask have the same length. decodeSpectrum() knows by itself how
/// a blob was stored; it throws core::FormatError for a damaged one.
EncodedSpectrum encodeSpectrum(const core::Spectrum& spectrum, PixelStorage storage);
core::Spectrum decodeSpectrum(std::string_view flux, std::string_view ivar, std::string_view mask);

} // namespace voorwerp::catalog

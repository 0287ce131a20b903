// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// HEALPix in the nested scheme: which pixel a position of the sky is in. After Górski et al. 2005, ApJ 622,
// 759, section 4 and appendix A. Exact for nside up to 2^13 within the rounding of double.

#include <cstdint>

namespace voorwerp::mock {

/// DESI groups its spectra by nested pixels of this resolution (header HPXNSIDE); a pixel covers 0.84 deg².
inline constexpr std::int64_t kHealpixNside = 64;

/// Nested pixel of a position; right ascension and declination in degrees, nside a power of two.
std::int64_t healpixOf(double raDegrees, double decDegrees, std::int64_t nside = kHealpixNside);

} // namespace voorwerp::mock

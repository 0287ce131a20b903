// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Merges the spectra of DESI's cameras on DesiGrid, as desispec (coaddition.coadd_cameras) and spender
// (data/desi.py) do: per pixel
//     ivar = Σ ivar_c·[mask_c = 0],  flux = Σ ivar_c·[mask_c = 0]·flux_c / ivar,
// mask bits are copied where one camera looks and AND-ed where several do; then pixels with ivar <= 1e-6 get
// ivar 0. Beyond that: a flux or ivar that is not finite, and a negative ivar, count as ivar 0; flux is 0
// where no good pixel contributed. A pixel that must not be used always has a bit: where the AND leaves none,
// the OR of the cameras' bits, and where there is none either (no camera, ivar 0) NODATA. Sums are in double
// precision: a pixel that one camera sees keeps its flux and ivar bit for bit.

#include "core/spectrum.h"

#include <cstdint>
#include <span>

namespace voorwerp::fits {

/// DESI SPECMASK bit "no data exist" (desispec maskbits).
inline constexpr std::uint32_t kMaskNoData = 1U << 8;

/// One camera's spectrum of one target. flux, ivar and mask have the same length; mask may be empty (all
/// good).
struct CameraSpectrum
{
    std::size_t firstPixel = 0;          ///< on DesiGrid
    std::span<const float> flux;         ///< 1e-17 erg/s/cm²/Å
    std::span<const float> ivar;         ///< inverse variance
    std::span<const std::uint32_t> mask; ///< SPECMASK bits
};

/// All cameras must lie inside DesiGrid.
core::Spectrum mergeCameras(std::span<const CameraSpectrum> cameras);

} // namespace voorwerp::fits

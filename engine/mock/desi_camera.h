// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What DESI's three cameras make of a spectrum: noise of sky, detector and object, night-sky lines, masked
// pixels.

#include "mock/canvas.h"
#include "mock/random.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace voorwerp::mock {

/// A camera's place on DesiGrid and its noise.
struct CameraLayout
{
    char letter;
    std::size_t firstPixel;
    std::size_t pixels;
    double snrLow, snrHigh; ///< range of MEDIAN_COADD_SNR in SCORES [Å]
};
/// DESI Collaboration 2022 (AJ 164, 207): B 3600-5800 Å, R 5760-7620 Å, Z 7520-9824 Å.
inline constexpr std::array<CameraLayout, 3> kCameras{
    {{'B', 0, 2751, 4000, 5800}, {'R', 2700, 2326, 5800, 7600}, {'Z', 4900, 2881, 7600, 9800}}};

struct CameraExposure
{
    std::vector<float> flux; ///< 1e-17 erg/s/cm²/Å
    std::vector<float> ivar;
    std::vector<std::int32_t> mask; ///< SPECMASK bits
};
using Exposure = std::array<CameraExposure, 3>;

/// Observes a spectrum for exposureSeconds of effective time. The noise of 1000 s is that measured in DESI's
/// EDR coadds (sky fibre of sv3/dark, healpix 26065); σ falls with the square root of time.
Exposure observe(const Canvas& truth, double exposureSeconds, Random& random);

/// Night-sky emission as a camera sees it, in flux units per pixel.
std::span<const double> skyLines(std::size_t camera);

} // namespace voorwerp::mock

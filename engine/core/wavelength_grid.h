// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The two wavelength grids of the program: DESI's observed linear grid and the rest-frame log grid of a
// recipe. All wavelengths are vacuum, in Å.

#include <cmath>
#include <cstddef>

namespace voorwerp::core {

/// DESI's camera-merged grid: 3600 to 9824 Å in steps of 0.8 Å (spender, data/desi.py; desispec coaddition).
struct DesiGrid
{
    static constexpr std::size_t kPixels = 7781;
    static constexpr double kFirstAngstrom = 3600.0;
    static constexpr double kStepAngstrom = 0.8;
    static constexpr double kLastAngstrom = kFirstAngstrom + kStepAngstrom * (kPixels - 1);

    /// Pixel centre [Å].
    static constexpr double wavelength(std::size_t pixel) { return kFirstAngstrom + kStepAngstrom * pixel; }
    /// Fractional pixel of a wavelength [Å]; outside 0..kPixels-1 where the wavelength is off the grid.
    static constexpr double pixelOf(double angstrom) { return (angstrom - kFirstAngstrom) / kStepAngstrom; }
};

/// A grid of equal steps in ln λ (constant km/s per pixel). Pixel i covers
/// first·exp((i∓½)·step); its centre is first·exp(i·step).
struct LogGrid
{
    double firstAngstrom = 0.0; ///< centre of pixel 0 [Å]
    double lastAngstrom = 0.0;  ///< centre of the last pixel [Å]
    std::size_t pixels = 0;

    double step() const { return std::log(lastAngstrom / firstAngstrom) / static_cast<double>(pixels - 1); }
    double wavelength(std::size_t pixel) const
    {
        return firstAngstrom * std::exp(step() * static_cast<double>(pixel));
    }
    double pixelOf(double angstrom) const { return std::log(angstrom / firstAngstrom) / step(); }
    /// Width of a pixel [km/s].
    double kmPerSecond() const { return 299792.458 * step(); }
    bool operator==(const LogGrid&) const = default;
};

} // namespace voorwerp::core

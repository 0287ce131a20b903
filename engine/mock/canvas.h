// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A noiseless spectrum on DesiGrid, and the strokes that spectra are painted with. Wavelengths are vacuum Å
// in the observer's frame.

#include <span>
#include <vector>

namespace voorwerp::mock {

inline constexpr double kLightSpeed = 299792.458; // km/s

/// A point of a curve: wavelength [Å] and value.
struct CurvePoint
{
    double wavelength;
    double value;
};

/// Linear interpolation in a curve with ascending wavelengths; constant outside it.
double interpolate(std::span<const CurvePoint> curve, double wavelength);

class Canvas
{
public:
    Canvas();
    std::size_t size() const { return flux.size(); }
    /// First pixel at or behind a wavelength, within 0..size().
    static std::size_t pixelAt(double wavelength);

    /// Adds an emission line (negative area: absorption) of Gaussian shape; area in flux units times Å.
    /// The line spread function (σ = 0.75 Å) is added to sigma in quadrature.
    void addLine(double wavelength, double sigma, double area);
    /// Multiplies by 1 - depth·Gaussian, for saturated or shallow absorption; depth in 0..1. Spread as above,
    /// at the same equivalent width.
    void absorb(double wavelength, double sigma, double depth);
    void scale(double factor);
    void add(const Canvas& other);
    /// Mean of the flux between two wavelengths.
    double mean(double low, double high) const;

    std::vector<double> flux; ///< DesiGrid::kPixels values
};

/// ln λ of the pixels of DesiGrid.
const std::vector<double>& logWavelengths();

} // namespace voorwerp::mock

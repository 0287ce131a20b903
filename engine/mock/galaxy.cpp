// SPDX-License-Identifier: GPL-3.0-or-later
#include "mock/galaxy.h"

#include "core/wavelength_grid.h"

#include <cmath>
#include <span>

namespace voorwerp::mock {

namespace {

struct Feature
{
    double wavelength; ///< vacuum Å
    double sigma;      ///< Å
    double depth;      ///< 0..1, at the full strength of its kind
};

// Vacuum wavelengths: NIST; widths and depths are those of DESI-like galaxy and stellar spectra.
constexpr Feature kOldFeatures[] = {
    {3934.78, 9, 0.55}, {3969.59, 9, 0.50}, {3835.0, 18, 0.30}, {4228.0, 6, 0.15},
    {4305.6, 14, 0.28}, {4384.6, 9, 0.15},  {4532.0, 10, 0.10}, {4669.0, 14, 0.10},
    {5176.6, 18, 0.22}, {5271.0, 10, 0.12}, {5329.0, 9, 0.09},  {5897.6, 6, 0.20},
    {7190.0, 40, 0.06}, {8500.4, 5, 0.18},  {8544.4, 6, 0.28},  {8664.5, 6, 0.24}};
constexpr Feature kBalmerFeatures[] = {{6564.61, 10, 0.35}, {4862.68, 11, 0.50}, {4341.68, 11, 0.55},
                                       {4102.89, 11, 0.55}, {3971.20, 10, 0.52}, {3890.15, 9, 0.48},
                                       {3836.47, 8, 0.42},  {3798.98, 7, 0.35}};
constexpr double kNebularLines[][2] = { // wavelength, equivalent width of a young galaxy [Å]
    {3727.09, 16}, {3729.88, 20}, {3869.86, 3},  {4341.68, 5},  {4862.68, 12}, {4960.30, 9},
    {5008.24, 27}, {6549.85, 4},  {6564.61, 48}, {6585.28, 12}, {6718.29, 9},  {6732.67, 7}};

/// Black body, 1 at 5100 Å.
double blackBody(double wavelength, double kelvin)
{
    constexpr double kHcOverK = 1.43877e8; // Å K
    const auto planck = [&](double w) {
        return std::pow(5100.0 / w, 5) / std::expm1(kHcOverK / (w * kelvin));
    };
    return planck(wavelength) / planck(5100.0);
}

void paintBlackBody(Canvas& canvas, double kelvin, double z, double weight)
{
    for (std::size_t i = 0; i < canvas.size(); i += 8) { // smooth: every eighth pixel, straight lines between
        const double left = blackBody(core::DesiGrid::wavelength(i) / (1.0 + z), kelvin);
        const double right = blackBody(core::DesiGrid::wavelength(i + 8) / (1.0 + z), kelvin);
        for (std::size_t k = 0; k < 8 && i + k < canvas.size(); ++k)
            canvas.flux[i + k] += weight * (left + (right - left) * static_cast<double>(k) / 8.0);
    }
}

void absorbFeatures(Canvas& canvas, std::span<const Feature> features, double strength, double z,
                    double width = 1.0)
{
    for (const Feature& feature : features) {
        canvas.absorb(feature.wavelength * (1.0 + z), width * feature.sigma * (1.0 + z),
                      std::min(0.95, strength * feature.depth));
    }
}

/// Multiplies the flux below an edge by 1 - depth, over a width [Å].
void absorbBelow(Canvas& canvas, double edge, double width, double depth)
{
    const std::size_t last = Canvas::pixelAt(edge + 6.0 * width);
    for (std::size_t i = 0; i < last; ++i) {
        const double x = (core::DesiGrid::wavelength(i) - edge) / width;
        canvas.flux[i] *= 1.0 - depth / (1.0 + std::exp(x));
    }
}

/// A molecular band: sharp at its head, recovering over a length [Å] to the red (TiO) or, for a negative
/// length, to the blue (C2).
void absorbBand(Canvas& canvas, double head, double length, double depth)
{
    const std::size_t first = Canvas::pixelAt(length > 0 ? head - 6.0 : head + 4.0 * length);
    const std::size_t last = Canvas::pixelAt(length > 0 ? head + 4.0 * length : head + 6.0);
    for (std::size_t i = first; i < last; ++i) {
        const double x = (core::DesiGrid::wavelength(i) - head) / length;
        const double shape = x >= 0.0 ? std::exp(-x) : std::exp(x * std::abs(length) / 1.5);
        canvas.flux[i] *= 1.0 - depth * shape;
    }
}

void paintMDwarf(Canvas& canvas)
{
    // TiO band heads (Kirkpatrick et al. 1991, ApJS 77, 417)
    for (const auto& [head, length, depth] : {std::array{4762.0, 90.0, 0.35},
                                              {4956.0, 80.0, 0.40},
                                              {5168.0, 100.0, 0.45},
                                              {5449.0, 90.0, 0.40},
                                              {5848.0, 120.0, 0.45},
                                              {6159.0, 130.0, 0.55},
                                              {6651.0, 120.0, 0.45},
                                              {7055.0, 140.0, 0.60},
                                              {7591.0, 110.0, 0.45},
                                              {8432.0, 100.0, 0.45},
                                              {8860.0, 100.0, 0.30}})
        absorbBand(canvas, head, length, depth);
    canvas.absorb(5895.6, 25.0, 0.6);
    canvas.absorb(8185.5, 7.0, 0.3);
    canvas.addLine(6564.61, 1.2, 4.0);
}

} // namespace

Canvas paintStarlight(double age, double z)
{
    Canvas canvas;
    const double old = 0.25 + 0.75 * age;
    paintBlackBody(canvas, 4900.0, z, old);
    paintBlackBody(canvas, 9500.0, z, 1.0 - old);
    absorbBelow(canvas, 4000.0 * (1.0 + z), 12.0 * (1.0 + z), 0.15 + 0.30 * age);
    absorbBelow(canvas, 3650.0 * (1.0 + z), 25.0 * (1.0 + z), 0.25 * (1.0 - age));
    absorbBelow(canvas, 2640.0 * (1.0 + z), 15.0 * (1.0 + z), 0.35 * age);
    absorbFeatures(canvas, kOldFeatures, 0.25 + 0.75 * age, z);
    absorbFeatures(canvas, kBalmerFeatures, 0.55 * (1.0 - age), z, 0.8);
    return canvas;
}

Canvas paintGalaxy(double age, double z)
{
    Canvas canvas = paintStarlight(age, z);
    const double youth = (1.0 - age) * (1.0 - age);
    for (const auto& [wavelength, width] : kNebularLines) {
        const double center = wavelength * (1.0 + z);
        canvas.addLine(center, 130.0 / kLightSpeed * center, youth * width * (1.0 + z));
    }
    return canvas;
}

Canvas paintStar(StarType type, Random& random)
{
    Canvas canvas;
    switch (type) {
    case StarType::WhiteDwarf:
        paintBlackBody(canvas, random.uniform(12000, 28000), 0.0, 1.0);
        absorbFeatures(canvas, kBalmerFeatures, 1.0, 0.0, 3.0); // pressure-broadened
        break;
    case StarType::A:
        paintBlackBody(canvas, random.uniform(8200, 9800), 0.0, 1.0);
        absorbFeatures(canvas, kBalmerFeatures, 1.4, 0.0);
        absorbBelow(canvas, 3690.0, 20.0, 0.45);
        break;
    case StarType::F:
        paintBlackBody(canvas, random.uniform(6000, 7200), 0.0, 1.0);
        absorbFeatures(canvas, kBalmerFeatures, 0.7, 0.0, 0.6);
        absorbFeatures(canvas, kOldFeatures, 0.45, 0.0, 0.7);
        break;
    case StarType::K:
        paintBlackBody(canvas, random.uniform(4100, 5200), 0.0, 1.0);
        absorbFeatures(canvas, kOldFeatures, 1.3, 0.0, 0.8);
        absorbBelow(canvas, 4000.0, 12.0, 0.45);
        break;
    case StarType::M:
        paintBlackBody(canvas, random.uniform(2900, 3600), 0.0, 1.0);
        paintMDwarf(canvas);
        break;
    case StarType::Carbon: // C2 Swan and CN bands
        paintBlackBody(canvas, random.uniform(3600, 4600), 0.0, 1.0);
        for (const auto& [head, depth] :
             {std::array{4737.0, 0.6}, {5165.0, 0.65}, {5636.0, 0.55}, {6191.0, 0.3}})
            absorbBand(canvas, head, -120.0, depth);
        absorbFeatures(canvas, kOldFeatures, 0.8, 0.0);
        break;
    case StarType::Cataclysmic:
        paintBlackBody(canvas, random.uniform(15000, 30000), 0.0, 1.0);
        for (const Feature& line : kBalmerFeatures)
            canvas.addLine(line.wavelength, 9.0, 70.0 * line.depth);
        for (const double helium : {4472.7, 4687.0, 5877.2, 6680.0})
            canvas.addLine(helium, 8.0, 7.0);
        break;
    }
    return canvas;
}

} // namespace voorwerp::mock

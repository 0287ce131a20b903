// SPDX-License-Identifier: GPL-3.0-or-later
#include "mock/canvas.h"

#include "core/wavelength_grid.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace voorwerp::mock {

using core::DesiGrid;

namespace {

constexpr double kSpread = 0.75; // σ of DESI's line spread function [Å]; R = 2000 (blue) to 5000 (red)
constexpr double kReach = 5.0;   // Gaussians are drawn out to this many σ

/// Calls stroke(pixel, value) for a Gaussian of height 1, by the recurrence g(x+h) = g(x)·r, r → r·q.
template <typename Stroke> void drawGaussian(double center, double sigma, Stroke stroke)
{
    const std::size_t first = Canvas::pixelAt(center - kReach * sigma);
    const std::size_t last = Canvas::pixelAt(center + kReach * sigma);
    if (first >= last)
        return;
    const double step = DesiGrid::kStepAngstrom / sigma;
    const double start = (DesiGrid::wavelength(first) - center) / sigma;
    double value = std::exp(-0.5 * start * start);
    double ratio = std::exp(-step * (start + 0.5 * step));
    const double ratioStep = std::exp(-step * step);
    for (std::size_t i = first; i < last; ++i) {
        stroke(i, value);
        value *= ratio;
        ratio *= ratioStep;
    }
}

} // namespace

double interpolate(std::span<const CurvePoint> curve, double wavelength)
{
    const auto above =
        std::upper_bound(curve.begin(), curve.end(), wavelength,
                         [](double w, const CurvePoint& point) { return w < point.wavelength; });
    if (above == curve.begin())
        return curve.front().value;
    if (above == curve.end())
        return curve.back().value;
    const CurvePoint& low = *(above - 1);
    const double fraction = (wavelength - low.wavelength) / (above->wavelength - low.wavelength);
    return low.value + fraction * (above->value - low.value);
}

Canvas::Canvas()
    : flux(DesiGrid::kPixels, 0.0)
{
}

std::size_t Canvas::pixelAt(double wavelength)
{
    const double pixel = std::ceil(DesiGrid::pixelOf(wavelength));
    return static_cast<std::size_t>(std::clamp(pixel, 0.0, static_cast<double>(DesiGrid::kPixels)));
}

void Canvas::addLine(double wavelength, double sigma, double area)
{
    const double width = std::hypot(sigma, kSpread);
    const double height = area / (width * std::sqrt(2.0 * std::numbers::pi));
    drawGaussian(wavelength, width, [&](std::size_t i, double value) { flux[i] += height * value; });
}

void Canvas::absorb(double wavelength, double sigma, double depth)
{
    const double width = std::hypot(sigma, kSpread);
    const double seen = depth * sigma / width;
    drawGaussian(wavelength, width, [&](std::size_t i, double value) { flux[i] *= 1.0 - seen * value; });
}

void Canvas::scale(double factor)
{
    for (double& value : flux)
        value *= factor;
}

void Canvas::add(const Canvas& other)
{
    for (std::size_t i = 0; i < flux.size(); ++i)
        flux[i] += other.flux[i];
}

double Canvas::mean(double low, double high) const
{
    const std::size_t first = pixelAt(low), last = pixelAt(high);
    double sum = 0.0;
    for (std::size_t i = first; i < last; ++i)
        sum += flux[i];
    return last > first ? sum / static_cast<double>(last - first) : 0.0;
}

const std::vector<double>& logWavelengths()
{
    static const std::vector<double> values = [] {
        std::vector<double> result(DesiGrid::kPixels);
        for (std::size_t i = 0; i < result.size(); ++i)
            result[i] = std::log(DesiGrid::wavelength(i));
        return result;
    }();
    return values;
}

} // namespace voorwerp::mock

// SPDX-License-Identifier: GPL-3.0-or-later
#include "mock/absorption.h"

#include "core/wavelength_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>

namespace voorwerp::mock {

using core::DesiGrid;

namespace {

constexpr double kLya = 1215.67, kLyb = 1025.722, kLymanLimit = 911.75;
constexpr double kLognormal = 1.7;    // σ of ln τ in the forest
constexpr double kProximity = 2500.0; // km/s: the quasar ionises its surroundings
constexpr double kLybOverLya = 0.160; // f λ of Lyβ over that of Lyα

double meanOpticalDepth(double z)
{
    return 0.0018 * std::pow(1.0 + z, 3.92);
}

/// Median optical depth of log-normal pixels whose mean transmission is exp(-τ), as a table over ln τ.
class MedianDepth
{
public:
    MedianDepth()
    {
        for (std::size_t i = 0; i < m_logMean.size(); ++i)
            m_logMean[i] = std::log(-std::log(meanTransmission(std::exp(logMedian(i)))));
    }
    double operator()(double mean) const
    {
        const double target = std::log(std::max(mean, 1e-6));
        const auto above = std::upper_bound(m_logMean.begin(), m_logMean.end(), target);
        const auto i = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(
            above - m_logMean.begin(), 1, static_cast<std::ptrdiff_t>(m_logMean.size()) - 1));
        const double fraction = (target - m_logMean[i - 1]) / (m_logMean[i] - m_logMean[i - 1]);
        return std::exp(logMedian(i - 1) + std::clamp(fraction, 0.0, 1.0) * kStep);
    }

private:
    static constexpr double kStep = 0.1;
    static double logMedian(std::size_t i) { return -10.0 + kStep * static_cast<double>(i); }
    static double meanTransmission(double median)
    {
        double sum = 0.0, weights = 0.0;
        for (double x = -5.0; x <= 5.0; x += 0.05) {
            const double weight = std::exp(-0.5 * x * x);
            sum += weight * std::exp(-median * std::exp(kLognormal * x));
            weights += weight;
        }
        return sum / weights;
    }
    std::array<double, 150> m_logMean{};
};

/// A correlated Gaussian field of unit variance: white noise through two recursive filters (both directions
/// are not needed, only the correlation lengths matter).
std::vector<double> correlatedField(std::size_t size, Random& random)
{
    constexpr double kShort = 0.55, kLong = 0.90; // memory from pixel to pixel: about 2 and 10 pixels
    const double shortNoise = std::sqrt(1.0 - kShort * kShort), longNoise = std::sqrt(1.0 - kLong * kLong);
    std::vector<double> field(size);
    double fine = random.normal(), coarse = random.normal();
    for (double& value : field) {
        fine = kShort * fine + shortNoise * random.normal();
        coarse = kLong * coarse + longNoise * random.normal();
        value = 0.8 * fine + 0.6 * coarse;
    }
    return field;
}

/// Voigt function H(a,u) for small a, after Tepper-García 2006, MNRAS 369, 2025; good to 1e-4 for a < 1e-4.
double voigt(double a, double u)
{
    const double p = u * u;
    const double gauss = std::exp(-p);
    if (p < 1e-6)
        return 1.0 - 2.0 * a / std::sqrt(std::numbers::pi);
    const double q = 1.5 / p;
    return gauss - a / std::sqrt(std::numbers::pi) / p *
                       (gauss * gauss * (4.0 * p * p + 7.0 * p + 4.0 + q) - q - 1.0);
}

struct MetalLine
{
    double wavelength;
    double width; ///< equivalent width at metals = 1 [Å]
};
constexpr MetalLine kDlaMetals[] = {
    {1190.416, 0.5}, {1193.290, 0.6}, {1206.500, 0.8}, {1260.422, 0.8}, {1302.168, 0.7}, {1304.370, 0.5},
    {1334.532, 0.8}, {1393.760, 0.5}, {1402.773, 0.4}, {1526.707, 0.6}, {1548.204, 0.6}, {1550.781, 0.4},
    {1608.451, 0.4}, {1670.789, 0.6}, {1854.718, 0.2}, {2344.213, 0.7}, {2374.460, 0.5}, {2382.764, 0.9},
    {2586.650, 0.7}, {2600.173, 1.0}, {2796.354, 1.4}, {2803.532, 1.2}, {2852.963, 0.3}};

struct Trough
{
    double wavelength;
    double depth; ///< relative to C IV
};
constexpr Trough kHighTroughs[] = {
    {1033.83, 0.8}, {1215.67, 0.5}, {1240.14, 0.9}, {1396.76, 0.6}, {1549.06, 1.0}};
constexpr Trough kLowTroughs[] = {
    {1334.53, 0.5}, {1670.79, 0.4}, {1857.40, 0.7}, {2798.75, 0.8}, {2852.96, 0.25}};
constexpr Trough kIronTroughs[] = {
    {1608.45, 0.4},  {1895.0, 0.4},  {1914.0, 0.4},  {1926.0, 0.35}, {2070.0, 0.4}, {2260.0, 0.3},
    {2344.21, 0.7},  {2374.46, 0.6}, {2382.76, 0.8}, {2399.0, 0.6},  {2414.0, 0.5}, {2586.65, 0.7},
    {2600.17, 0.85}, {2613.0, 0.6},  {2625.0, 0.5},  {2740.0, 0.45}, {2756.0, 0.45}};

/// One part of a trough in velocity: a flat-bottomed well.
struct Well
{
    double speed, halfWidth, depth; ///< km/s, km/s, 0..1
};

void absorbTroughs(Canvas& canvas, double z, std::span<const Trough> troughs, std::span<const Well> wells,
                   double factor)
{
    for (const Trough& trough : troughs) {
        for (const Well& well : wells) {
            const double center = trough.wavelength * (1.0 + z) * (1.0 - well.speed / kLightSpeed);
            const double width = well.halfWidth / kLightSpeed * center;
            const double depth = std::min(0.97, factor * trough.depth * well.depth);
            const std::size_t last = Canvas::pixelAt(center + 2.5 * width);
            for (std::size_t i = Canvas::pixelAt(center - 2.5 * width); i < last; ++i) {
                const double x = (DesiGrid::wavelength(i) - center) / width;
                canvas.flux[i] *= 1.0 - depth * std::exp(-x * x * x * x);
            }
        }
    }
}

} // namespace

void absorbForest(Canvas& canvas, double z, Random& random)
{
    static const MedianDepth medianDepth;
    const double lya = kLya * (1.0 + z);
    const std::size_t last = Canvas::pixelAt(lya);
    if (last == 0)
        return;
    const std::vector<double> field = correlatedField(last, random);
    std::vector<double> depth(last);
    double median = 0.0;
    for (std::size_t i = 0; i < last; ++i) {
        if (i % 16 == 0)
            median = medianDepth(meanOpticalDepth(DesiGrid::wavelength(i) / kLya - 1.0));
        const double speed = kLightSpeed * (1.0 - DesiGrid::wavelength(i) / lya);
        depth[i] = median * std::exp(kLognormal * field[i]) * -std::expm1(-speed / kProximity);
    }
    for (std::size_t i = 0; i < last; ++i) {
        double total = depth[i];
        const std::size_t sameGas = Canvas::pixelAt(DesiGrid::wavelength(i) * kLya / kLyb);
        if (sameGas < last)
            total += kLybOverLya * depth[sameGas];
        canvas.flux[i] *= std::exp(-total);
    }
    for (std::size_t i = 1; i + 1 < last; ++i) // the line spread function
        canvas.flux[i] = 0.25 * canvas.flux[i - 1] + 0.5 * canvas.flux[i] + 0.25 * canvas.flux[i + 1];
}

void absorbLymanLimit(Canvas& canvas, double z, Random& random)
{
    double absorber = z;
    const double perRedshift = 2.8 * std::pow((1.0 + z) / 4.5, 1.94);
    absorber += std::log(1.0 - random.uniform()) / perRedshift; // distance to the first one
    const double depth = std::pow(10.0, random.uniform(0.0, 1.2));
    const double limit = kLymanLimit * (1.0 + absorber);
    const std::size_t last = Canvas::pixelAt(limit);
    for (std::size_t i = 0; i < last; ++i)
        canvas.flux[i] *= std::exp(-depth * std::pow(DesiGrid::wavelength(i) / limit, 3));
}

void absorbDla(Canvas& canvas, double z, double logColumn, double metals)
{
    constexpr double kDoppler = 30.0; // km/s
    constexpr double kStrength =
        1.4974e-15 * 0.4164 * kLya; // √π e²/(m c) f λ [cm² Å km/s], divided by b below
    constexpr double kDamping = 6.265e8 * kLya * 1e-13 / (4.0 * std::numbers::pi); // γ λ / 4π [km/s]
    const double center = kLya * (1.0 + z);
    const double depth = std::pow(10.0, logColumn) * kStrength / kDoppler;
    const std::size_t last = Canvas::pixelAt(center * 1.08);
    for (std::size_t i = Canvas::pixelAt(center * 0.92); i < last; ++i) {
        const double speed = kLightSpeed * (DesiGrid::wavelength(i) / center - 1.0);
        canvas.flux[i] *= std::exp(-depth * voigt(kDamping / kDoppler, speed / kDoppler));
    }
    for (const MetalLine& line : kDlaMetals) {
        const double width = line.width * metals * (1.0 + z);
        const double sigma = 60.0 / kLightSpeed * line.wavelength * (1.0 + z);
        const double fullDepth = width / (sigma * std::sqrt(2.0 * std::numbers::pi));
        const double spread = std::max(1.0, fullDepth / 0.9); // saturated lines grow wider
        canvas.absorb(line.wavelength * (1.0 + z), sigma * spread, std::min(0.9, fullDepth));
    }
}

void absorbOutflow(Canvas& canvas, double z, BalType type, Random& random)
{
    std::vector<Well> wells;
    const double start = type == BalType::Iron ? random.uniform(800, 4000) : random.uniform(3000, 9000);
    const std::size_t count = 1 + random.index(3);
    double speed = start;
    for (std::size_t i = 0; i < count; ++i) {
        const double halfWidth =
            type == BalType::Iron ? random.uniform(500, 1500) : random.uniform(1000, 3000);
        wells.push_back({speed + halfWidth, halfWidth, random.uniform(0.55, 0.97)});
        speed += 2.0 * halfWidth + random.uniform(0, 2500);
    }
    absorbTroughs(canvas, z, kHighTroughs, wells, 1.0);
    if (type == BalType::High)
        return;
    wells.resize(1); // low-ionisation gas is the slowest part
    absorbTroughs(canvas, z, kLowTroughs, wells, random.uniform(0.8, 1.1));
    if (type == BalType::Iron)
        absorbTroughs(canvas, z, kIronTroughs, wells, random.uniform(0.75, 1.1));
}

void redden(Canvas& canvas, double z, double ebv)
{
    for (std::size_t i = 0; i < canvas.size(); ++i) {
        const double microns = DesiGrid::wavelength(i) / (1.0 + z) * 1e-4;
        canvas.flux[i] *= std::pow(10.0, -0.4 * 1.39 * std::pow(microns, -1.2) * ebv);
    }
}

double galacticExtinction(double wavelength)
{
    constexpr double kRv = 3.1;
    const double x = 1e4 / wavelength; // per µm; valid from 1.1 to 3.3
    const double y = x - 1.82;
    constexpr double kA[] = {1.0, 0.104, -0.609, 0.701, 1.137, -1.718, -0.827, 1.647, -0.505};
    constexpr double kB[] = {0.0, 1.952, 2.908, -3.989, -7.985, 11.102, 5.491, -10.805, 3.347};
    double a = 0.0, b = 0.0;
    for (int i = 8; i >= 0; --i) {
        a = a * y + kA[i];
        b = b * y + kB[i];
    }
    if (x < 1.1) { // infrared
        a = 0.574 * std::pow(x, 1.61);
        b = -0.527 * std::pow(x, 1.61);
    }
    return kRv * a + b;
}

void reddenByGalaxy(Canvas& canvas, double ebv)
{
    static const std::vector<double> law = [] {
        std::vector<double> values(DesiGrid::kPixels);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = -0.4 * std::numbers::ln10 * galacticExtinction(DesiGrid::wavelength(i));
        return values;
    }();
    for (std::size_t i = 0; i < canvas.size(); ++i)
        canvas.flux[i] *= std::exp(law[i] * ebv);
}

} // namespace voorwerp::mock

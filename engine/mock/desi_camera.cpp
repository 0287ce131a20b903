// SPDX-License-Identifier: GPL-3.0-or-later
#include "mock/desi_camera.h"

#include "core/resources.h"
#include "core/wavelength_grid.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace voorwerp::mock {

using core::DesiGrid;

namespace {

constexpr std::int32_t kCosmic = 1 << 2, kBadColumn = 1 << 10; // SPECMASK
constexpr double kReferenceSeconds = 1000.0;
constexpr double kCountsTimesNoise = 12.0; // electrons per flux unit in 1000 s, times the noise: throughput
constexpr double kLineArea = 1.5;          // [1e-17 erg/s/cm²] of a sky line of intensity 1
constexpr double kSkyModelError = 0.01;    // of the sky lines, left after sky subtraction

// σ of a pixel between sky lines in 1000 s [1e-17 erg/s/cm²/Å]
constexpr CurvePoint kNoiseB[] = {{3600, 3.6},  {3640, 2.75}, {3750, 1.6},  {3914, 0.94}, {4188, 0.62},
                                  {4463, 0.51}, {4737, 0.42}, {5012, 0.34}, {5286, 0.33}, {5560, 0.33},
                                  {5700, 0.40}, {5760, 0.65}, {5800, 1.1}};
constexpr CurvePoint kNoiseR[] = {{5760, 0.75}, {5800, 0.42}, {5850, 0.33}, {6032, 0.28}, {6264, 0.26},
                                  {6496, 0.23}, {6728, 0.21}, {6960, 0.20}, {7192, 0.20}, {7424, 0.21},
                                  {7500, 0.25}, {7560, 0.36}, {7620, 0.65}};
constexpr CurvePoint kNoiseZ[] = {{7520, 0.75}, {7560, 0.33}, {7620, 0.26},  {7848, 0.18},
                                  {8136, 0.16}, {8424, 0.15}, {8712, 0.155}, {9000, 0.165},
                                  {9288, 0.17}, {9576, 0.22}, {9700, 0.26},  {9824, 0.36}};
constexpr std::array<std::span<const CurvePoint>, 3> kNoise{kNoiseB, kNoiseR, kNoiseZ};

/// What depends on the camera only, a value a pixel.
struct CameraTables
{
    std::vector<double> noise;    ///< σ between sky lines in 1000 s
    std::vector<double> skyLines; ///< flux of the sky lines
};

const CameraTables& tables(std::size_t camera)
{
    static const std::array<CameraTables, 3> all = [] {
        Canvas sky;
        for (const auto& row : core::resourceCsv("sky_lines.csv"))
            sky.addLine(std::stod(row.at(0)), 0.35, kLineArea * std::stod(row.at(1)));
        std::array<CameraTables, 3> result;
        for (std::size_t c = 0; c < result.size(); ++c) {
            for (std::size_t i = 0; i < kCameras[c].pixels; ++i) {
                const std::size_t pixel = kCameras[c].firstPixel + i;
                result[c].noise.push_back(interpolate(kNoise[c], DesiGrid::wavelength(pixel)));
                result[c].skyLines.push_back(sky.flux[pixel]);
            }
        }
        return result;
    }();
    return all[camera];
}

void maskPixels(CameraExposure& exposure, std::size_t first, std::size_t count, std::int32_t bit)
{
    for (std::size_t i = first; i < std::min(first + count, exposure.flux.size()); ++i) {
        exposure.mask[i] |= bit;
        exposure.ivar[i] = 0.0F;
        exposure.flux[i] = 0.0F;
    }
}

} // namespace

Exposure observe(const Canvas& truth, double exposureSeconds, Random& random)
{
    const double time = exposureSeconds / kReferenceSeconds;
    Exposure exposure;
    for (std::size_t c = 0; c < kCameras.size(); ++c) {
        const CameraTables& table = tables(c);
        CameraExposure& camera = exposure[c];
        const std::size_t pixels = kCameras[c].pixels;
        camera.flux.resize(pixels);
        camera.ivar.resize(pixels);
        camera.mask.assign(pixels, 0);
        const double residual = kSkyModelError * random.normal();
        for (std::size_t i = 0; i < pixels; ++i) {
            const double flux = truth.flux[kCameras[c].firstPixel + i];
            const double sky = table.skyLines[i], noise = table.noise[i];
            const double counts = kCountsTimesNoise / noise * time;
            const double random2 = noise * noise / time + (sky + std::max(flux, 0.0)) / counts;
            const double model2 = kSkyModelError * sky * kSkyModelError * sky;
            camera.flux[i] = static_cast<float>(flux + std::sqrt(random2) * random.normal() + residual * sky);
            camera.ivar[i] = static_cast<float>(1.0 / (random2 + model2));
        }
        for (double hit = random.uniform() * 8000.0; hit < static_cast<double>(pixels);
             hit += random.uniform() * 8000.0)
            maskPixels(camera, static_cast<std::size_t>(hit), 1 + random.index(4), kCosmic);
        if (random.chance(0.04))
            maskPixels(camera, random.index(pixels), 3 + random.index(8), kBadColumn);
    }
    return exposure;
}

std::span<const double> skyLines(std::size_t camera)
{
    return tables(camera).skyLines;
}

} // namespace voorwerp::mock

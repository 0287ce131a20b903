// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/camera_merge.h"

#include "core/wavelength_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace voorwerp::fits {

namespace {

constexpr double kSmallestIvar = 1e-6; // spender data/desi.py
constexpr double kLargestFloat = std::numeric_limits<float>::max();

/// Sums over the cameras that look at one pixel.
struct PixelSums
{
    double weightedFlux = 0.0;
    double ivar = 0.0;
    std::uint32_t commonBits = ~0U;
    std::uint32_t anyBits = 0;
};

bool isGood(float flux, float ivar)
{
    return std::isfinite(flux) && std::isfinite(ivar) && ivar > 0.0F;
}

} // namespace

core::Spectrum mergeCameras(std::span<const CameraSpectrum> cameras)
{
    std::vector<PixelSums> sums(core::DesiGrid::kPixels);
    for (const CameraSpectrum& camera : cameras) {
        for (std::size_t i = 0; i < camera.flux.size(); ++i) {
            PixelSums& sum = sums[camera.firstPixel + i];
            const std::uint32_t bits = camera.mask.empty() ? 0 : camera.mask[i];
            sum.commonBits &= bits;
            sum.anyBits |= bits;
            if (bits == 0 && isGood(camera.flux[i], camera.ivar[i])) {
                sum.ivar += static_cast<double>(camera.ivar[i]);
                sum.weightedFlux += static_cast<double>(camera.ivar[i]) * static_cast<double>(camera.flux[i]);
            }
        }
    }

    core::Spectrum merged;
    merged.flux.resize(sums.size());
    merged.ivar.resize(sums.size());
    merged.mask.resize(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const PixelSums& sum = sums[i];
        if (sum.ivar > 0.0)
            merged.flux[i] = static_cast<float>(sum.weightedFlux / sum.ivar);
        if (sum.ivar > kSmallestIvar) {
            merged.ivar[i] = static_cast<float>(std::min(sum.ivar, kLargestFloat));
            continue; // a good camera has no bit, so the AND is 0
        }
        const std::uint32_t common = sum.commonBits == ~0U && sum.anyBits == 0 ? 0 : sum.commonBits;
        merged.mask[i] = common != 0 ? common : sum.anyBits != 0 ? sum.anyBits : kMaskNoData;
    }
    return merged;
}

} // namespace voorwerp::fits

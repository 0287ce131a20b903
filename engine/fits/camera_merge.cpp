// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/camera_merge.h"

#include "core/wavelength_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace voorwerp::fits {

namespace {

constexpr float kSmallestIvar = 1e-6F; // spender data/desi.py
constexpr float kLargestFloat = std::numeric_limits<float>::max();
constexpr std::array<std::uint32_t, core::DesiGrid::kPixels> kAllGood{}; ///< the mask of a camera without one

/// The part of a camera's spectrum that lies on the pixels [first, last) of the grid, which it covers.
struct Part
{
    const float* flux;
    const float* ivar;
    const std::uint32_t* mask;
};

Part partOf(const CameraSpectrum& camera, std::size_t first)
{
    const std::size_t offset = first - camera.firstPixel;
    return {camera.flux.data() + offset, camera.ivar.data() + offset,
            camera.mask.empty() ? kAllGood.data() : camera.mask.data() + offset};
}

/// Without branches, as all of copyPixels: the compiler makes vectors of it.
bool isGood(float flux, float ivar, std::uint32_t bits)
{
    return (bits == 0) & (std::abs(flux) <= kLargestFloat) & (ivar > 0.0F) & (ivar <= kLargestFloat);
}

/// Pixels that one camera sees.
void copyPixels(const Part& part, std::size_t first, std::size_t last, core::Spectrum& merged)
{
    float* const flux = merged.flux.data() + first;
    float* const ivar = merged.ivar.data() + first;
    std::uint32_t* const mask = merged.mask.data() + first;
    for (std::size_t i = 0; i < last - first; ++i) {
        const float value = part.flux[i], weight = part.ivar[i];
        const std::uint32_t bits = part.mask[i];
        const bool good = isGood(value, weight, bits);
        const bool used = good & (weight > kSmallestIvar);
        const std::uint32_t reason = bits != 0 ? bits : kMaskNoData;
        flux[i] = good ? value : 0.0F;
        ivar[i] = used ? weight : 0.0F;
        mask[i] = used ? 0U : reason;
    }
}

/// Pixels that several cameras see, or none.
void sumPixels(std::span<const Part> parts, std::size_t first, std::size_t last, core::Spectrum& merged)
{
    for (std::size_t i = first; i < last; ++i) {
        double weightedFlux = 0.0, ivar = 0.0;
        std::uint32_t commonBits = parts.empty() ? 0U : ~0U, anyBits = 0;
        for (const Part& part : parts) {
            const std::uint32_t bits = part.mask[i - first];
            commonBits &= bits;
            anyBits |= bits;
            if (!isGood(part.flux[i - first], part.ivar[i - first], bits))
                continue;
            const double weight = static_cast<double>(part.ivar[i - first]);
            ivar += weight;
            weightedFlux += weight * static_cast<double>(part.flux[i - first]);
        }
        if (ivar > 0.0)
            merged.flux[i] = static_cast<float>(weightedFlux / ivar);
        if (ivar > static_cast<double>(kSmallestIvar))
            merged.ivar[i] = static_cast<float>(std::min(ivar, static_cast<double>(kLargestFloat)));
        else // a good camera has no bit, so the AND is 0
            merged.mask[i] = commonBits != 0 ? commonBits : anyBits != 0 ? anyBits : kMaskNoData;
    }
}

/// Where a camera begins or ends, ascending.
std::vector<std::size_t> bordersOf(std::span<const CameraSpectrum> cameras)
{
    std::vector<std::size_t> borders{0, core::DesiGrid::kPixels};
    for (const CameraSpectrum& camera : cameras) {
        borders.push_back(camera.firstPixel);
        borders.push_back(camera.firstPixel + camera.flux.size());
    }
    std::sort(borders.begin(), borders.end());
    borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
    return borders;
}

} // namespace

core::Spectrum mergeCameras(std::span<const CameraSpectrum> cameras)
{
    core::Spectrum merged;
    merged.flux.resize(core::DesiGrid::kPixels);
    merged.ivar.resize(core::DesiGrid::kPixels);
    merged.mask.resize(core::DesiGrid::kPixels);
    const auto borders = bordersOf(cameras);
    for (std::size_t b = 0; b + 1 < borders.size(); ++b) {
        const std::size_t first = borders[b], last = borders[b + 1];
        std::vector<Part> parts;
        for (const CameraSpectrum& camera : cameras)
            if (camera.firstPixel <= first && last <= camera.firstPixel + camera.flux.size())
                parts.push_back(partOf(camera, first));
        if (parts.size() == 1)
            copyPixels(parts.front(), first, last, merged);
        else
            sumPixels(parts, first, last, merged);
    }
    return merged;
}

} // namespace voorwerp::fits

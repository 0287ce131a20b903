// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/observed_sample.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace voorwerp::dataset::test {
namespace {

using core::DesiGrid;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A noisy power law whose noise rises towards the ends.
core::Spectrum quasar(unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    core::Spectrum spectrum{std::vector<float>(DesiGrid::kPixels), std::vector<float>(DesiGrid::kPixels),
                            std::vector<std::uint32_t>(DesiGrid::kPixels, 0)};
    for (std::size_t i = 0; i < DesiGrid::kPixels; ++i) {
        const auto x = static_cast<float>(DesiGrid::wavelength(i) / 6000.0);
        const float sigma = 0.3F + 0.5F * (x - 1.0F) * (x - 1.0F);
        spectrum.flux[i] = (2.0F + std::sin(9.0F * x)) / x + sigma * normal(random);
        spectrum.ivar[i] = 1.0F / (sigma * sigma);
    }
    return spectrum;
}

/// Bad pixels of each kind, and some that only the guard finds.
void spoil(core::Spectrum& spectrum, unsigned seed)
{
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < DesiGrid::kPixels; ++i)
        switch (random() % 60) {
        case 0:
            spectrum.mask[i] = 4;
            spectrum.flux[i] = 1e6F;
            break;
        case 1:
            spectrum.flux[i] = random() % 2 == 0 ? kNaN : -kInfinity;
            break;
        case 2:
            spectrum.ivar[i] = random() % 2 == 0 ? kNaN : kInfinity;
            break;
        case 3:
            spectrum.ivar[i] = random() % 2 == 0 ? 0.0F : -1.0F;
            break;
        case 4:
            spectrum.ivar[i] *= random() % 2 == 0 ? 0.02F : 0.099F;
            break;
        case 5:
            spectrum.ivar[i] *= 50.0F;
            break;
        }
}

void keepOnly(core::Spectrum& spectrum, std::size_t first, std::size_t last)
{
    for (std::size_t i = 0; i < DesiGrid::kPixels; ++i)
        if (i < first || i > last)
            spectrum.ivar[i] = 0.0F;
}

/// Gives spectrum and item what the kind stands for; both are good ones before.
void become(std::size_t kind, core::Spectrum& spectrum, ObservedSpectrum& item)
{
    switch (kind) {
    case 0:
        return;
    case 1:
        item.ebv = 0.3F;
        return spoil(spectrum, 1);
    case 2: // at the end of a window's range
        item = {item.spectrum, 0.46, 0.0F};
        return;
    case 3: // between two windows
        item.z = 0.54;
        return spoil(spectrum, 3);
    case 4:
        item.z = std::numeric_limits<double>::quiet_NaN();
        return;
    case 5:
        item = {item.spectrum, 0.62, -0.1F};
        return;
    case 6: // below the range
        item.z = 0.001;
        return;
    case 7:
        spectrum = {};
        return;
    case 8:
        return keepOnly(spectrum, 1, 0);
    case 9: // hardly more than the window
        item.z = 1.0;
        return keepOnly(spectrum, 2000, 2400);
    case 10:
        item = {item.spectrum, 5.0, 0.05F};
        return spoil(spectrum, 10);
    case 11: // one of two windows has nothing
        spectrum.mask.clear();
        item.z = 2.2;
        return keepOnly(spectrum, 3800, DesiGrid::kPixels);
    }
}

bool sameBits(const std::vector<float>& a, const std::vector<float>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) {
        return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
    });
}

std::string differenceOf(const RestFrameSpectrum& got, const RestFrameSpectrum& wanted)
{
    if (got.rejection != wanted.rejection)
        return "rejected as \"" + got.rejection + "\", not \"" + wanted.rejection + "\"";
    if (got.normalisation != wanted.normalisation || got.window != wanted.window)
        return "normalised to " + std::to_string(got.normalisation) + ", not " +
               std::to_string(wanted.normalisation);
    if (!sameBits(got.flux, wanted.flux))
        return "flux";
    if (!sameBits(got.weight, wanted.weight))
        return "weight";
    return got.snr == wanted.snr ? "" : "S/N";
}

} // namespace

Recipe quasarRecipe()
{
    Recipe recipe;
    recipe.grid = {900.0, 7500.0, 2048};
    recipe.zFirst = 0.05;
    recipe.zLast = 5.0;
    recipe.windows = {{5300.0, 5850.0, 0.0, 0.46, 0.36},
                      {2500.0, 2700.0, 0.62, 1.7, 1.0},
                      {1600.0, 1800.0, 2.3, 3.8, 1.85},
                      {1425.0, 1500.0, 4.3, 5.0, 2.35}};
    recipe.sky.ranges = {{5572.0, 5584.0}, {9375.0, 9445.0}, {9788.5, 9798.5}};
    recipe.modelErrorFloor = 0.025;
    recipe.minimumGoodPixels = 200;
    recipe.minimumWindowPixels = 40;
    return recipe;
}

ObservedSample::ObservedSample(std::size_t count)
    : m_spectra(count)
    , m_items(count)
{
    for (std::size_t i = 0; i < count; ++i) {
        m_spectra[i] = quasar(static_cast<unsigned>(i));
        m_items[i].spectrum = &m_spectra[i];
        m_items[i].z = 0.06 + std::fmod(0.37 * static_cast<double>(i), 4.9);
        become(i % kKinds, m_spectra[i], m_items[i]);
    }
}

std::string firstDifference(const std::vector<RestFrameSpectrum>& got,
                            const std::vector<RestFrameSpectrum>& wanted)
{
    if (got.size() != wanted.size())
        return std::to_string(got.size()) + " rows";
    for (std::size_t i = 0; i < got.size(); ++i)
        if (const std::string difference = differenceOf(got[i], wanted[i]); !difference.empty())
            return "row " + std::to_string(i) + ": " + difference;
    return {};
}

} // namespace voorwerp::dataset::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/preprocess.h"

#include "core/error.h"
#include "core/rank_selection.h"
#include "dataset/extinction.h"
#include "dataset/normalisation.h"
#include "dataset/pixel_loops.h"
#include "dataset/pixel_math.h"
#include "dataset/rebin.h"
#include "dataset/sky_mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace voorwerp::dataset {
namespace {

using core::DesiGrid;

/// Buffers of a thread that outlive a spectrum: nothing of their size is allocated for each.
struct Scratch
{
    std::vector<float> flux, ivar, factor, snr;
    std::vector<std::uint32_t> ordered;
    std::vector<double> sums, counts;

    static Scratch& ofThisThread()
    {
        thread_local Scratch scratch;
        return scratch;
    }
};

/// Median of the values whose weight is above 0.
Median medianWhereData(std::span<const float> values, std::span<const float> weight)
{
    std::vector<std::uint32_t>& ordered = Scratch::ofThisThread().ordered;
    ordered.resize(values.size());
    const std::uint32_t used = orderWhereData(values.size(), values.data(), weight.data(), ordered.data());
    if (used == 0)
        return {};
    return {core::floatOfOrderedBits(core::elementOfRank(ordered, used / 2)), used};
}

/// The normalisation from medians of flux where ivar is above 0.
std::optional<Normalisation> normalisationOf(const Recipe& recipe, std::span<const float> flux,
                                             std::span<const float> ivar, double z)
{
    const WindowsInUse used = windowsInUse(recipe, z);
    std::array<Median, 2> medians;
    for (std::size_t i = 0; i < used.count; ++i) {
        const PixelRange range = observedPixels(recipe.windows[used.first + i], z);
        medians[i] =
            medianWhereData(flux.subspan(range.begin, range.count), ivar.subspan(range.begin, range.count));
    }
    return normalisationFrom(medians, recipe, z);
}

/// Adds floor·|local flux| to σ in quadrature; the local flux is the mean of 17 pixels.
void addModelErrorFloor(std::span<const float> flux, std::span<float> weight, double floor)
{
    if (floor <= 0.0)
        return;
    constexpr std::size_t kHalf = kFloorHalfWidth;
    const std::size_t n = flux.size();
    Scratch& scratch = Scratch::ofThisThread();
    scratch.sums.assign(n + 2 * kHalf + 1, 0.0);
    scratch.counts.assign(n + 2 * kHalf + 1, 0.0);
    double sum = 0.0, count = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        scratch.sums[kHalf + 1 + i] = sum += flux[i];
        scratch.counts[kHalf + 1 + i] = count += weight[i] > 0.0F ? 1.0 : 0.0;
    }
    std::fill_n(scratch.sums.end() - kHalf, kHalf, sum);
    std::fill_n(scratch.counts.end() - kHalf, kHalf, count);
    addErrorInQuadrature(n, kHalf, floor, scratch.sums.data(), scratch.counts.data(), weight.data());
}

/// From the first to behind the last pixel with data.
struct DataRange
{
    std::size_t first = 0, count = 0;

    explicit DataRange(std::span<const float> weight)
    {
        std::size_t end = weight.size();
        while (end > 0 && !(weight[end - 1] > 0.0F))
            --end;
        while (first < end && !(weight[first] > 0.0F))
            ++first;
        count = end - first;
    }
};

} // namespace

float medianSnr(std::span<const float> flux, std::span<const float> weight)
{
    std::vector<float>& snr = Scratch::ofThisThread().snr;
    snr.resize(flux.size());
    signalToNoise(flux.size(), flux.data(), weight.data(), snr.data());
    return medianWhereData(snr, weight).value;
}

Preprocessor::Preprocessor(Recipe recipe)
    : m_recipe(std::move(recipe))
    , m_skyMask(skyMaskOnDesiGrid(m_recipe.sky))
{
    for (std::size_t i = 0; i < DesiGrid::kPixels; ++i) {
        m_leastIvar.push_back(m_skyMask[i] != 0 ? std::numeric_limits<float>::infinity()
                                                : static_cast<float>(m_recipe.minimumIvar));
        m_extinction.push_back(static_cast<float>(galacticExtinction(DesiGrid::wavelength(i))));
    }
    const double step = m_recipe.grid.step();
    for (std::size_t i = 0; i <= m_recipe.grid.pixels; ++i)
        m_edges.push_back(m_recipe.grid.firstAngstrom * std::exp((static_cast<double>(i) - 0.5) * step));
}

std::vector<float> Preprocessor::usableIvar(const core::Spectrum& spectrum) const
{
    std::vector<float> ivar;
    findUsableIvar(spectrum, ivar);
    return ivar;
}

void Preprocessor::findUsableIvar(const core::Spectrum& spectrum, std::vector<float>& ivar) const
{
    ivar.resize(DesiGrid::kPixels);
    if (spectrum.flux.size() != ivar.size() || spectrum.ivar.size() != ivar.size()) {
        std::fill(ivar.begin(), ivar.end(), 0.0F);
        return;
    }
    static const std::vector<std::uint32_t> kNoMask(DesiGrid::kPixels, 0);
    const auto& mask = spectrum.mask.size() == ivar.size() ? spectrum.mask : kNoMask;
    selectUsable(ivar.size(), spectrum.flux.data(), spectrum.ivar.data(), mask.data(), m_leastIvar.data(),
                 ivar.data());
    applyIvarGuard(ivar, m_recipe.sky);
}

std::vector<float> Preprocessor::dereddening(float ebv) const
{
    std::vector<float> factor;
    findDereddening(ebv, factor);
    return factor;
}

float Preprocessor::dustExponent(float ebv) const
{
    return m_recipe.deredden && std::isfinite(ebv) && ebv > 0.0F ? 0.4F * std::log(10.0F) * ebv : 0.0F;
}

void Preprocessor::findDereddening(float ebv, std::vector<float>& factor) const
{
    factor.resize(DesiGrid::kPixels);
    exponentials(factor.size(), dustExponent(ebv), m_extinction.data(), factor.data());
}

const char* Preprocessor::rejectionBefore(const core::Spectrum& spectrum, double z) const
{
    if (!std::isfinite(z))
        return "no redshift";
    if (z < m_recipe.zFirst || z > m_recipe.zLast)
        return "redshift outside the recipe's range";
    if (spectrum.flux.size() != DesiGrid::kPixels || spectrum.ivar.size() != DesiGrid::kPixels)
        return "no spectrum";
    return nullptr;
}

RestFrameSpectrum Preprocessor::apply(const core::Spectrum& spectrum, double z, float ebv) const
{
    if (const char* reason = rejectionBefore(spectrum, z))
        return RestFrameSpectrum::rejected(reason);

    auto& [flux, ivar, factor, snr, ordered, sums, counts] = Scratch::ofThisThread();
    findUsableIvar(spectrum, ivar);
    findDereddening(ebv, factor);
    flux.resize(DesiGrid::kPixels);
    scaleFlux(flux.size(), spectrum.flux.data(), factor.data(), ivar.data(), flux.data());
    const std::optional<Normalisation> norm = normalisationOf(m_recipe, flux, ivar, z);
    if (!norm)
        return RestFrameSpectrum::rejected(kNoNormalisation);

    RebinnedSpectrum row = rebinToRest(flux, ivar, m_edges, z);
    const std::size_t good = static_cast<std::size_t>(
        std::count_if(row.weight.begin(), row.weight.end(), [](float w) { return w > 0.0F; }));
    if (good < m_recipe.minimumGoodPixels)
        return RestFrameSpectrum::rejected(kTooFewPixels);
    const float scale = static_cast<float>(norm->value);
    for (std::size_t i = 0; i < row.flux.size(); ++i) {
        row.flux[i] /= scale;
        row.weight[i] *= scale * scale;
    }
    const DataRange range(row.weight);
    const auto rowFlux = std::span<const float>(row.flux).subspan(range.first, range.count);
    const auto rowWeight = std::span(row.weight).subspan(range.first, range.count);
    addModelErrorFloor(rowFlux, rowWeight, m_recipe.modelErrorFloor);

    RestFrameSpectrum result;
    result.snr = medianSnr(rowFlux, rowWeight);
    result.flux = std::move(row.flux);
    result.weight = std::move(row.weight);
    result.normalisation = scale;
    result.window = norm->window;
    return result;
}

} // namespace voorwerp::dataset

// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/preprocess.h"

#include "core/error.h"
#include "dataset/extinction.h"
#include "dataset/rebin.h"
#include "dataset/sky_mask.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace voorwerp::dataset {
namespace {

using core::DesiGrid;

double medianOf(std::vector<float>& values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

struct Normalisation
{
    double value = 0.0;
    int window = -1;
};

/// Normalises by the window of a redshift, or between two windows by both.
class Normaliser
{
public:
    Normaliser(const Recipe& recipe, const std::vector<float>& flux, const std::vector<float>& ivar, double z)
        : m_recipe(recipe)
        , m_flux(flux)
        , m_ivar(ivar)
        , m_z(z)
    {
    }

    /// Geometric mean of the two windows on either side of z, its weight linear in z; so the value is
    /// continuous in z. Where one of them has no positive median, the other one counts alone.
    std::optional<Normalisation> value() const
    {
        const auto& windows = m_recipe.windows;
        std::size_t upper = 0;
        while (upper < windows.size() && m_z > windows[upper].zLast)
            ++upper;
        if (upper == windows.size())
            return std::nullopt;
        const std::optional<double> high = windowValue(windows[upper]);
        if (m_z >= windows[upper].zFirst || upper == 0)
            return single(high, upper);
        const std::optional<double> low = windowValue(windows[upper - 1]);
        if (!low || !high)
            return low ? single(low, upper - 1) : single(high, upper);
        const double share =
            (m_z - windows[upper - 1].zLast) / (windows[upper].zFirst - windows[upper - 1].zLast);
        const double mean = std::exp((1.0 - share) * std::log(*low) + share * std::log(*high));
        return Normalisation{mean, static_cast<int>(share > 0.5 ? upper : upper - 1)};
    }

private:
    static std::optional<Normalisation> single(std::optional<double> value, std::size_t window)
    {
        if (!value)
            return std::nullopt;
        return Normalisation{*value, static_cast<int>(window)};
    }

    /// Median of the good pixels over the composite ratio; nothing when too few are good or it is not
    /// positive.
    std::optional<double> windowValue(const NormalisationWindow& window) const
    {
        const double first = DesiGrid::pixelOf(window.firstAngstrom * (1.0 + m_z));
        const double last = DesiGrid::pixelOf(window.lastAngstrom * (1.0 + m_z));
        const auto clampPixel = [](double pixel) {
            return static_cast<std::size_t>(std::clamp(std::ceil(pixel), 0.0, double(DesiGrid::kPixels)));
        };
        std::vector<float> values;
        for (std::size_t i = clampPixel(first); i < clampPixel(last); ++i) {
            if (m_ivar[i] > 0.0F)
                values.push_back(m_flux[i]);
        }
        if (values.size() < m_recipe.minimumWindowPixels)
            return std::nullopt;
        const double median = medianOf(values) / window.compositeRatio;
        return std::isfinite(median) && median > 0.0 ? std::optional(median) : std::nullopt;
    }

    const Recipe& m_recipe;
    const std::vector<float>& m_flux;
    const std::vector<float>& m_ivar;
    double m_z;
};

/// Adds floor·|local flux| to σ in quadrature; the local flux is the mean of 17 pixels.
void addModelErrorFloor(RebinnedSpectrum& row, double floor)
{
    if (floor <= 0.0)
        return;
    constexpr std::size_t kHalf = 8;
    const std::size_t n = row.flux.size();
    std::vector<double> sums(n + 1, 0.0), counts(n + 1, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        sums[i + 1] = sums[i] + row.flux[i];
        counts[i + 1] = counts[i] + (row.weight[i] > 0.0F ? 1.0 : 0.0);
    }
    for (std::size_t i = 0; i < n; ++i) {
        if (row.weight[i] <= 0.0F)
            continue;
        const std::size_t first = i > kHalf ? i - kHalf : 0, last = std::min(n, i + kHalf + 1);
        const double error = floor * (sums[last] - sums[first]) / (counts[last] - counts[first]);
        row.weight[i] = static_cast<float>(1.0 / (1.0 / row.weight[i] + error * error));
    }
}

RestFrameSpectrum rejected(std::string reason)
{
    RestFrameSpectrum spectrum;
    spectrum.rejection = std::move(reason);
    return spectrum;
}

} // namespace

float medianSnr(std::span<const float> flux, std::span<const float> weight)
{
    std::vector<float> values;
    values.reserve(flux.size());
    for (std::size_t i = 0; i < flux.size(); ++i) {
        if (weight[i] > 0.0F)
            values.push_back(flux[i] * std::sqrt(weight[i]));
    }
    return values.empty() ? 0.0F : static_cast<float>(medianOf(values));
}

Preprocessor::Preprocessor(Recipe recipe)
    : m_recipe(std::move(recipe))
    , m_skyMask(skyMaskOnDesiGrid(m_recipe.sky))
{
    m_extinction.resize(DesiGrid::kPixels);
    for (std::size_t i = 0; i < m_extinction.size(); ++i)
        m_extinction[i] = static_cast<float>(galacticExtinction(DesiGrid::wavelength(i)));
    const double step = m_recipe.grid.step();
    for (std::size_t i = 0; i <= m_recipe.grid.pixels; ++i)
        m_edges.push_back(m_recipe.grid.firstAngstrom * std::exp((static_cast<double>(i) - 0.5) * step));
}

std::vector<float> Preprocessor::usableIvar(const core::Spectrum& spectrum) const
{
    std::vector<float> ivar(DesiGrid::kPixels, 0.0F);
    if (spectrum.flux.size() != ivar.size() || spectrum.ivar.size() != ivar.size())
        return ivar;
    static const std::vector<std::uint32_t> kNoMask(DesiGrid::kPixels, 0);
    const auto& mask = spectrum.mask.size() == ivar.size() ? spectrum.mask : kNoMask;
    const float least = static_cast<float>(m_recipe.minimumIvar);
    constexpr float kLargest = std::numeric_limits<float>::max();
    for (std::size_t i = 0; i < ivar.size(); ++i) { // no branch: the compiler makes vectors of it
        const float value = spectrum.ivar[i];
        const bool good = (m_skyMask[i] == 0) & (mask[i] == 0) & (std::abs(spectrum.flux[i]) <= kLargest) &
                          (value <= kLargest) & (value > least);
        ivar[i] = good ? value : 0.0F;
    }
    applyIvarGuard(ivar, m_recipe.sky);
    return ivar;
}

std::vector<float> Preprocessor::dereddening(float ebv) const
{
    std::vector<float> factor(DesiGrid::kPixels, 1.0F);
    if (!m_recipe.deredden || !std::isfinite(ebv) || ebv <= 0.0F)
        return factor;
    const float scale = 0.4F * std::log(10.0F) * ebv;
    const auto size = static_cast<Eigen::Index>(factor.size());
    Eigen::ArrayXf::Map(factor.data(), size) = (scale * Eigen::ArrayXf::Map(m_extinction.data(), size)).exp();
    return factor;
}

RestFrameSpectrum Preprocessor::apply(const core::Spectrum& spectrum, double z, float ebv) const
{
    if (!std::isfinite(z))
        return rejected("no redshift");
    if (z < m_recipe.zFirst || z > m_recipe.zLast)
        return rejected("redshift outside the recipe's range");
    if (spectrum.flux.size() != DesiGrid::kPixels || spectrum.ivar.size() != DesiGrid::kPixels)
        return rejected("no spectrum");

    std::vector<float> ivar = usableIvar(spectrum);
    const std::vector<float> factor = dereddening(ebv);
    std::vector<float> flux(DesiGrid::kPixels, 0.0F);
    for (std::size_t i = 0; i < flux.size(); ++i) {
        const float dereddened = spectrum.flux[i] * factor[i];
        flux[i] = ivar[i] > 0.0F ? dereddened : 0.0F;
        ivar[i] /= factor[i] * factor[i];
    }
    const std::optional<Normalisation> norm = Normaliser(m_recipe, flux, ivar, z).value();
    if (!norm)
        return rejected("no positive flux in the normalisation window");

    RebinnedSpectrum row = rebinToRest(flux, ivar, m_edges, z);
    const std::size_t good = static_cast<std::size_t>(
        std::count_if(row.weight.begin(), row.weight.end(), [](float w) { return w > 0.0F; }));
    if (good < m_recipe.minimumGoodPixels)
        return rejected("too few good pixels");
    const float scale = static_cast<float>(norm->value);
    for (std::size_t i = 0; i < row.flux.size(); ++i) {
        row.flux[i] /= scale;
        row.weight[i] *= scale * scale;
    }
    addModelErrorFloor(row, m_recipe.modelErrorFloor);

    RestFrameSpectrum result;
    result.snr = medianSnr(row.flux, row.weight);
    result.flux = std::move(row.flux);
    result.weight = std::move(row.weight);
    result.normalisation = scale;
    result.window = norm->window;
    return result;
}

} // namespace voorwerp::dataset

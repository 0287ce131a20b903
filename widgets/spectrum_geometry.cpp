// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/spectrum_geometry.h"

#include "core/wavelength_grid.h"
#include "widgets/spectrum_smoothing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace voorwerp::widgets {

using core::DesiGrid;

namespace {

/// Copies the finite values of the pixels into one list.
void appendFinite(std::vector<float>& list, const std::vector<float>& values, std::size_t first,
                  std::size_t last)
{
    for (std::size_t i = first; i < std::min(last, values.size()); ++i) {
        if (std::isfinite(values[i]))
            list.push_back(values[i]);
    }
}

float percentile(std::vector<float>& values, double percent)
{
    const auto position =
        static_cast<std::ptrdiff_t>(std::lround(percent / 100.0 * static_cast<double>(values.size() - 1)));
    std::nth_element(values.begin(), values.begin() + position, values.end());
    return values[static_cast<std::size_t>(position)];
}

std::vector<float> residualOf(const SpectrumData& spectrum)
{
    std::vector<float> residual(spectrum.flux.size(), std::numeric_limits<float>::quiet_NaN());
    for (std::size_t i = 0; i < residual.size(); ++i) {
        if (spectrum.ivar[i] > 0.0F)
            residual[i] = (spectrum.flux[i] - spectrum.model[i]) * std::sqrt(spectrum.ivar[i]);
    }
    return residual;
}

} // namespace

PreparedSpectrum prepareSpectrum(const SpectrumData& spectrum, double smoothingPixels)
{
    PreparedSpectrum prepared;
    prepared.goodPixels = static_cast<std::size_t>(
        std::count_if(spectrum.ivar.begin(), spectrum.ivar.end(), [](float ivar) { return ivar > 0.0F; }));
    prepared.flux = smoothFlux(spectrum.flux, spectrum.ivar, smoothingPixels);
    prepared.sigma = smoothedSigma(spectrum.ivar, smoothingPixels);
    prepared.model = spectrum.model;
    if (!spectrum.residual.empty())
        prepared.residual = smoothResidual(spectrum.residual, smoothingPixels);
    else if (!spectrum.model.empty())
        prepared.residual = smoothResidual(residualOf(spectrum), smoothingPixels);
    return prepared;
}

SpectrumGeometry SpectrumGeometry::make(QSizeF size, double fontHeight, double labelWidth, Range wavelengths,
                                        Range flux, Range residual, bool withResidual)
{
    constexpr int kLabelRows = 2;
    const double left = std::ceil(labelWidth + 1.8 * fontHeight);
    const double right = size.width() - std::ceil(0.8 * fontHeight);
    const double bottom = size.height() - std::ceil(2.7 * fontHeight);
    const double labelHeight = std::ceil(kLabelRows * fontHeight + 4.0);
    const double width = std::max(10.0, right - left);
    const double inner = std::max(20.0, bottom - labelHeight);
    const double gap = withResidual ? std::ceil(0.5 * fontHeight) : 0.0;
    const double threeLabels = std::min(4.2 * fontHeight, 0.4 * inner);
    const double residualHeight = withResidual ? std::floor(std::max(inner * 0.27, threeLabels)) : 0.0;
    SpectrumGeometry geometry;
    geometry.labelArea = {left, 0.0, width, labelHeight};
    geometry.fluxArea = {left, labelHeight, width, inner - residualHeight - gap};
    if (withResidual)
        geometry.residualArea = {left, bottom - residualHeight, width, residualHeight};
    geometry.x = {wavelengths, left, left + width};
    geometry.y = {flux, geometry.fluxArea.bottom(), geometry.fluxArea.top()};
    geometry.residual = {residual, geometry.residualArea.bottom(), geometry.residualArea.top()};
    return geometry;
}

std::pair<std::size_t, std::size_t> pixelRange(Range wavelengths)
{
    const double last = static_cast<double>(DesiGrid::kPixels);
    const double first = std::clamp(std::ceil(DesiGrid::pixelOf(wavelengths.low) - 1e-6), 0.0, last);
    const double end = std::clamp(std::floor(DesiGrid::pixelOf(wavelengths.high) + 1e-6) + 1.0, first, last);
    return {static_cast<std::size_t>(first), static_cast<std::size_t>(end)};
}

std::vector<ColumnRange> binColumns(std::span<const float> values, const AxisMap& x)
{
    const int firstColumn = static_cast<int>(std::floor(x.pixelLow));
    const int columns = static_cast<int>(std::ceil(x.pixelHigh)) - firstColumn + 1;
    std::vector<ColumnRange> result(static_cast<std::size_t>(std::max(0, columns)));
    const auto [first, last] = pixelRange(x.data);
    for (std::size_t i = first; i < std::min(last, values.size()); ++i) {
        const float value = values[i];
        if (!std::isfinite(value))
            continue;
        const int column = static_cast<int>(std::floor(x.toPixel(DesiGrid::wavelength(i)))) - firstColumn;
        if (column < 0 || column >= columns)
            continue;
        ColumnRange& range = result[static_cast<std::size_t>(column)];
        range.low = range.empty ? value : std::min(range.low, value);
        range.high = range.empty ? value : std::max(range.high, value);
        range.empty = false;
    }
    return result;
}

Range fluxRange(const PreparedSpectrum& prepared, Range wavelengths)
{
    const auto [first, last] = pixelRange(wavelengths);
    std::vector<float> values;
    values.reserve(2 * (last - first));
    appendFinite(values, prepared.flux, first, last);
    if (values.empty())
        return {-1.0, 1.0};
    appendFinite(values, prepared.model, first, last);
    double low = percentile(values, 0.5);
    double high = percentile(values, 99.5);
    if (!(high > low)) {
        const double room = std::max(1.0, std::abs(high));
        return {low - room, high + room};
    }
    if (low > 0.0 && low < 0.5 * high)
        low = 0.0;
    const double room = high - low;
    return {low - 0.06 * room, high + 0.18 * room};
}

Range residualRange(const PreparedSpectrum& prepared, Range wavelengths)
{
    const auto [first, last] = pixelRange(wavelengths);
    std::vector<float> values;
    appendFinite(values, prepared.residual, first, last);
    for (float& value : values)
        value = std::abs(value);
    const double reach = values.empty() ? 5.0 : std::clamp(1.1 * percentile(values, 99.8), 5.0, 30.0);
    return {-reach, reach};
}

std::vector<int> placeLabels(const std::vector<LabelRequest>& requests, int rows, double gap,
                             Range horizontal)
{
    std::vector<int> placed(requests.size(), -1);
    std::vector<std::size_t> order(requests.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return requests[a].important && !requests[b].important;
    });
    std::vector<std::vector<Range>> taken(static_cast<std::size_t>(std::max(0, rows)));
    for (const std::size_t index : order) {
        const LabelRequest& request = requests[index];
        const Range extent = {request.centre - 0.5 * request.width, request.centre + 0.5 * request.width};
        if (extent.low < horizontal.low || extent.high > horizontal.high)
            continue;
        for (std::size_t row = 0; row < taken.size() && placed[index] < 0; ++row) {
            const bool free = std::none_of(taken[row].begin(), taken[row].end(), [&](const Range& other) {
                return extent.low < other.high + gap && other.low < extent.high + gap;
            });
            if (free) {
                taken[row].push_back(extent);
                placed[index] = static_cast<int>(row);
            }
        }
    }
    return placed;
}

std::vector<MaskRun> maskRuns(const SpectrumData& spectrum)
{
    std::vector<MaskRun> runs;
    bool open = false;
    for (std::size_t i = 0; i < spectrum.ivar.size(); ++i) {
        const std::uint32_t bits = i < spectrum.mask.size() ? spectrum.mask[i] : 0U;
        const bool bad = bits != 0U || !(spectrum.ivar[i] > 0.0F);
        const double centre = DesiGrid::wavelength(i);
        if (bad && open && runs.back().bits == bits)
            runs.back().highAngstrom = centre + 0.5 * DesiGrid::kStepAngstrom;
        else if (bad)
            runs.push_back(
                {centre - 0.5 * DesiGrid::kStepAngstrom, centre + 0.5 * DesiGrid::kStepAngstrom, bits});
        open = bad;
    }
    return runs;
}

} // namespace voorwerp::widgets

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Arithmetic of the spectrum panel, without a window: what is drawn where.

#include "widgets/axis_map.h"
#include "widgets/spectrum_data.h"

#include <QRectF>
#include <QSizeF>

#include <span>
#include <vector>

namespace voorwerp::widgets {

/// A spectrum smoothed for drawing. NaN where there is nothing to draw.
struct PreparedSpectrum
{
    std::vector<float> flux;     ///< smoothed
    std::vector<float> sigma;    ///< 1σ of flux, smoothed alike
    std::vector<float> model;    ///< as given
    std::vector<float> residual; ///< [σ], smoothed so that noise keeps unit variance
    std::size_t goodPixels = 0;
    bool hasModel() const { return !model.empty(); }
};

PreparedSpectrum prepareSpectrum(const SpectrumData& spectrum, double smoothingPixels);

/// Where the panels and axes lie. Pixels are device independent.
struct SpectrumGeometry
{
    QRectF labelArea; ///< line labels, above the flux panel
    QRectF fluxArea;
    QRectF residualArea; ///< empty when there is no model
    AxisMap x;           ///< observed Å
    AxisMap y;           ///< flux
    AxisMap residual;    ///< σ

    bool hasResidual() const { return residualArea.height() > 0.0; }
    /// fontHeight and labelWidth (the widest y label) come from the font metrics.
    static SpectrumGeometry make(QSizeF size, double fontHeight, double labelWidth, Range wavelengths,
                                 Range flux, Range residual, bool withResidual);
};

/// Extremes of the values that fall on one pixel column.
struct ColumnRange
{
    float low = 0.0F;
    float high = 0.0F;
    bool empty = true;
};

/// Minimum and maximum per pixel column of a curve on DesiGrid, so that 7,781 pixels draw as a few hundred
/// vertical strokes. Index 0 is the column at floor(x.pixelLow). NaN is left out.
std::vector<ColumnRange> binColumns(std::span<const float> values, const AxisMap& x);

/// A flux range from the 0.5th to the 99.5th percentile of flux and model inside the wavelengths, with some
/// room, 0 in it when it is near. Falls back to [-1, 1] when nothing is finite.
Range fluxRange(const PreparedSpectrum& prepared, Range wavelengths);
/// Symmetric, at least ±5 σ, at most ±30 σ.
Range residualRange(const PreparedSpectrum& prepared, Range wavelengths);

/// Pixels of DesiGrid inside the wavelengths: [first, last).
std::pair<std::size_t, std::size_t> pixelRange(Range wavelengths);

/// One label above the plot: where it wants to be and how wide it is.
struct LabelRequest
{
    double centre = 0.0;
    double width = 0.0;
    bool important = false;
};

/// For each request the row (0 = lowest) or -1 when there is no room in `rows` rows. Important ones are
/// placed first; labels of one row never touch.
std::vector<int> placeLabels(const std::vector<LabelRequest>& requests, int rows, double gap,
                             Range horizontal);

/// A run of masked pixels with the same bits.
struct MaskRun
{
    double lowAngstrom = 0.0;
    double highAngstrom = 0.0;
    std::uint32_t bits = 0;
};
/// Runs of pixels that are not used: mask bits set, or ivar 0 (bits 0).
std::vector<MaskRun> maskRuns(const SpectrumData& spectrum);

} // namespace voorwerp::widgets

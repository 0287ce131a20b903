// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Arithmetic of plot axes, without a window: data to pixels and back, zoom, pan and ticks.

#include <QString>

#include <vector>

namespace voorwerp::widgets {

/// A closed interval of data values.
struct Range
{
    double low = 0.0;
    double high = 1.0;
    double span() const { return high - low; }
    bool contains(double value) const { return value >= low && value <= high; }
    bool operator==(const Range&) const = default;
};

/// One linear axis. pixelLow belongs to data.low; pixelLow > pixelHigh is an axis that grows upwards.
struct AxisMap
{
    Range data;
    double pixelLow = 0.0;
    double pixelHigh = 1.0;

    double toPixel(double value) const;
    double toData(double pixel) const;
    double dataPerPixel() const;
    /// The range after zooming by factor (> 1 shows less) so that the value under the pixel stays there.
    Range zoomed(double pixel, double factor) const;
    /// The range after dragging the content by pixels.
    Range panned(double pixels) const;
};

/// range moved, and shrunk when it must, so that it lies inside limits and is never narrower than
/// minimumSpan.
Range clampedTo(Range range, Range limits, double minimumSpan);

struct Tick
{
    double value = 0.0;
    QString label;
};

/// Ticks at 1, 2 or 5 times a power of ten, about `wanted` of them and at least `least`, all with as many
/// decimals as the step needs.
std::vector<Tick> makeTicks(Range range, int wanted, int least = 0);

/// Ticks of a logarithmic count axis over [1, high] given in log10: labels 1, 10, 100, 1k, 10k, 1M.
std::vector<Tick> makeDecadeTicks(Range log10Range);

/// "1,234", "12.3k", "1.60M": for places that have no room for all figures.
QString shortNumber(double value);

} // namespace voorwerp::widgets

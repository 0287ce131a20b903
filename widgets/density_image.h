// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Millions of points as one image, and geometry on them, without a window.

#include "widgets/axis_map.h"
#include "widgets/colour_map.h"

#include <QImage>
#include <QPolygonF>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace voorwerp::widgets {

/// What a map shows: x to the right, y upwards, both in data units. pixel size in device pixels.
struct MapView
{
    Range x;
    Range y;
    int width = 1;
    int height = 1;

    double column(double valueX) const { return (valueX - x.low) / x.span() * width; }
    double row(double valueY) const { return (y.high - valueY) / y.span() * height; }
    bool operator==(const MapView&) const = default;
};

/// Count and mean of a value in each pixel of a view. Cells are cellSize pixels wide.
struct DensityGrid
{
    int columns = 0;
    int rows = 0;
    int cellSize = 1;
    std::vector<std::uint32_t> count; ///< (rows, columns)
    std::vector<float> mean;          ///< of the finite values; NaN where none; empty without values
    std::uint32_t maximum = 0;
};

/// One pass over the points; points outside the view or not finite are left out. values may be empty.
DensityGrid binPoints(std::span<const float> x, std::span<const float> y, std::span<const float> values,
                      const MapView& view, int cellSize);

/// How a grid becomes colours: brightness by log density when there are no values, else the mean value on
/// [range.low, range.high]. Categorical values are indices of labelColour.
struct MapColouring
{
    ColourScale scale = ColourScale::Viridis;
    Range range;
    bool categorical = false;
    bool dark = false; ///< background of the widget
};
QImage densityImage(const DensityGrid& grid, const MapColouring& colouring);

/// Row of the point nearest to (px, py) in device pixels, within maximumPixels.
std::optional<std::uint32_t> nearestPoint(std::span<const float> x, std::span<const float> y,
                                          const MapView& view, double px, double py, double maximumPixels);

/// Rows of the points inside a polygon in data units (odd-even rule); exact at the edge to float rounding.
std::vector<std::uint32_t> pointsInside(std::span<const float> x, std::span<const float> y,
                                        const QPolygonF& polygon);

/// From the lowPercent to the highPercent percentile of the finite values; {0, 1} when there are none.
Range percentileRange(std::span<const float> values, double lowPercent, double highPercent);

} // namespace voorwerp::widgets

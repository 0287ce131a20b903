// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/density_image.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace voorwerp::widgets {

namespace {

/// A mask of a polygon's surroundings: which cells are surely inside, surely outside, or near an edge.
class PolygonMask
{
public:
    explicit PolygonMask(const QPolygonF& polygon)
        : m_bounds(polygon.boundingRect())
        , m_image(kCells, kCells, QImage::Format_Grayscale8)
    {
        m_image.fill(0);
        QTransform toCells;
        toCells.scale((kCells - 1) / m_bounds.width(), (kCells - 1) / m_bounds.height());
        toCells.translate(-m_bounds.left(), -m_bounds.top());
        const QPolygonF cells = toCells.map(polygon);
        QPainter painter(&m_image);
        painter.setBrush(QColor(kInside, kInside, kInside));
        painter.setPen(Qt::NoPen);
        painter.drawPolygon(cells, Qt::OddEvenFill);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(QColor(kEdge, kEdge, kEdge), 5));
        painter.drawPolygon(cells);
    }

    bool contains(double x, double y, const QPolygonF& polygon) const
    {
        const int column = static_cast<int>((x - m_bounds.left()) / m_bounds.width() * (kCells - 1) + 0.5);
        const int row = static_cast<int>((y - m_bounds.top()) / m_bounds.height() * (kCells - 1) + 0.5);
        const uchar cell = m_image.constScanLine(row)[column];
        return cell == kEdge ? polygon.containsPoint({x, y}, Qt::OddEvenFill) : cell == kInside;
    }

    const QRectF& bounds() const { return m_bounds; }

private:
    static constexpr int kCells = 512;
    static constexpr int kInside = 128;
    static constexpr int kEdge = 255;
    QRectF m_bounds;
    QImage m_image;
};

QRgb blendOver(QRgb under, QRgb over, double share)
{
    const auto mix = [share](int a, int b) { return static_cast<int>(a + (b - a) * share + 0.5); };
    return qRgb(mix(qRed(under), qRed(over)), mix(qGreen(under), qGreen(over)),
                mix(qBlue(under), qBlue(over)));
}

} // namespace

DensityGrid binPoints(std::span<const float> x, std::span<const float> y, std::span<const float> values,
                      const MapView& view, int cellSize)
{
    DensityGrid grid;
    grid.cellSize = std::max(1, cellSize);
    grid.columns = std::max(1, (view.width + grid.cellSize - 1) / grid.cellSize);
    grid.rows = std::max(1, (view.height + grid.cellSize - 1) / grid.cellSize);
    const auto cells = static_cast<std::size_t>(grid.columns) * static_cast<std::size_t>(grid.rows);
    grid.count.assign(cells, 0U);
    std::vector<float> sum(values.empty() ? 0 : cells, 0.0F);
    std::vector<std::uint32_t> valued(values.empty() ? 0 : cells, 0U);
    const float scaleX = static_cast<float>(view.width / view.x.span() / grid.cellSize);
    const float scaleY = static_cast<float>(view.height / view.y.span() / grid.cellSize);
    const auto lowX = static_cast<float>(view.x.low);
    const auto highY = static_cast<float>(view.y.high);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const float column = (x[i] - lowX) * scaleX;
        const float row = (highY - y[i]) * scaleY;
        // Written so that NaN fails.
        if (!(column >= 0.0F && row >= 0.0F && column < static_cast<float>(grid.columns) &&
              row < static_cast<float>(grid.rows)))
            continue;
        const std::size_t cell = static_cast<std::size_t>(row) * static_cast<std::size_t>(grid.columns) +
                                 static_cast<std::size_t>(column);
        ++grid.count[cell];
        if (!values.empty() && std::isfinite(values[i])) {
            sum[cell] += values[i];
            ++valued[cell];
        }
    }
    grid.maximum = *std::max_element(grid.count.begin(), grid.count.end());
    if (!values.empty()) {
        grid.mean.resize(cells);
        for (std::size_t cell = 0; cell < cells; ++cell)
            grid.mean[cell] = valued[cell] > 0 ? sum[cell] / static_cast<float>(valued[cell])
                                               : std::numeric_limits<float>::quiet_NaN();
    }
    return grid;
}

QImage densityImage(const DensityGrid& grid, const MapColouring& colouring)
{
    QImage image(grid.columns, grid.rows, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    const double logMaximum = std::log1p(static_cast<double>(grid.maximum));
    const QRgb grey = colouring.dark ? qRgb(90, 90, 90) : qRgb(200, 200, 200);
    const double span = std::max(1e-12, colouring.range.span());
    const auto& table = colourTable(colouring.scale);
    const auto shade = [&table](double t) {
        return table[static_cast<std::size_t>(std::clamp(t, 0.0, 1.0) * 255.0 + 0.5)];
    };
    for (int row = 0; row < grid.rows; ++row) {
        auto* line = reinterpret_cast<QRgb*>(image.scanLine(row));
        for (int column = 0; column < grid.columns; ++column) {
            const std::size_t cell = static_cast<std::size_t>(row) * static_cast<std::size_t>(grid.columns) +
                                     static_cast<std::size_t>(column);
            if (grid.count[cell] == 0U)
                continue;
            if (grid.mean.empty()) {
                const double density = std::log1p(static_cast<double>(grid.count[cell])) / logMaximum;
                line[column] = shade(colouring.dark ? density : 1.0 - 0.92 * density);
            } else if (!std::isfinite(grid.mean[cell]))
                line[column] = grey;
            else if (colouring.categorical)
                line[column] =
                    blendOver(grey, labelColour(static_cast<int>(std::lround(grid.mean[cell]))).rgb(), 0.85);
            else
                line[column] = shade((grid.mean[cell] - colouring.range.low) / span);
        }
    }
    return image;
}

std::optional<std::uint32_t> nearestPoint(std::span<const float> x, std::span<const float> y,
                                          const MapView& view, double px, double py, double maximumPixels)
{
    double best = maximumPixels * maximumPixels;
    std::optional<std::uint32_t> nearest;
    const double scaleX = view.width / view.x.span();
    const double scaleY = view.height / view.y.span();
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double dx = (x[i] - view.x.low) * scaleX - px;
        const double dy = (view.y.high - y[i]) * scaleY - py;
        const double distance = dx * dx + dy * dy;
        if (distance <= best) { // false for NaN
            best = distance;
            nearest = static_cast<std::uint32_t>(i);
        }
    }
    return nearest;
}

std::vector<std::uint32_t> pointsInside(std::span<const float> x, std::span<const float> y,
                                        const QPolygonF& polygon)
{
    std::vector<std::uint32_t> rows;
    const QRectF bounds = polygon.boundingRect();
    if (polygon.size() < 3 || !(bounds.width() > 0.0) || !(bounds.height() > 0.0))
        return rows;
    const PolygonMask mask(polygon);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double px = x[i];
        const double py = y[i];
        if (px >= bounds.left() && px <= bounds.right() && py >= bounds.top() && py <= bounds.bottom() &&
            mask.contains(px, py, polygon))
            rows.push_back(static_cast<std::uint32_t>(i));
    }
    return rows;
}

Range percentileRange(std::span<const float> values, double lowPercent, double highPercent)
{
    std::vector<float> finite;
    finite.reserve(values.size());
    std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
                 [](float value) { return std::isfinite(value); });
    if (finite.empty())
        return {0.0, 1.0};
    const auto at = [&](double percent) {
        const auto position = static_cast<std::ptrdiff_t>(
            std::lround(percent / 100.0 * static_cast<double>(finite.size() - 1)));
        std::nth_element(finite.begin(), finite.begin() + position, finite.end());
        return static_cast<double>(finite[static_cast<std::size_t>(position)]);
    };
    const Range range = {at(lowPercent), at(highPercent)};
    return range.span() > 0.0 ? range : Range{range.low - 0.5, range.low + 0.5};
}

} // namespace voorwerp::widgets

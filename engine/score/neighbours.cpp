// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/neighbours.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace voorwerp::score {
namespace {

constexpr std::size_t kMostCells = 2000; // along an axis, where a few points are far from all others

std::vector<double> scaled(std::span<const double> values)
{
    std::vector<double> out(values.begin(), values.end());
    const double n = static_cast<double>(out.size());
    const double mean = std::accumulate(out.begin(), out.end(), 0.0) / n;
    double variance = 0.0;
    for (double v : out)
        variance += (v - mean) * (v - mean) / n;
    const double scale = variance > 0.0 ? 1.0 / std::sqrt(variance) : 1.0;
    for (double& v : out)
        v = (v - mean) * scale;
    return out;
}

} // namespace

PlaneNeighbours::PlaneNeighbours(std::span<const double> x, std::span<const double> y, std::size_t neighbours)
    : m_x(scaled(x))
    , m_y(scaled(y))
    , m_neighbours(std::min(std::max<std::size_t>(1, neighbours), x.size()))
{
    if (m_x.empty())
        return;
    const auto [lowX, highX] = std::minmax_element(m_x.begin(), m_x.end());
    const auto [lowY, highY] = std::minmax_element(m_y.begin(), m_y.end());
    m_firstX = *lowX;
    m_firstY = *lowY;
    // About sixteen cells hold the neighbours where points are as dense as on average over 4x4 deviations.
    m_cellSize =
        std::max(0.01, std::sqrt(static_cast<double>(m_neighbours) / static_cast<double>(m_x.size())));
    const auto cells = [this](double range) { // points beyond the last cell are in it
        return std::min(kMostCells, static_cast<std::size_t>(range / m_cellSize) + 1);
    };
    m_columns = cells(*highX - *lowX);
    m_rows = cells(*highY - *lowY);

    std::vector<std::uint32_t> cellOfPoint(m_x.size());
    m_cellStart.assign(m_columns * m_rows + 1, 0);
    for (std::size_t i = 0; i < m_x.size(); ++i) {
        cellOfPoint[i] = static_cast<std::uint32_t>(cellOf(m_y[i], m_firstY, m_rows) * m_columns +
                                                    cellOf(m_x[i], m_firstX, m_columns));
        ++m_cellStart[cellOfPoint[i] + 1];
    }
    std::partial_sum(m_cellStart.begin(), m_cellStart.end(), m_cellStart.begin());
    std::vector<std::uint32_t> next(m_cellStart.begin(), m_cellStart.end() - 1);
    m_points.resize(m_x.size());
    for (std::size_t i = 0; i < m_x.size(); ++i)
        m_points[next[cellOfPoint[i]]++] = static_cast<std::uint32_t>(i);
}

std::size_t PlaneNeighbours::cellOf(double value, double first, std::size_t cells) const
{
    return std::min(cells - 1, static_cast<std::size_t>(std::max(0.0, (value - first) / m_cellSize)));
}

void PlaneNeighbours::collectRing(std::size_t column, std::size_t row, std::size_t ring,
                                  std::vector<std::uint32_t>& found) const
{
    const auto c = static_cast<std::ptrdiff_t>(column), r = static_cast<std::ptrdiff_t>(row);
    const auto half = static_cast<std::ptrdiff_t>(ring);
    const std::ptrdiff_t firstRow = std::max<std::ptrdiff_t>(0, r - half);
    const std::ptrdiff_t lastRow = std::min(static_cast<std::ptrdiff_t>(m_rows) - 1, r + half);
    for (std::ptrdiff_t y = firstRow; y <= lastRow; ++y) {
        const bool edge = y == r - half || y == r + half;
        for (std::ptrdiff_t x = c - half; x <= c + half; x += edge || half == 0 ? 1 : 2 * half) {
            if (x < 0 || x >= static_cast<std::ptrdiff_t>(m_columns))
                continue;
            const std::size_t cell = static_cast<std::size_t>(y) * m_columns + static_cast<std::size_t>(x);
            found.insert(found.end(), m_points.begin() + m_cellStart[cell],
                         m_points.begin() + m_cellStart[cell + 1]);
        }
    }
}

std::vector<std::uint32_t> PlaneNeighbours::find(std::size_t point) const
{
    const std::size_t column = cellOf(m_x[point], m_firstX, m_columns);
    const std::size_t row = cellOf(m_y[point], m_firstY, m_rows);
    const std::size_t lastRing = std::max(m_columns, m_rows);
    std::vector<std::uint32_t> found;
    std::size_t ring = 0;
    for (; ring <= lastRing && found.size() < m_neighbours; ++ring)
        collectRing(column, row, ring, found);
    std::vector<std::pair<double, std::uint32_t>> byDistance;
    const auto selectNearest = [&] {
        for (std::size_t k = byDistance.size(); k < found.size(); ++k) {
            const double dx = m_x[found[k]] - m_x[point], dy = m_y[found[k]] - m_y[point];
            byDistance.emplace_back(dx * dx + dy * dy, found[k]);
        }
        std::nth_element(byDistance.begin(),
                         byDistance.begin() + static_cast<std::ptrdiff_t>(m_neighbours) - 1,
                         byDistance.end());
        return std::sqrt(byDistance[m_neighbours - 1].first);
    };
    // With rings 0..r in, what is missing is further away than r cells.
    const auto reach = static_cast<std::size_t>(selectNearest() / m_cellSize * (1.0 + 1e-9)) + 1;
    for (; ring <= std::min(lastRing, reach); ++ring)
        collectRing(column, row, ring, found);
    if (byDistance.size() < found.size())
        selectNearest();
    found.resize(m_neighbours);
    std::transform(byDistance.begin(), byDistance.begin() + static_cast<std::ptrdiff_t>(m_neighbours),
                   found.begin(), [](const auto& one) { return one.second; });
    return found;
}

} // namespace voorwerp::score

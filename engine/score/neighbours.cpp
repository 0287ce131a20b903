// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/neighbours.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace voorwerp::score {
namespace {

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
    , m_neighbours(std::min(neighbours, x.size()))
{
    if (m_x.empty())
        return;
    const auto [lowX, highX] = std::minmax_element(m_x.begin(), m_x.end());
    const auto [lowY, highY] = std::minmax_element(m_y.begin(), m_y.end());
    m_firstX = *lowX;
    m_firstY = *lowY;
    // About four cells hold the neighbours where points are as dense as on average over 4x4 deviations.
    m_cellSize = std::max(
        0.02, 4.0 * std::sqrt(0.25 * static_cast<double>(m_neighbours) / static_cast<double>(m_x.size())));
    m_columns = static_cast<std::size_t>((*highX - *lowX) / m_cellSize) + 1;
    m_rows = static_cast<std::size_t>((*highY - *lowY) / m_cellSize) + 1;

    std::vector<std::uint32_t> cells(m_x.size());
    m_cellStart.assign(m_columns * m_rows + 1, 0);
    for (std::size_t i = 0; i < m_x.size(); ++i) {
        cells[i] = static_cast<std::uint32_t>(cellOf(m_y[i], m_firstY, m_rows) * m_columns +
                                              cellOf(m_x[i], m_firstX, m_columns));
        ++m_cellStart[cells[i] + 1];
    }
    std::partial_sum(m_cellStart.begin(), m_cellStart.end(), m_cellStart.begin());
    std::vector<std::uint32_t> next(m_cellStart.begin(), m_cellStart.end() - 1);
    m_points.resize(m_x.size());
    for (std::size_t i = 0; i < m_x.size(); ++i)
        m_points[next[cells[i]]++] = static_cast<std::uint32_t>(i);
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

void PlaneNeighbours::find(std::size_t point, std::vector<std::uint32_t>& found) const
{
    found.clear();
    const std::size_t column = cellOf(m_x[point], m_firstX, m_columns);
    const std::size_t row = cellOf(m_y[point], m_firstY, m_rows);
    const std::size_t last = std::max(m_columns, m_rows);
    std::size_t ring = 0;
    for (; ring <= last && found.size() < m_neighbours; ++ring)
        collectRing(column, row, ring, found);
    // Rings 0..ring-1 are in; a point of theirs is at most √2·ring cells away, so nothing nearer than the
    // last of the wanted ones is missed when all rings up to that distance are in.
    const std::size_t reach = static_cast<std::size_t>(std::ceil(std::sqrt(2.0) * static_cast<double>(ring)));
    for (; ring <= std::min(last, reach); ++ring)
        collectRing(column, row, ring, found);
    if (found.size() <= m_neighbours)
        return;
    const auto distance = [&](std::uint32_t other) {
        const double dx = m_x[other] - m_x[point], dy = m_y[other] - m_y[point];
        return dx * dx + dy * dy;
    };
    const auto nearer = [&](std::uint32_t a, std::uint32_t b) {
        const double da = distance(a), db = distance(b);
        return da != db ? da < db : a < b;
    };
    std::nth_element(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(m_neighbours) - 1,
                     found.end(), nearer);
    found.resize(m_neighbours);
}

} // namespace voorwerp::score

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Nearest neighbours of points in a plane, found through a grid of cells. Const functions are thread-safe.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace voorwerp::score {

class PlaneNeighbours
{
public:
    /// Each axis is scaled to unit standard deviation. x and y must be finite and of one length.
    PlaneNeighbours(std::span<const double> x, std::span<const double> y, std::size_t neighbours);

    /// The `neighbours` nearest points of a point, itself among them, in no particular order; of those at one
    /// distance the first.
    std::vector<std::uint32_t> find(std::size_t point) const;
    /// Scaled coordinates of a point.
    double x(std::size_t point) const { return m_x[point]; }
    double y(std::size_t point) const { return m_y[point]; }

private:
    std::size_t cellOf(double value, double first, std::size_t cells) const;
    void collectRing(std::size_t column, std::size_t row, std::size_t ring,
                     std::vector<std::uint32_t>& found) const;

    std::vector<double> m_x, m_y;
    std::size_t m_neighbours;
    double m_firstX = 0.0, m_firstY = 0.0, m_cellSize = 1.0;
    std::size_t m_columns = 1, m_rows = 1;
    std::vector<std::uint32_t> m_cellStart; ///< (cells + 1) into m_points
    std::vector<std::uint32_t> m_points;    ///< sorted by cell
};

} // namespace voorwerp::score

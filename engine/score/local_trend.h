// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Values of a point's neighbours moved to the place of the point along the plane a + b·dx + c·dy that fits
// them, outliers clipped twice: most neighbours of a bright quasar are fainter than it, and where scores grow
// with S/N it would seem strange for its brightness alone.

#include "score/neighbours.h"

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace voorwerp::score {

class LocalTrend
{
public:
    LocalTrend(const PlaneNeighbours& plane, std::size_t point, std::span<const std::uint32_t> neighbours);

    /// One value of each neighbour. Too few for a plane stay as they are.
    void removeFrom(std::span<float> values) const;

private:
    double at(const Eigen::Vector3d& fit, std::size_t k) const
    {
        return fit[0] + fit[1] * m_dx[k] + fit[2] * m_dy[k];
    }
    Eigen::Vector3d fitPlane(std::span<const float> values, const Eigen::Vector3d& before,
                             double limit) const;

    std::vector<double> m_dx, m_dy;
};

/// The value at a share (0 to 1) of the sorted values.
double quantile(std::span<const float> values, double share);

} // namespace voorwerp::score

// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/local_trend.h"

#include "core/rank_selection.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>

namespace voorwerp::score {
namespace {

constexpr std::size_t kFewest = 30; // for a plane
constexpr int kClippings = 2;
constexpr double kRidge = 1e-6; // keeps the fit possible where all points lie on a line

} // namespace

LocalTrend::LocalTrend(const PlaneNeighbours& plane, std::size_t point,
                       std::span<const std::uint32_t> neighbours)
    : m_dx(neighbours.size())
    , m_dy(neighbours.size())
{
    for (std::size_t k = 0; k < neighbours.size(); ++k) {
        m_dx[k] = plane.x(neighbours[k]) - plane.x(point);
        m_dy[k] = plane.y(neighbours[k]) - plane.y(point);
    }
}

void LocalTrend::removeFrom(std::span<float> values) const
{
    if (values.size() < kFewest)
        return;
    Eigen::Vector3d fit = fitPlane(values, Eigen::Vector3d::Zero(), std::numeric_limits<double>::max());
    std::vector<float> sizes(values.size());
    for (int pass = 0; pass < kClippings; ++pass) {
        for (std::size_t k = 0; k < values.size(); ++k)
            sizes[k] = static_cast<float>(std::abs(values[k] - at(fit, k)));
        fit = fitPlane(values, fit, 3.0 * quantile(sizes, 0.5));
    }
    for (std::size_t k = 0; k < values.size(); ++k)
        values[k] -= static_cast<float>(at(fit, k) - fit[0]);
}

/// Of the finite values within limit of the plane before.
Eigen::Vector3d LocalTrend::fitPlane(std::span<const float> values, const Eigen::Vector3d& before,
                                     double limit) const
{
    double n = kRidge, x = 0.0, y = 0.0, xx = kRidge, xy = 0.0, yy = kRidge;
    double v = 0.0, vx = 0.0, vy = 0.0;
    for (std::size_t k = 0; k < values.size(); ++k) {
        const double value = values[k], dx = m_dx[k], dy = m_dy[k];
        if (!(std::abs(value - at(before, k)) <= limit))
            continue;
        n += 1.0;
        x += dx;
        y += dy;
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
        v += value;
        vx += dx * value;
        vy += dy * value;
    }
    Eigen::Matrix3d normal;
    normal << n, x, y, x, xx, xy, y, xy, yy;
    return normal.ldlt().solve(Eigen::Vector3d(v, vx, vy));
}

double quantile(std::span<const float> values, double share)
{
    std::vector<std::uint32_t> ordered(values.size());
    std::transform(values.begin(), values.end(), ordered.begin(), core::orderedBits);
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
    return core::floatOfOrderedBits(core::elementOfRank(ordered, rank));
}

} // namespace voorwerp::score

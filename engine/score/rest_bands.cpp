// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/rest_bands.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::score {

RestBands::Range RestBands::rangeOf(double first, double last) const
{
    const double limit = static_cast<double>(m_row.flux.size());
    const double from = std::clamp(std::ceil(m_grid.pixelOf(first)), 0.0, limit);
    const double to = std::clamp(std::floor(m_grid.pixelOf(last)) + 1.0, from, limit);
    return {static_cast<std::size_t>(from), static_cast<std::size_t>(to)};
}

Measured RestBands::mean(double first, double last) const
{
    const Range range = rangeOf(first, last);
    double weight = 0.0, sum = 0.0;
    std::size_t count = 0;
    for (std::size_t i = range.first; i < range.end; ++i) {
        if (m_row.weight[i] <= 0.0F)
            continue;
        weight += m_row.weight[i];
        sum += static_cast<double>(m_row.weight[i]) * m_row.flux[i];
        ++count;
    }
    const double expected = m_grid.pixelOf(last) - m_grid.pixelOf(first);
    if (count == 0 || static_cast<double>(count) < 0.5 * expected)
        return {};
    return {sum / weight, 1.0 / std::sqrt(weight), true};
}

Measured RestBands::excess(double first, double last) const
{
    const Range range = rangeOf(first, last);
    double my = 0.0, mm = 0.0;
    std::size_t count = 0;
    for (std::size_t i = range.first; i < range.end; ++i) {
        if (m_row.weight[i] <= 0.0F)
            continue;
        my += static_cast<double>(m_row.model[i]) * m_row.weight[i] * m_row.flux[i];
        mm += static_cast<double>(m_row.model[i]) * m_row.weight[i] * m_row.model[i];
        ++count;
    }
    const double expected = m_grid.pixelOf(last) - m_grid.pixelOf(first);
    if (!(mm > 0.0) || static_cast<double>(count) < 0.5 * expected)
        return {};
    return {my / mm - 1.0, 1.0 / std::sqrt(mm), true};
}

Measured RestBands::contrast(double first, double last, double leftFirst, double leftLast, double rightFirst,
                             double rightLast) const
{
    const Measured band = mean(first, last), left = mean(leftFirst, leftLast),
                   right = mean(rightFirst, rightLast);
    if (!band.valid || !left.valid || !right.valid || left.value <= 0.0 || right.value <= 0.0)
        return {};
    const double l = std::log(0.5 * (leftFirst + leftLast)), r = std::log(0.5 * (rightFirst + rightLast));
    const double share = (std::log(0.5 * (first + last)) - l) / (r - l);
    const double continuum = std::exp((1.0 - share) * std::log(left.value) + share * std::log(right.value));
    const double continuumError =
        continuum * std::hypot((1.0 - share) * left.error / left.value, share * right.error / right.value);
    return {band.value / continuum - 1.0,
            std::hypot(band.error, band.value / continuum * continuumError) / continuum, true};
}

Measured RestBands::equivalentWidth(double first, double last, double leftFirst, double leftLast,
                                    double rightFirst, double rightLast) const
{
    Measured width = contrast(first, last, leftFirst, leftLast, rightFirst, rightLast);
    width.value *= last - first;
    width.error *= last - first;
    return width;
}

Measured RestBands::slope(double firstA, double lastA, double firstB, double lastB) const
{
    const Measured a = mean(firstA, lastA), b = mean(firstB, lastB);
    if (!a.valid || !b.valid || a.value <= 0.0 || b.value <= 0.0)
        return {};
    const double distance = std::log((firstB + lastB) / (firstA + lastA));
    return {std::log(b.value / a.value) / distance,
            std::hypot(a.error / a.value, b.error / b.value) / distance, true};
}

} // namespace voorwerp::score

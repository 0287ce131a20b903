// SPDX-License-Identifier: GPL-3.0-or-later
#include "mock/healpix.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace voorwerp::mock {

namespace {

/// Spreads the low 13 bits to the even positions.
std::int64_t spreadBits(std::int64_t value)
{
    std::int64_t result = 0;
    for (int bit = 0; bit < 13; ++bit)
        result |= ((value >> bit) & 1) << (2 * bit);
    return result;
}

} // namespace

std::int64_t healpixOf(double raDegrees, double decDegrees, std::int64_t nside)
{
    const double z = std::sin(decDegrees * std::numbers::pi / 180.0);
    const double turns = raDegrees / 360.0 - std::floor(raDegrees / 360.0);
    const double quarter =
        std::min(4.0 * turns, std::nextafter(4.0, 0.0)); // longitude in units of 90°, [0,4)
    const auto n = static_cast<double>(nside);
    std::int64_t face = 0, x = 0, y = 0;
    if (std::abs(z) <= 2.0 / 3.0) { // equatorial belt
        const auto rising = static_cast<std::int64_t>(n * (0.5 + quarter - 0.75 * z));
        const auto falling = static_cast<std::int64_t>(n * (0.5 + quarter + 0.75 * z));
        const std::int64_t faceRising = rising / nside, faceFalling = falling / nside;
        if (faceRising == faceFalling)
            face = (faceRising & 3) | 4;
        else
            face = faceRising < faceFalling ? (faceRising & 3) : (faceFalling & 3) + 8;
        x = falling & (nside - 1);
        y = nside - (rising & (nside - 1)) - 1;
    } else { // polar caps
        const auto quadrant = static_cast<std::int64_t>(quarter);
        const double fraction = quarter - static_cast<double>(quadrant);
        const double distance = n * std::sqrt(3.0 * (1.0 - std::abs(z)));
        const std::int64_t rising = std::min(static_cast<std::int64_t>(fraction * distance), nside - 1);
        const std::int64_t falling =
            std::min(static_cast<std::int64_t>((1.0 - fraction) * distance), nside - 1);
        face = z >= 0.0 ? quadrant : quadrant + 8;
        x = z >= 0.0 ? nside - falling - 1 : rising;
        y = z >= 0.0 ? nside - rising - 1 : falling;
    }
    return face * nside * nside + spreadBits(x) + 2 * spreadBits(y);
}

} // namespace voorwerp::mock

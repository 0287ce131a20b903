// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The ranges that plots put into the filter. The filter stays one expression that a person can read and edit:
// a range is a part of it in one fixed form, found again by that form.

#include "widgets/axis_map.h"

#include <QString>

#include <optional>

namespace voorwerp::app {

/// A box on the sky in degrees, low < high.
struct SkyBox
{
    widgets::Range ra;
    widgets::Range dec;
    bool operator==(const SkyBox&) const = default;
};

/// The part "z between a and b" that holds for the whole expression; nullopt: there is none.
std::optional<widgets::Range> zRangeOf(const QString& expression);
/// The same for "target_ra between a and b and target_dec between c and d".
std::optional<SkyBox> skyBoxOf(const QString& expression);

/// The expression with this range in place of the one it has; nullopt: without one.
QString withZRange(const QString& expression, const std::optional<widgets::Range>& range);
QString withSkyBox(const QString& expression, const std::optional<SkyBox>& box);
/// The same with "cone(ra, dec, radius)"; empty: without one.
QString withCone(const QString& expression, const QString& cone);

} // namespace voorwerp::app

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which observed pixels the night sky spoils.

#include "dataset/recipe.h"

#include <vector>

namespace voorwerp::dataset {

/// 1 per pixel of DesiGrid that a listed sky line (resources/sky_lines.csv) or range masks.
std::vector<unsigned char> skyMaskOnDesiGrid(const SkyMaskSettings& settings);

/// Pixels of DesiGrid within which the guard takes its medians.
inline std::size_t guardHalfWidth(const SkyMaskSettings& settings)
{
    return static_cast<std::size_t>(settings.guardHalfWidthAngstrom / core::DesiGrid::kStepAngstrom);
}

/// Sets ivar (on DesiGrid) to 0 where it is below settings.guardFraction of the median of the non-zero values
/// around it: a sky line that no list has. The median is taken every 8 Å over every fourth pixel within the
/// half width.
void applyIvarGuard(std::vector<float>& ivar, const SkyMaskSettings& settings);

} // namespace voorwerp::dataset

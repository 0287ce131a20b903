// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Numbers of rows in words: "1,240,318", and for estimates "about 1,240,000" with the digits that they are
// worth, or "fewer than 300".

#include "catalog/target_query.h"

#include <QString>

namespace voorwerp::app {

/// "…" for a value below 0: not counted yet.
QString rowCountText(const catalog::RowCount& count);

} // namespace voorwerp::app

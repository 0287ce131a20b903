// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The names of bits that are set, for tooltips.

#include "core/spectrum.h"

#include <QString>

namespace voorwerp::app {

/// "ZWARN 4\nSMALL_DELTA_CHI2: best fit hardly better than the next"; "ZWARN 0: no bit is set".
QString bitText(const QString& mask, qint64 value, const QString& specprod);
/// The bits of all columns of a target that holds some, and what the quasar afterburners found.
QString targetFactsText(const core::TargetInfo& info);

} // namespace voorwerp::app

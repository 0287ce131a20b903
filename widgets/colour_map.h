// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Colour for data: perceptually even maps for values, the Okabe–Ito palette for labels.

#include <QColor>

#include <array>

namespace voorwerp::widgets {

enum class ColourScale { Viridis, Cividis };

/// 256 entries, dark to bright. Viridis: linear between the eleven stops published with matplotlib (Smith and
/// van der Walt 2015), within 3/255 of the full table. Cividis: Nuñez, Anderton and Renslow 2018, polynomial
/// fit.
const std::array<QRgb, 256>& colourTable(ColourScale scale);

/// Colour of t in [0, 1]; clamped. NaN gives grey.
QRgb colourAt(ColourScale scale, double t);

/// Label colours that colour-blind readers can tell apart (Okabe and Ito 2008); index wraps after eight.
QColor labelColour(int index);

} // namespace voorwerp::widgets

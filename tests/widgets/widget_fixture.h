// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Values and helpers shared by the widgets' tests.

#include "widgets/spectrum_data.h"

#include <QString>

#include <memory>

class QWidget;
class QImage;

namespace voorwerp::test {

/// A quasar at z with broad lines, noise, a smooth model, a masked block and a trough that the model has not.
std::shared_ptr<widgets::SpectrumData> exampleQuasar(double z = 2.225, unsigned seed = 1);

/// Shows the widget at a size and waits until it is painted.
void showAt(QWidget& widget, int width, int height);

/// What the widget looks like; also written to $VOORWERP_RENDER_DIR/name.png when that is set.
QImage picture(QWidget& widget, const QString& name);

/// How many pixels of the picture have about this colour.
int countColour(const QImage& image, unsigned rgb, int tolerance = 24);

} // namespace voorwerp::test

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The colours of the program: two greys and one accent, taken from the system's light or dark palette.
// Colour beyond these is kept for data (colour_map.h) and for warnings.

#include <QColor>
#include <QFont>

class QPalette;
class QWidget;

namespace voorwerp::widgets {

/// Colours of one palette. A value; make it when painting, it is cheap.
struct Theme
{
    bool dark = false;
    QColor paper;     ///< behind data
    QColor ink;       ///< titles, numbers
    QColor data;      ///< measured curves: a little softer than ink, so that the model stands out
    QColor faint;     ///< first grey: axis labels, hints (readable: contrast 4.5 and more on paper)
    QColor rule;      ///< second grey: grid, frames, disabled
    QColor accent;    ///< the model, the selection, what can be dragged
    QColor warning;   ///< masked, failed, artefact
    QColor noise;     ///< 1σ of the flux
    QColor selection; ///< selected points over data colours: stands out on viridis and on paper
    QColor highlight; ///< background of a selected area (accent, translucent)

    static Theme of(const QPalette& palette);
    static Theme of(const QWidget* widget);
};

/// The widget's font with figures of equal width, scaled in points; falls back to a monospaced family only
/// where the font has no tabular figures.
QFont tabularFont(const QFont& base, double scale = 1.0);

/// A smaller font of the same family for axis labels and hints.
QFont smallFont(const QFont& base);

} // namespace voorwerp::widgets

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Draws everything of a spectrum panel that does not depend on the cursor. No state: a scene in, paint out.

#include "widgets/spectrum_geometry.h"
#include "widgets/theme.h"

#include <QFont>

class QPainter;

namespace voorwerp::widgets {

enum class LineMode { None, Major, All };

/// What a user sets on the plot and expects to find again; the page stores it.
struct SpectrumPlotOptions
{
    double smoothingPixels = 2.0; ///< σ of the Gaussian, 0 = none
    LineMode lines = LineMode::Major;
    bool showMask = true;
    bool restFrame = false;
    bool showModel = true;
    bool operator==(const SpectrumPlotOptions&) const = default;
};

/// All that paintSpectrum reads. References live during the call only.
struct SpectrumScene
{
    const SpectrumData& spectrum;
    const PreparedSpectrum& prepared;
    const std::vector<MaskRun>& maskRuns;
    const SpectrumGeometry& geometry;
    const SpectrumPlotOptions& options;
    double z = 0.0; ///< at which the lines stand
    Theme theme;
    QFont font; ///< of labels
};

/// Paints shading, grid, noise, flux, model, residual, lines and axes.
void paintSpectrum(QPainter& painter, const SpectrumScene& scene);

} // namespace voorwerp::widgets

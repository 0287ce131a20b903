// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The row of small buttons on top of a spectrum plot. Each tooltip names its key.

#include "widgets/spectrum_commands.h"
#include "widgets/spectrum_painter.h"

#include <QWidget>

class QToolButton;

namespace voorwerp::widgets {

/// The smoothing steps of the keys s and d, σ in pixels.
double nextSmoothing(double sigmaPixels, int direction);

class SpectrumControls : public QWidget
{
    Q_OBJECT
public:
    explicit SpectrumControls(QWidget* parent);
    /// zKnown false disables what needs a redshift.
    void show(const SpectrumPlotOptions& options, bool zKnown, bool zIsTrial);

Q_SIGNALS:
    void chosen(voorwerp::widgets::SpectrumCommand command);

private:
    QToolButton* addButton(const QString& text, SpectrumCommand command);

    QToolButton* m_smoothing;
    QToolButton* m_lines;
    QToolButton* m_rest;
    QToolButton* m_mask;
    QToolButton* m_model;
    QToolButton* m_zReset;
};

} // namespace voorwerp::widgets

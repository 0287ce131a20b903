// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse and keys of the spectrum panel.
#include "widgets/spectrum_controls.h"
#include "widgets/spectrum_plot.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QToolTip>

#include <cmath>

namespace voorwerp::widgets {

namespace {

constexpr double kNudge = 1e-3;
constexpr double kFineNudge = 1e-4;
constexpr double kZoomStep = 1.25;
constexpr double kShortestDrag = 4.0; // pixels; less is a click

} // namespace

bool SpectrumPlot::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && m_prepared.goodPixels > 0) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString tip = plotRect().contains(help->pos()) ? tipAt(onPlot(help->pos())) : QString();
        if (tip.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), tip, this);
        return true;
    }
    return QWidget::event(event);
}

void SpectrumPlot::keyPressEvent(QKeyEvent* event)
{
    if (const SpectrumCommandText* text = spectrumCommandOf(*event))
        run(text->command);
    else
        QWidget::keyPressEvent(event); // the page may know it
}

void SpectrumPlot::nudgeZ(double step)
{
    if (std::isfinite(shownZ()))
        setTrialZ(shownZ() + step);
}

void SpectrumPlot::run(SpectrumCommand command)
{
    SpectrumPlotOptions options = m_options;
    switch (command) {
    case SpectrumCommand::MoreSmoothing:
    case SpectrumCommand::LessSmoothing:
        options.smoothingPixels =
            nextSmoothing(options.smoothingPixels, command == SpectrumCommand::MoreSmoothing ? 1 : -1);
        break;
    case SpectrumCommand::NoSmoothing:
        options.smoothingPixels = 0.0;
        break;
    case SpectrumCommand::NextLines:
        options.lines = static_cast<LineMode>((static_cast<int>(options.lines) + 1) % 3);
        break;
    case SpectrumCommand::RestFrame:
        options.restFrame = !options.restFrame;
        break;
    case SpectrumCommand::Mask:
        options.showMask = !options.showMask;
        break;
    case SpectrumCommand::Model:
        options.showModel = !options.showModel;
        break;
    case SpectrumCommand::WholeRange:
        return resetView();
    case SpectrumCommand::HigherZ:
        return nudgeZ(kNudge);
    case SpectrumCommand::LowerZ:
        return nudgeZ(-kNudge);
    case SpectrumCommand::SlightlyHigherZ:
        return nudgeZ(kFineNudge);
    case SpectrumCommand::SlightlyLowerZ:
        return nudgeZ(-kFineNudge);
    case SpectrumCommand::CatalogueZ:
        return setTrialZ(std::nullopt);
    }
    changeOptions(options);
}

void SpectrumPlot::mousePressEvent(QMouseEvent* event)
{
    const QPointF place = onPlot(event->position());
    if (m_prepared.goodPixels == 0 || !m_geometry.x.data.contains(m_geometry.x.toData(place.x())))
        return;
    const bool pan = event->button() == Qt::MiddleButton || event->modifiers().testFlag(Qt::ControlModifier);
    if (pan)
        m_panLast = place;
    else if (event->button() == Qt::LeftButton)
        m_dragStart = place;
}

void SpectrumPlot::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF place = onPlot(event->position());
    if (m_panLast) {
        setWavelengthRange(m_geometry.x.panned(place.x() - m_panLast->x()));
        m_panLast = place;
    }
    moveCursor(place);
}

void SpectrumPlot::mouseReleaseEvent(QMouseEvent* event)
{
    const QPointF place = onPlot(event->position());
    m_panLast.reset();
    if (!m_dragStart)
        return;
    const double from = m_geometry.x.toData(m_dragStart->x());
    const double to = m_geometry.x.toData(place.x());
    const bool dragged = std::abs(place.x() - m_dragStart->x()) >= kShortestDrag;
    m_dragStart.reset();
    if (dragged)
        setWavelengthRange({std::min(from, to), std::max(from, to)});
    update();
}

void SpectrumPlot::mouseDoubleClickEvent(QMouseEvent*)
{
    m_dragStart.reset();
    resetView();
}

void SpectrumPlot::wheelEvent(QWheelEvent* event)
{
    const double notches = (event->angleDelta().y() + event->angleDelta().x()) / 120.0;
    const double factor = std::pow(kZoomStep, notches);
    if (m_prepared.goodPixels == 0 || notches == 0.0)
        return;
    if (event->modifiers().testFlag(Qt::ShiftModifier)) {
        m_fluxZoom = std::clamp(m_fluxZoom * factor, 0.1, 50.0);
        invalidate();
    } else {
        setWavelengthRange(m_geometry.x.zoomed(onPlot(event->position()).x(), factor));
    }
    event->accept();
}

void SpectrumPlot::leaveEvent(QEvent*)
{
    moveCursor(std::nullopt);
    QToolTip::hideText();
}

} // namespace voorwerp::widgets

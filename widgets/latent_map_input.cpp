// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse and keys of the latent map.
#include "widgets/latent_map.h"

#include <QKeyEvent>

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

namespace {

constexpr double kClickReach = 24.0; // pixels
constexpr double kShortestDrag = 5.0;
constexpr double kZoomStep = 1.25;
constexpr double kMostZoom = 2000.0;

} // namespace

void LatentMap::zoomAt(QPointF position, double factor)
{
    const QRectF area = plotArea();
    const AxisMap x{m_view.x, area.left(), area.right()};
    const AxisMap y{m_view.y, area.bottom(), area.top()};
    setView(clampedTo(x.zoomed(position.x(), factor), m_fullX, m_fullX.span() / kMostZoom),
            clampedTo(y.zoomed(position.y(), factor), m_fullY, m_fullY.span() / kMostZoom));
}

/// The map's own R comes before a shortcut of the page.
bool LatentMap::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_R)
        event->accept();
    return QWidget::event(event);
}

void LatentMap::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_R:
        resetView();
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomAt(plotArea().center(), kZoomStep);
        return;
    case Qt::Key_Minus:
        zoomAt(plotArea().center(), 1.0 / kZoomStep);
        return;
    case Qt::Key_Escape:
        if (m_pressed) {
            m_pressed.reset();
            m_lasso.clear();
            update();
            return;
        }
        break;
    default:
        break;
    }
    QWidget::keyPressEvent(event); // the page may know it
}

void LatentMap::mousePressEvent(QMouseEvent* event)
{
    if (pointCount() == 0 || !plotArea().contains(event->position()))
        return;
    if (event->button() == Qt::MiddleButton || event->modifiers().testFlag(Qt::ControlModifier)) {
        m_panLast = event->position();
    } else if (event->button() == Qt::LeftButton) {
        m_pressed = event->position();
        m_lassoMode = selectModeOf(event->modifiers());
        m_lasso.clear();
        m_lasso << event->position();
    }
}

void LatentMap::mouseMoveEvent(QMouseEvent* event)
{
    const QRectF area = plotArea();
    if (m_panLast) {
        const QPointF moved = event->position() - *m_panLast;
        const AxisMap x{m_view.x, area.left(), area.right()};
        const AxisMap y{m_view.y, area.bottom(), area.top()};
        setView(clampedTo(x.panned(moved.x()), m_fullX, 0.0), clampedTo(y.panned(moved.y()), m_fullY, 0.0));
        m_panLast = event->position();
    } else if (m_pressed && QLineF(m_lasso.last(), event->position()).length() >= 2.0) {
        m_lasso << QPointF(std::clamp(event->position().x(), area.left(), area.right()),
                           std::clamp(event->position().y(), area.top(), area.bottom()));
        update(m_lasso.boundingRect().adjusted(-3, -3, 3, 3).toAlignedRect());
    }
}

void LatentMap::mouseReleaseEvent(QMouseEvent* event)
{
    m_panLast.reset();
    if (!m_pressed)
        return;
    const QRectF reach = m_lasso.boundingRect();
    const bool dragged = reach.width() >= kShortestDrag || reach.height() >= kShortestDrag;
    if (dragged) {
        finishLasso();
    } else {
        const QRectF area = plotArea();
        const MapView view{m_view.x, m_view.y, static_cast<int>(area.width()),
                           static_cast<int>(area.height())};
        const auto row = nearestPoint(m_points->x, m_points->y, view, event->position().x() - area.left(),
                                      event->position().y() - area.top(), kClickReach);
        if (row) {
            setCurrentRow(row);
            Q_EMIT pointClicked(*row);
        }
    }
    m_pressed.reset();
    m_lasso.clear();
    update();
}

void LatentMap::finishLasso()
{
    QPolygonF polygon;
    for (const QPointF& position : m_lasso)
        polygon << dataAt(position);
    Q_EMIT lassoed(pointsInside(m_points->x, m_points->y, polygon), m_lassoMode);
}

void LatentMap::mouseDoubleClickEvent(QMouseEvent*)
{
    resetView();
}

void LatentMap::wheelEvent(QWheelEvent* event)
{
    const double notches = event->angleDelta().y() / 120.0;
    if (pointCount() > 0 && notches != 0.0)
        zoomAt(event->position(), std::pow(kZoomStep, notches));
    event->accept();
}

} // namespace voorwerp::widgets

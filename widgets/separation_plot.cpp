// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/separation_plot.h"

#include "widgets/theme.h"

#include <QLocale>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

SeparationPlot::SeparationPlot(QWidget* parent)
    : QWidget(parent)
{
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setAccessibleName(tr("Separations of the matches"));
    setToolTip(
        tr("Bars: matches by separation. Lines: expected by chance, from the density (full) and from shifted "
           "places (dashed). Click to take a radius."));
}

void SeparationPlot::setPoints(std::vector<SeparationPoint> points, double radius)
{
    m_points = std::move(points);
    m_radius = radius;
    layOut();
    update();
}

QRectF SeparationPlot::plotArea() const
{
    const QFontMetrics metrics(smallFont(font()));
    return QRectF(rect()).adjusted(metrics.horizontalAdvance(QStringLiteral("88,888")) + 10.0,
                                   1.5 * metrics.height() + 4.0, -10.0, -(2.0 * metrics.height() + 8.0));
}

/// The curves hold totals; the plot shows each bin.
double SeparationPlot::inBin(std::size_t i, double SeparationPoint::*member) const
{
    return m_points[i].*member - (i > 0 ? m_points[i - 1].*member : 0.0);
}

void SeparationPlot::layOut()
{
    const QRectF area = plotArea();
    double highest = 1.0;
    for (std::size_t i = 0; i < m_points.size(); ++i)
        highest = std::max({highest, inBin(i, &SeparationPoint::matched), inBin(i, &SeparationPoint::chance),
                            inBin(i, &SeparationPoint::shifted)});
    m_x = {{0.0, m_points.empty() ? 1.0 : m_points.back().radius}, area.left(), area.right()};
    m_y = {{0.0, 1.05 * highest}, area.bottom(), area.top()};
    m_xTicks = makeTicks(m_x.data, std::max(3, static_cast<int>(area.width() / 70.0)), 3);
    m_yTicks = makeTicks(m_y.data, std::max(2, static_cast<int>(area.height() / 40.0)), 2);
}

void SeparationPlot::resizeEvent(QResizeEvent*)
{
    layOut();
}

const SeparationPoint& SeparationPlot::pointAt(double radius) const
{
    return *std::min_element(m_points.begin(), m_points.end(),
                             [radius](const SeparationPoint& a, const SeparationPoint& b) {
                                 return std::fabs(a.radius - radius) < std::fabs(b.radius - radius);
                             });
}

QString SeparationPlot::sentence(double radius) const
{
    if (m_points.empty())
        return {};
    const SeparationPoint& point = pointAt(radius);
    const QLocale locale;
    return tr("within %1″: %2 matched, %3 (density) or %4 (shifted) by chance")
        .arg(locale.toString(point.radius, 'f', 2), locale.toString(point.matched, 'f', 0),
             locale.toString(point.chance, 'f', 1), locale.toString(point.shifted, 'f', 1));
}

void SeparationPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme theme = Theme::of(this);
    painter.fillRect(rect(), theme.paper);
    painter.setFont(smallFont(font()));
    if (m_points.empty())
        return;
    QColor bars = theme.data;
    bars.setAlphaF(0.35F);
    for (std::size_t i = 0; i < m_points.size(); ++i) {
        const double left = i > 0 ? m_points[i - 1].radius : 0.0;
        painter.fillRect(
            QRectF(QPointF(m_x.toPixel(left) + 0.5, m_y.toPixel(inBin(i, &SeparationPoint::matched))),
                   QPointF(m_x.toPixel(m_points[i].radius) - 0.5, m_y.toPixel(0.0))),
            bars);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.accent, 1.8));
    paintCurve(painter, &SeparationPoint::chance);
    painter.setPen(QPen(theme.warning, 1.8, Qt::DashLine));
    paintCurve(painter, &SeparationPoint::shifted);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(theme.ink, 1.0, Qt::DotLine));
    const double radius = m_x.toPixel(m_radius);
    painter.drawLine(QPointF(radius, plotArea().top()), QPointF(radius, plotArea().bottom()));
    paintAxes(painter);
}

void SeparationPlot::paintCurve(QPainter& painter, double SeparationPoint::*member) const
{
    QPolygonF line;
    for (std::size_t i = 0; i < m_points.size(); ++i) {
        const double left = i > 0 ? m_points[i - 1].radius : 0.0;
        line << QPointF(m_x.toPixel((left + m_points[i].radius) / 2.0), m_y.toPixel(inBin(i, member)));
    }
    painter.drawPolyline(line);
}

void SeparationPlot::paintAxes(QPainter& painter) const
{
    const Theme theme = Theme::of(this);
    const QRectF area = plotArea();
    const double height = painter.fontMetrics().height();
    painter.setPen(theme.rule);
    painter.drawRect(area);
    painter.setPen(theme.faint);
    for (const Tick& tick : m_xTicks)
        painter.drawText(QRectF(m_x.toPixel(tick.value) - 40.0, area.bottom() + 2.0, 80.0, height),
                         Qt::AlignCenter, tick.label);
    for (const Tick& tick : m_yTicks)
        painter.drawText(QRectF(0.0, m_y.toPixel(tick.value) - height / 2.0, area.left() - 4.0, height),
                         Qt::AlignRight | Qt::AlignVCenter, tick.label);
    painter.drawText(QRectF(area.left(), area.bottom() + 2.0 + height, area.width(), height), Qt::AlignCenter,
                     tr("separation [arcsec]"));
    painter.setPen(theme.ink);
    painter.drawText(QRectF(area.left(), 2.0, area.width(), 1.3 * height), Qt::AlignLeft | Qt::AlignVCenter,
                     sentence(m_pointer.value_or(m_radius)));
}

void SeparationPlot::mouseMoveEvent(QMouseEvent* event)
{
    m_pointer = std::clamp(m_x.toData(event->position().x()), 0.0, m_x.data.high);
    update();
}

void SeparationPlot::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && !m_points.empty())
        Q_EMIT radiusChosen(pointAt(m_x.toData(event->position().x())).radius);
}

void SeparationPlot::leaveEvent(QEvent*)
{
    m_pointer.reset();
    update();
}

} // namespace voorwerp::widgets

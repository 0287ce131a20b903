// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/spectrum_thumbnail.h"

#include "widgets/axis_map.h"
#include "widgets/density_image.h"
#include "widgets/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

namespace {
constexpr int kCurveHeight = 34;
constexpr double kMargin = 3.0;
} // namespace

SpectrumThumbnail::SpectrumThumbnail(QWidget* parent)
    : QAbstractButton(parent)
{
    setFont(smallFont(font()));
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void SpectrumThumbnail::setCurve(std::vector<float> flux)
{
    m_flux = std::move(flux);
    update();
}

void SpectrumThumbnail::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme theme = Theme::of(this);
    painter.fillRect(rect(), underMouse() ? theme.highlight : theme.paper);
    painter.setPen(QPen(hasFocus() ? theme.accent : theme.rule, 1));
    painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    const double line = painter.fontMetrics().height();
    const QRectF area = QRectF(rect()).adjusted(kMargin, kMargin, -kMargin, -line - kMargin);
    const Range range = percentileRange(m_flux, 1.0, 98.0);
    const AxisMap x{
        {0.0, std::max(1.0, static_cast<double>(m_flux.size()) - 1.0)}, area.left(), area.right()};
    const AxisMap y{range, area.bottom(), area.top()};
    QPainterPath curve;
    bool drawing = false;
    for (std::size_t i = 0; i < m_flux.size(); ++i) {
        const bool known = std::isfinite(m_flux[i]);
        const QPointF point(x.toPixel(static_cast<double>(i)),
                            y.toPixel(std::clamp(static_cast<double>(m_flux[i]), range.low, range.high)));
        if (known && drawing)
            curve.lineTo(point);
        else if (known)
            curve.moveTo(point);
        drawing = known;
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.data, 1));
    painter.drawPath(curve);
    painter.setPen(theme.ink);
    const QRectF below(area.left(), height() - line - 2.0, area.width(), line);
    painter.drawText(
        below, Qt::AlignCenter,
        painter.fontMetrics().elidedText(text(), Qt::ElideRight, static_cast<int>(area.width())));
}

QSize SpectrumThumbnail::sizeHint() const
{
    return {110, kCurveHeight + fontMetrics().height() + static_cast<int>(3 * kMargin)};
}

QSize SpectrumThumbnail::minimumSizeHint() const
{
    return {60, sizeHint().height()};
}

} // namespace voorwerp::widgets

// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/reconstruction_grid.h"

#include "widgets/density_image.h"
#include "widgets/theme.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

namespace {

constexpr int kWidestCell = 265;
constexpr int kNarrowestCell = 150;
constexpr int kLowestCell = 90;
constexpr int kGap = 8;

/// Values of the observed pixels.
std::vector<float> observed(const Reconstruction& item)
{
    std::vector<float> values;
    for (std::size_t i = 0; i < item.flux.size(); ++i) {
        if (item.weight[i] > 0.0F)
            values.push_back(item.flux[i]);
    }
    return values;
}

} // namespace

ReconstructionGrid::ReconstructionGrid(QWidget* parent)
    : QWidget(parent)
    , m_emptyText(tr("Reconstructions appear after the first epoch"))
{
    setAttribute(Qt::WA_OpaquePaintEvent);
    setToolTip(tr("Grey: rest-frame spectra; colour: what the model makes of them"));
}

void ReconstructionGrid::setItems(std::vector<Reconstruction> items)
{
    m_items = std::move(items);
    update();
}

void ReconstructionGrid::setEmptyText(const QString& text)
{
    m_emptyText = text;
    update();
}

int ReconstructionGrid::columns() const
{
    const int count = std::max(1, static_cast<int>(m_items.size()));
    int across = std::clamp((width() + kGap) / kWidestCell, 1, count);
    const auto rows = [&] { return (count + across - 1) / across; };
    while (across < count && height() / rows() < kLowestCell && width() / (across + 1) >= kNarrowestCell)
        ++across; // rather narrow than too low to see anything
    return across;
}

QRect ReconstructionGrid::cell(std::size_t index) const
{
    const int across = columns();
    const int down = (static_cast<int>(m_items.size()) + across - 1) / across;
    const int column = static_cast<int>(index) % across;
    const int row = static_cast<int>(index) / across;
    const auto edge = [](int length, int count, int i) { return i * (length + kGap) / count; };
    return {QPoint(edge(width(), across, column), edge(height(), down, row)),
            QPoint(edge(width(), across, column + 1) - kGap - 1, edge(height(), down, row + 1) - kGap - 1)};
}

void ReconstructionGrid::paintEvent(QPaintEvent* event)
{
    QPainter painter(this);
    const Theme theme = Theme::of(this);
    painter.fillRect(event->rect(), theme.paper);
    if (m_items.empty()) {
        painter.setPen(theme.faint);
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
        return;
    }
    painter.setFont(smallFont(font()));
    for (std::size_t i = 0; i < m_items.size(); ++i)
        paintItem(painter, m_items[i], cell(i));
}

void ReconstructionGrid::paintItem(QPainter& painter, const Reconstruction& item, const QRect& area) const
{
    const Theme theme = Theme::of(this);
    const int line = painter.fontMetrics().height();
    painter.setPen(theme.faint);
    painter.drawText(area.adjusted(4, 0, -4, 0), Qt::AlignLeft | Qt::AlignTop,
                     painter.fontMetrics().elidedText(item.title, Qt::ElideRight, area.width() - 8));
    const QString axis = tr("rest λ, vacuum [Å]");
    const int used = painter.fontMetrics().horizontalAdvance(item.title) +
                     painter.fontMetrics().horizontalAdvance(axis) + 24;
    if (used < area.width())
        painter.drawText(area.adjusted(4, 0, -4, 0), Qt::AlignRight | Qt::AlignTop, axis);
    const QRectF plot = QRectF(area).adjusted(0.0, line + 2.0, 0.0, -(line + 3.0));
    if (item.wavelength.size() < 2 || plot.height() < 10.0)
        return;
    const Range range = percentileRange(observed(item), 0.5, 99.5);
    const AxisMap x{{item.wavelength.front(), item.wavelength.back()}, plot.left() + 1.0, plot.right() - 1.0};
    const AxisMap y{
        {range.low - 0.1 * range.span(), range.high + 0.15 * range.span()}, plot.bottom(), plot.top()};
    painter.save();
    painter.setClipRect(plot);
    const auto curve = [&](const std::vector<float>& values, const QPen& pen, bool onlyObserved) {
        painter.setPen(pen);
        QPolygonF points;
        for (std::size_t i = 0; i <= values.size(); ++i) {
            if (i < values.size() && std::isfinite(values[i]) &&
                !(onlyObserved && !(item.weight[i] > 0.0F))) {
                points << QPointF(x.toPixel(item.wavelength[i]), y.toPixel(values[i]));
                continue;
            }
            painter.drawPolyline(points);
            points.clear();
        }
    };
    curve(item.flux, QPen(theme.noise, 1), true);
    painter.setRenderHint(QPainter::Antialiasing);
    curve(item.model, QPen(theme.accent, 1.5), false);
    painter.restore();
    painter.setPen(QPen(theme.rule, 1));
    painter.drawRect(QRectF(plot.toRect()).adjusted(0.5, 0.5, -0.5, -0.5));
    painter.setPen(theme.faint);
    for (const Tick& tick : makeTicks(x.data, std::max(2, area.width() / 90), 3)) {
        const double at = x.toPixel(tick.value);
        painter.drawLine(QPointF(at, plot.bottom()), QPointF(at, plot.bottom() + 3.0));
        if (at - area.left() > 24.0 && area.right() - at > 24.0)
            painter.drawText(QRectF(at - 40.0, plot.bottom() + 3.0, 80.0, line), Qt::AlignHCenter,
                             tick.label);
    }
}

void ReconstructionGrid::mouseReleaseEvent(QMouseEvent* event)
{
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        if (cell(i).contains(event->position().toPoint()))
            Q_EMIT clicked(static_cast<int>(i));
    }
}

QSize ReconstructionGrid::sizeHint() const
{
    return {640, 260};
}
QSize ReconstructionGrid::minimumSizeHint() const
{
    return {200, 120};
}

} // namespace voorwerp::widgets

// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/count_plots.h"

#include "widgets/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

namespace {

constexpr double kClick = 4.0; ///< pixels; less is a click
constexpr double kTickLength = 3.0;

QRectF boxOf(const AxisMap& x, Range xs, const AxisMap& y, Range ys)
{
    return QRectF(QPointF(x.toPixel(xs.low), y.toPixel(ys.low)),
                  QPointF(x.toPixel(xs.high), y.toPixel(ys.high)))
        .normalized();
}

} // namespace

std::int64_t BinnedCounts::highest() const
{
    return counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
}

Range BinnedCounts::binsBetween(double a, double b) const
{
    const double width = range.span() / static_cast<double>(counts.size());
    const auto edge = [&](double value) {
        const double bin = std::floor((value - range.low) / width);
        return range.low + width * std::clamp(bin, 0.0, static_cast<double>(counts.size()) - 1.0);
    };
    return {edge(std::min(a, b)), edge(std::max(a, b)) + width};
}

QImage SkyCounts::image(const SkyCounts& before, QRgb beforeColour, QRgb strong) const
{
    QImage image(raBins, decBins, QImage::Format_ARGB32);
    image.fill(Qt::transparent);
    const auto highest = counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
    const double scale = 1.0 / std::log1p(std::max<double>(1.0, static_cast<double>(highest)));
    for (int row = 0; row < decBins; ++row) {
        for (int column = 0; column < raBins; ++column) {
            const auto bin = static_cast<std::size_t>(row * raBins + column);
            const QPoint pixel(raBins - 1 - column, decBins - 1 - row);
            if (counts[bin] > 0) {
                const double share = std::log1p(static_cast<double>(counts[bin])) * scale;
                image.setPixel(pixel, qRgba(qRed(strong), qGreen(strong), qBlue(strong),
                                            static_cast<int>(90.0 + 165.0 * share)));
            } else if (bin < before.counts.size() && before.counts[bin] > 0) {
                image.setPixel(pixel, beforeColour);
            }
        }
    }
    return image;
}

CountPlot::CountPlot(QWidget* parent)
    : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
}

void CountPlot::setAxes(Range x, bool xToTheLeft, std::optional<Range> y, const QString& xName,
                        const QString& yName)
{
    m_xRange = x;
    m_xToTheLeft = xToTheLeft;
    m_yRange = y;
    m_xName = xName;
    m_yName = yName;
    layOut();
    update();
}

QRectF CountPlot::plotArea() const
{
    const QFontMetrics metrics(smallFont(font()));
    const double left = m_yRange ? metrics.horizontalAdvance(QStringLiteral("−88.8")) + 8.0 : 8.0;
    return QRectF(rect()).adjusted(left, metrics.height() + 4.0, -8.0, -(metrics.height() + 6.0));
}

void CountPlot::layOut()
{
    const QRectF area = plotArea();
    m_x = {m_xRange, m_xToTheLeft ? area.right() : area.left(), m_xToTheLeft ? area.left() : area.right()};
    m_y = {m_yRange.value_or(Range{}), area.bottom(), area.top()};
    m_xTicks = makeTicks(m_xRange, std::max(2, static_cast<int>(area.width() / 45.0)), 2);
    m_yTicks = m_yRange ? makeTicks(*m_yRange, std::max(2, static_cast<int>(area.height() / 40.0)))
                        : std::vector<Tick>{};
}

void CountPlot::resizeEvent(QResizeEvent*)
{
    layOut();
}

void CountPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme theme = Theme::of(this);
    painter.fillRect(rect(), theme.paper);
    painter.setFont(smallFont(font()));
    paintCounts(painter);
    const QRectF chosen = m_press ? boxBetween(*m_press, m_cursor) : chosenBox();
    if (!chosen.isNull()) {
        painter.fillRect(chosen, theme.highlight);
        painter.setPen(theme.accent);
        painter.drawRect(chosen);
    }
    paintTicks(painter);
    if (hasFocus()) {
        painter.setPen(theme.accent);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void CountPlot::paintTicks(QPainter& painter) const
{
    const Theme theme = Theme::of(this);
    const QRectF area = plotArea();
    const double line = painter.fontMetrics().height();
    painter.setPen(theme.rule);
    painter.drawRect(area);
    painter.setPen(theme.faint);
    double free = 0.0; // labels stay inside, and beside each other
    for (const Tick& tick : m_xTicks) {
        const double x = m_x.toPixel(tick.value);
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + kTickLength));
        const double wide = painter.fontMetrics().horizontalAdvance(tick.label);
        const double left = std::clamp(x - wide / 2.0, 1.0, std::max(1.0, width() - wide - 1.0));
        if (left < free)
            continue;
        painter.drawText(QRectF(left, area.bottom() + kTickLength, wide, line), Qt::AlignCenter, tick.label);
        free = left + wide + kTickLength;
    }
    for (const Tick& tick : m_yTicks) {
        const double y = m_y.toPixel(tick.value);
        painter.drawLine(QPointF(area.left() - kTickLength, y), QPointF(area.left(), y));
        painter.drawText(QRectF(0.0, y - line / 2, area.left() - kTickLength - 2.0, line),
                         Qt::AlignRight | Qt::AlignVCenter, tick.label);
    }
    painter.drawText(QRectF(4.0, 2.0, area.right() - 4.0, line), Qt::AlignLeft | Qt::AlignVCenter, m_yName);
    painter.drawText(QRectF(4.0, 2.0, area.right() - 4.0, line), Qt::AlignRight | Qt::AlignVCenter, m_xName);
}

void CountPlot::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || !plotArea().contains(event->position()))
        return;
    m_press = event->position();
    m_cursor = *m_press;
    update();
}

void CountPlot::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_press)
        return;
    m_cursor = event->position();
    update();
}

void CountPlot::mouseReleaseEvent(QMouseEvent* event)
{
    if (!m_press)
        return;
    const QPointF start = *m_press;
    m_press.reset();
    const bool click = QLineF(start, event->position()).length() < kClick;
    choose(start, click ? start : event->position());
    update();
}

void CountPlot::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)
        chooseNothing();
    else
        QWidget::keyPressEvent(event);
}

RangePlot::RangePlot(const QString& name, QWidget* parent)
    : CountPlot(parent)
    , m_name(name)
{
    setToolTip(tr("Drag over a range, or click a bin, to filter by it; Del takes it away"));
}

void RangePlot::setCounts(BinnedCounts counts, BinnedCounts before)
{
    m_counts = std::move(counts);
    m_before = std::move(before);
    setAxes(m_before.range, false, std::nullopt, m_name,
            tr("up to %1 per bin").arg(shortNumber(static_cast<double>(m_before.highest()))));
}

void RangePlot::setChosen(std::optional<Range> range)
{
    m_chosen = range;
    update();
}

void RangePlot::paintCounts(QPainter& painter) const
{
    const Theme theme = Theme::of(this);
    const QRectF area = plotArea();
    const auto bars = [&](const BinnedCounts& bins, const QColor& colour) {
        const double scale =
            area.height() / std::max<double>(1.0, 1.05 * static_cast<double>(m_before.highest()));
        const double width = bins.range.span() / static_cast<double>(bins.counts.size());
        for (std::size_t bin = 0; bin < bins.counts.size(); ++bin) {
            const double low = bins.range.low + width * static_cast<double>(bin);
            const double height = scale * static_cast<double>(bins.counts[bin]);
            const double left = xAxis().toPixel(low);
            painter.fillRect(QRectF(left, area.bottom() - height,
                                    std::max(1.0, xAxis().toPixel(low + width) - left - 0.5), height),
                             colour);
        }
    };
    bars(m_before, theme.rule);
    bars(m_counts, theme.accent);
}

QRectF RangePlot::chosenBox() const
{
    if (!m_chosen || m_before.counts.empty())
        return {};
    const QRectF area = plotArea();
    return QRectF(QPointF(xAxis().toPixel(m_chosen->low), area.top()),
                  QPointF(xAxis().toPixel(m_chosen->high), area.bottom()))
        .intersected(area);
}

QRectF RangePlot::boxBetween(QPointF a, QPointF b) const
{
    if (m_before.counts.empty())
        return {};
    const Range range = m_before.binsBetween(xAxis().toData(a.x()), xAxis().toData(b.x()));
    const QRectF area = plotArea();
    return {QPointF(xAxis().toPixel(range.low), area.top()),
            QPointF(xAxis().toPixel(range.high), area.bottom())};
}

void RangePlot::choose(QPointF a, QPointF b)
{
    if (!m_before.counts.empty())
        Q_EMIT rangeChosen(m_before.binsBetween(xAxis().toData(a.x()), xAxis().toData(b.x())));
}

void RangePlot::chooseNothing()
{
    Q_EMIT rangeChosen(std::nullopt);
}

SkyPlot::SkyPlot(QWidget* parent)
    : CountPlot(parent)
{
    setToolTip(tr("Drag over a box, or click a bin, to filter by it; Del takes it away"));
}

void SkyPlot::setCounts(const SkyCounts& counts, const SkyCounts& before)
{
    const Theme theme = Theme::of(this);
    m_ra = before.raAxis();
    m_dec = before.decAxis();
    m_image = counts.image(before, theme.rule.rgb(), theme.accent.rgb());
    setAxes(before.ra, true, before.dec, tr("RA [°]"), tr("Dec [°]"));
}

void SkyPlot::setChosen(std::optional<Range> ra, std::optional<Range> dec)
{
    m_chosenRa = ra;
    m_chosenDec = dec;
    update();
}

void SkyPlot::paintCounts(QPainter& painter) const
{
    painter.drawImage(plotArea(), m_image);
}

QRectF SkyPlot::chosenBox() const
{
    if (!m_chosenRa || !m_chosenDec || m_image.isNull())
        return {};
    return boxOf(xAxis(), *m_chosenRa, yAxis(), *m_chosenDec).intersected(plotArea());
}

QRectF SkyPlot::boxBetween(QPointF a, QPointF b) const
{
    if (m_image.isNull())
        return {};
    return boxOf(xAxis(), m_ra.binsBetween(xAxis().toData(a.x()), xAxis().toData(b.x())), yAxis(),
                 m_dec.binsBetween(yAxis().toData(a.y()), yAxis().toData(b.y())));
}

void SkyPlot::choose(QPointF a, QPointF b)
{
    if (!m_image.isNull())
        Q_EMIT boxChosen(m_ra.binsBetween(xAxis().toData(a.x()), xAxis().toData(b.x())),
                         m_dec.binsBetween(yAxis().toData(a.y()), yAxis().toData(b.y())));
}

void SkyPlot::chooseNothing()
{
    Q_EMIT boxChosen(std::nullopt, std::nullopt);
}

} // namespace voorwerp::widgets

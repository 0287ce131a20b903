// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/score_histogram.h"

#include "widgets/density_image.h"
#include "widgets/theme.h"

#include <QKeyEvent>
#include <QLocale>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

namespace {

constexpr int kBins = 120;
constexpr double kGrabReach = 6.0; // pixels

double logCount(std::uint32_t count)
{
    return std::log10(1.0 + count);
}

} // namespace

int Histogram::binOf(double value) const
{
    const int last = static_cast<int>(counts.size()) - 1;
    const double position = (value - range.low) / range.span() * static_cast<double>(counts.size());
    return static_cast<int>(std::clamp(position, 0.0, static_cast<double>(last)));
}

Histogram Histogram::make(std::span<const float> values, Range range, int bins)
{
    Histogram histogram{range, std::vector<std::uint32_t>(static_cast<std::size_t>(bins), 0U)};
    for (const float value : values) {
        if (!std::isnan(value))
            ++histogram.counts[static_cast<std::size_t>(histogram.binOf(value))];
    }
    return histogram;
}

ScoreHistogram::ScoreHistogram(QWidget* parent)
    : QWidget(parent)
    , m_emptyText(tr("No scores yet"))
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setToolTip(tr("Drag to set a cut; the left and right keys move it, Escape takes it away"));
}

void ScoreHistogram::setValues(std::shared_ptr<const std::vector<float>> values, const QString& name)
{
    m_values = std::move(values);
    m_name = name;
    m_cut.reset();
    m_sorted.clear();
    if (m_values) {
        std::copy_if(m_values->begin(), m_values->end(), std::back_inserter(m_sorted),
                     [](float value) { return std::isfinite(value); });
        std::sort(m_sorted.begin(), m_sorted.end());
    }
    // The tail is what matters here, so only absurdly far values are folded into the last bin.
    const Range range = percentileRange(m_sorted, 0.0, m_sorted.size() > 10000 ? 99.995 : 100.0);
    m_all = Histogram::make(m_sorted, range, kBins);
    m_selected = Histogram::make({}, range, kBins);
    update();
}

void ScoreHistogram::setSelectedRows(const std::vector<std::uint32_t>& rows)
{
    std::vector<float> chosen;
    chosen.reserve(rows.size());
    for (const std::uint32_t row : rows) {
        if (m_values && row < m_values->size())
            chosen.push_back((*m_values)[row]);
    }
    m_selected = Histogram::make(chosen, m_all.range, kBins);
    update();
}

void ScoreHistogram::setEmptyText(const QString& text)
{
    m_emptyText = text;
    update();
}

void ScoreHistogram::setCut(std::optional<double> cut)
{
    m_cut = cut;
    update();
}

std::size_t ScoreHistogram::countAbove(double value) const
{
    return static_cast<std::size_t>(
        m_sorted.end() - std::lower_bound(m_sorted.begin(), m_sorted.end(), static_cast<float>(value)));
}

QRectF ScoreHistogram::plotArea() const
{
    const QFontMetrics metrics(smallFont(font()));
    return QRectF(rect()).adjusted(metrics.horizontalAdvance(QStringLiteral("1.60M")) + 10.0,
                                   metrics.height() + 6.0, -10.0, -(2.0 * metrics.height() + 8.0));
}

AxisMap ScoreHistogram::xAxis() const
{
    const QRectF area = plotArea();
    return {m_all.range, area.left(), area.right()};
}

double ScoreHistogram::pixelOf(double value) const
{
    return xAxis().toPixel(value);
}

void ScoreHistogram::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme theme = Theme::of(this);
    painter.fillRect(rect(), theme.paper);
    painter.setFont(smallFont(font()));
    if (m_sorted.empty()) {
        painter.setPen(theme.faint);
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
        return;
    }
    const QRectF area = plotArea();
    const double highest = *std::max_element(m_all.counts.begin(), m_all.counts.end());
    const AxisMap y{{0.0, 1.05 * std::log10(1.0 + highest)}, area.bottom(), area.top()};
    const double line = painter.fontMetrics().height();
    for (const Tick& tick : makeDecadeTicks({0.0, std::log10(highest)})) {
        const double height = std::round(y.toPixel(std::log10(1.0 + std::pow(10.0, tick.value)))) + 0.5;
        painter.setPen(QPen(theme.rule, 1));
        painter.drawLine(QPointF(area.left(), height), QPointF(area.right(), height));
        painter.setPen(theme.faint);
        painter.drawText(QRectF(0.0, height - line, area.left() - 5.0, 2.0 * line),
                         Qt::AlignRight | Qt::AlignVCenter, tick.label);
    }
    paintBars(painter, area, y);
    painter.setPen(theme.faint);
    painter.drawLine(area.bottomLeft(), area.bottomRight());
    for (const Tick& tick : makeTicks(m_all.range, std::max(2, static_cast<int>(area.width() / 80.0)))) {
        const double x = xAxis().toPixel(tick.value);
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3.0));
        painter.drawText(QRectF(x - 60.0, area.bottom() + 4.0, 120.0, line), Qt::AlignCenter, tick.label);
    }
    painter.drawText(QRectF(area.left(), area.bottom() + 4.0 + line, area.width(), line), Qt::AlignCenter,
                     m_name);
    painter.drawText(QRectF(4.0, 2.0, area.width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                     tr("spectra per bin (log)"));
    paintCut(painter, area);
}

void ScoreHistogram::paintBars(QPainter& painter, const QRectF& area, const AxisMap& y) const
{
    const Theme theme = Theme::of(this);
    const double width = area.width() / kBins;
    for (std::size_t bin = 0; bin < m_all.counts.size(); ++bin) {
        const double left = area.left() + width * static_cast<double>(bin);
        const auto bar = [&](std::uint32_t count, const QColor& colour) {
            if (count == 0U)
                return;
            const double top = y.toPixel(logCount(count));
            painter.fillRect(QRectF(left, top, std::max(1.0, width - 1.0), area.bottom() - top), colour);
        };
        bar(m_all.counts[bin], theme.noise);
        bar(m_selected.counts[bin], theme.selection);
    }
}

void ScoreHistogram::paintCut(QPainter& painter, const QRectF& area) const
{
    if (!m_cut)
        return;
    const Theme theme = Theme::of(this);
    const double x = xAxis().toPixel(*m_cut);
    painter.fillRect(QRectF(x, area.top(), area.right() - x, area.height()), theme.highlight);
    painter.setPen(QPen(theme.accent, 2));
    painter.drawLine(QPointF(x, area.top() - 2.0), QPointF(x, area.bottom()));
    const QLocale locale;
    const QString words =
        tr("≥ %1: %2 of %3")
            .arg(locale.toString(*m_cut, 'g', 4), locale.toString(qlonglong(countAbove(*m_cut))),
                 locale.toString(qlonglong(m_sorted.size())));
    const double wide = painter.fontMetrics().horizontalAdvance(words);
    const double left = std::clamp(x - wide / 2.0, area.left() + 0.35 * area.width(), area.right() - wide);
    painter.drawText(QRectF(left, 2.0, wide, painter.fontMetrics().height()),
                     Qt::AlignCenter | Qt::TextDontClip, words);
}

void ScoreHistogram::keyPressEvent(QKeyEvent* event)
{
    const double bin = m_all.range.span() / kBins;
    if (m_sorted.empty()) {
        QWidget::keyPressEvent(event);
    } else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        const double start = m_cut.value_or(m_all.range.high);
        setCut(std::clamp(start + (event->key() == Qt::Key_Left ? -bin : bin), m_all.range.low,
                          m_all.range.high));
        Q_EMIT cutCommitted(*m_cut);
    } else if (event->key() == Qt::Key_Escape && m_cut) {
        setCut(std::nullopt);
        Q_EMIT cutCommitted(std::numeric_limits<double>::quiet_NaN());
    } else {
        QWidget::keyPressEvent(event);
    }
}

void ScoreHistogram::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_sorted.empty())
        return;
    m_dragging = true;
    mouseMoveEvent(event);
}

void ScoreHistogram::mouseMoveEvent(QMouseEvent* event)
{
    const bool near = m_cut && std::abs(pixelOf(*m_cut) - event->position().x()) <= kGrabReach;
    setCursor(near || m_dragging ? Qt::SplitHCursor : Qt::ArrowCursor);
    if (!m_dragging)
        return;
    setCut(std::clamp(xAxis().toData(event->position().x()), m_all.range.low, m_all.range.high));
    Q_EMIT cutMoved(*m_cut);
}

void ScoreHistogram::mouseReleaseEvent(QMouseEvent*)
{
    if (m_dragging && m_cut)
        Q_EMIT cutCommitted(*m_cut);
    m_dragging = false;
}

QSize ScoreHistogram::sizeHint() const
{
    return {620, 150};
}
QSize ScoreHistogram::minimumSizeHint() const
{
    return {220, 96};
}

} // namespace voorwerp::widgets

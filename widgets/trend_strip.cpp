// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/trend_strip.h"

#include "widgets/theme.h"

#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPaintEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace voorwerp::widgets {

namespace {

constexpr double kCellGap = 14.0;
constexpr double kMargin = 8.0; ///< at both ends of the row
constexpr int kPlotHeight = 44;
constexpr int kNarrowestCell = 96;

/// Short, for the end of an axis: "0", "140", "3.8".
QString axisNumber(double value)
{
    const bool fraction = std::abs(value) < 10.0 && std::abs(value - std::round(value)) > 0.05;
    return fraction ? QLocale().toString(value, 'f', 1) : shortNumber(value);
}

} // namespace

QRectF TrendGeometry::cell(std::size_t plot) const
{
    const auto count = static_cast<double>(std::max<std::size_t>(1, plots));
    const double width = (size.width() - 2.0 * kMargin - (count - 1.0) * kCellGap) / count;
    const double left = kMargin + static_cast<double>(plot) * (width + kCellGap);
    return {left, 0.0, std::max(0.0, width), size.height()};
}

QRectF TrendGeometry::area(std::size_t plot) const
{
    return cell(plot).adjusted(gutter, wordsHeight + 3.0, 0.0, -3.0);
}

AxisMap TrendGeometry::time(std::size_t plot) const
{
    const QRectF inside = area(plot);
    return {{-secondsShown, 0.0}, inside.left(), inside.right()};
}

std::optional<double> TrendGeometry::secondsAt(QPointF place) const
{
    for (std::size_t plot = 0; plot < plots; ++plot)
        if (cell(plot).contains(place))
            return std::clamp(time(plot).toData(place.x()), -secondsShown, 0.0);
    return std::nullopt;
}

double secondsToShow(const std::vector<double>& seconds)
{
    const double oldest = seconds.empty() ? 0.0 : -seconds.front();
    for (const double shown : {60.0, 120.0, 300.0})
        if (oldest <= shown)
            return shown;
    return 600.0;
}

std::optional<std::size_t> sampleNear(const std::vector<double>& seconds, double time)
{
    if (seconds.empty())
        return std::nullopt;
    const auto after = std::lower_bound(seconds.begin(), seconds.end(), time);
    if (after == seconds.begin())
        return 0;
    const auto index = static_cast<std::size_t>(after - seconds.begin());
    const bool before = after == seconds.end() || time - seconds[index - 1] < *after - time;
    return before ? index - 1 : index;
}

std::vector<QPolygonF> trendLines(const std::vector<double>& seconds, const std::vector<double>& values,
                                  const AxisMap& x, const AxisMap& y)
{
    std::vector<QPolygonF> lines;
    bool broken = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i]) || seconds[i] < x.data.low) {
            broken = true;
            continue;
        }
        if (std::exchange(broken, false))
            lines.emplace_back();
        const QPointF point(std::round(x.toPixel(seconds[i])),
                            std::round(y.toPixel(std::clamp(values[i], y.data.low, y.data.high))));
        QPolygonF& line = lines.back();
        const auto size = line.size();
        if (size > 1 && line[size - 1].y() == point.y() && line[size - 2].y() == point.y())
            line[size - 1] = point;
        else if (size == 0 || line[size - 1] != point)
            line << point;
    }
    return lines;
}

TrendStrip::TrendStrip(QWidget* parent)
    : QWidget(parent)
{
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void TrendStrip::setTrends(TrendSet set)
{
    const auto sameAxes = [](const Trend& a, const Trend& b) {
        return a.name == b.name && a.range == b.range;
    };
    const bool same = std::equal(set.trends.begin(), set.trends.end(), m_set.trends.begin(),
                                 m_set.trends.end(), sameAxes) &&
                      secondsToShow(set.seconds) == m_geometry.secondsShown;
    m_set = std::move(set);
    const std::vector<Drawn> before = std::exchange(m_drawn, {});
    layOut();
    if (!same || m_cursor || before.size() != m_drawn.size()) {
        update();
        return;
    }
    for (std::size_t plot = 0; plot < m_drawn.size(); ++plot)
        if (m_drawn[plot] != before[plot])
            update(m_geometry.cell(plot).toAlignedRect());
}

void TrendStrip::setCaptions(const QStringList& captions)
{
    const QStringList before = std::exchange(m_captions, captions);
    for (std::size_t plot = 0; plot < m_set.trends.size(); ++plot) {
        QRectF words = m_geometry.cell(plot);
        words.setHeight(m_geometry.wordsHeight);
        const auto index = static_cast<qsizetype>(plot);
        if (captions.value(index) != before.value(index))
            update(words.toAlignedRect());
    }
}

std::optional<std::size_t> TrendStrip::chosen() const
{
    return m_cursor ? sampleNear(m_set.seconds, *m_cursor) : std::nullopt;
}

void TrendStrip::layOut()
{
    const QFontMetricsF small(smallFont(font()));
    double widest = 0.0;
    for (const Trend& trend : m_set.trends)
        widest = std::max({widest, small.horizontalAdvance(axisNumber(trend.range.low)),
                           small.horizontalAdvance(axisNumber(trend.range.high))});
    m_geometry = {size(), m_set.trends.size(), small.height() + QFontMetricsF(tabularFont(font())).height(),
                  widest + 5.0, secondsToShow(m_set.seconds)};
    m_drawn.clear();
    for (std::size_t plot = 0; plot < m_set.trends.size(); ++plot) {
        const Trend& trend = m_set.trends[plot];
        const QRectF area = m_geometry.area(plot);
        const AxisMap x = m_geometry.time(plot);
        const AxisMap y{trend.range, area.bottom(), area.top()};
        m_drawn.push_back(
            {trendLines(m_set.seconds, trend.values, x, y), trendLines(m_set.seconds, trend.dashed, x, y)});
    }
}

void TrendStrip::paintEvent(QPaintEvent* event)
{
    QPainter painter(this);
    painter.fillRect(event->rect(), Theme::of(this).paper);
    for (std::size_t plot = 0; plot < m_drawn.size(); ++plot) {
        if (!m_geometry.cell(plot).intersects(event->rect()))
            continue;
        paintWords(painter, plot);
        paintPlot(painter, plot);
    }
}

void TrendStrip::paintWords(QPainter& painter, std::size_t plot) const
{
    const Theme theme = Theme::of(this);
    QRectF line = m_geometry.cell(plot);
    const auto say = [&](const QString& text, const QFont& font, const QColor& colour) {
        painter.setFont(font);
        painter.setPen(colour);
        const QFontMetricsF metrics(font);
        line.setHeight(metrics.height());
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(text, Qt::ElideRight, line.width()));
        line.translate(0.0, metrics.height());
    };
    say(m_set.trends[plot].name, smallFont(font()), theme.faint);
    say(m_captions.value(static_cast<qsizetype>(plot)), tabularFont(font()), theme.ink);
}

void TrendStrip::paintPlot(QPainter& painter, std::size_t plot) const
{
    const Theme theme = Theme::of(this);
    const QRectF area = m_geometry.area(plot);
    const Range range = m_set.trends[plot].range;
    painter.setPen(QPen(theme.rule, 1));
    for (const double y : {area.top(), area.bottom()})
        painter.drawLine(QPointF(area.left(), std::round(y)), QPointF(area.right(), std::round(y)));
    if (hasFocus()) {
        painter.setPen(QPen(theme.faint, 1));
        painter.drawRect(area);
    }
    painter.setFont(smallFont(font()));
    painter.setPen(theme.faint);
    const QRectF numbers(area.left() - m_geometry.gutter, area.top() - 2.0, m_geometry.gutter - 5.0,
                         area.height() + 4.0);
    painter.drawText(numbers, Qt::AlignRight | Qt::AlignTop, axisNumber(range.high));
    painter.drawText(numbers, Qt::AlignRight | Qt::AlignBottom, axisNumber(range.low));
    const auto draw = [&](const Lines& lines, const QPen& pen) {
        painter.setPen(pen);
        for (const QPolygonF& line : lines)
            line.size() == 1 ? painter.drawPoint(line.front()) : painter.drawPolyline(line);
    };
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    draw(m_drawn[plot].dashed, QPen(theme.ink, 1.3, Qt::DashLine));
    draw(m_drawn[plot].solid, QPen(theme.accent, 1.6, Qt::SolidLine, Qt::RoundCap));
    painter.restore();
    if (const auto index = chosen()) {
        const double x = std::round(m_geometry.time(plot).toPixel(m_set.seconds[*index]));
        painter.setPen(QPen(theme.faint, 1));
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
}

void TrendStrip::setCursorTo(std::optional<double> seconds)
{
    const auto before = chosen();
    m_cursor = seconds;
    if (chosen() == before)
        return;
    update();
    Q_EMIT chosenChanged();
}

void TrendStrip::mouseMoveEvent(QMouseEvent* event)
{
    setCursorTo(m_geometry.secondsAt(event->position()));
}

void TrendStrip::leaveEvent(QEvent*)
{
    setCursorTo(std::nullopt);
}

void TrendStrip::keyPressEvent(QKeyEvent* event)
{
    const bool left = event->key() == Qt::Key_Left;
    if (event->key() == Qt::Key_Escape && m_cursor) {
        setCursorTo(std::nullopt);
    } else if ((left || event->key() == Qt::Key_Right) && !m_set.seconds.empty()) {
        const std::size_t last = m_set.seconds.size() - 1;
        const std::size_t at = chosen().value_or(last);
        setCursorTo(m_set.seconds[left ? (at > 0 ? at - 1 : 0) : std::min(at + 1, last)]);
    } else {
        QWidget::keyPressEvent(event);
    }
}

void TrendStrip::resizeEvent(QResizeEvent*)
{
    layOut();
}

void TrendStrip::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::FontChange)
        layOut();
    QWidget::changeEvent(event);
}

QSize TrendStrip::sizeHint() const
{
    return {5 * (kNarrowestCell + 50), minimumSizeHint().height()};
}

QSize TrendStrip::minimumSizeHint() const
{
    const int words = QFontMetrics(smallFont(font())).height() + QFontMetrics(tabularFont(font())).height();
    return {kNarrowestCell, words + kPlotHeight + 6};
}

} // namespace voorwerp::widgets

// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/training_curves.h"

#include "widgets/axis_map.h"
#include "widgets/theme.h"

#include <QChart>
#include <QChartView>
#include <QGraphicsLayout>
#include <QGridLayout>
#include <QLabel>
#include <QLegend>
#include <QLineSeries>
#include <QScatterSeries>
#include <QValueAxis>

#include <algorithm>
#include <cmath>
#include <functional>

namespace voorwerp::widgets {

namespace {

constexpr std::size_t kMostPoints = 1500;
constexpr int kFewestTicks = 3; ///< of an axis of values

using Reader = std::function<double(const TrainingPoint&)>;

/// Vertical range of curves: the first epochs of a training are far off and may leave the picture.
Range curveRange(const std::vector<TrainingPoint>& points, const std::vector<Reader>& readers)
{
    std::vector<double> values;
    for (const TrainingPoint& point : points) {
        for (const Reader& read : readers) {
            if (std::isfinite(read(point)))
                values.push_back(read(point));
        }
    }
    if (values.empty())
        return {0.0, 1.0};
    std::sort(values.begin(), values.end());
    const double low = values.front();
    const double high = values.size() > 20 ? values[values.size() * 97 / 100] : values.back();
    const double room = high > low ? 0.08 * (high - low) : std::max(1e-6, 0.1 * std::abs(high));
    return {low >= 0.0 ? std::max(0.0, low - room) : low - room, high + room};
}

} // namespace

std::vector<TrainingPoint> thinned(const std::vector<TrainingPoint>& points, std::size_t maximum)
{
    if (points.size() <= maximum || maximum < 4)
        return points;
    std::vector<TrainingPoint> kept = {points.front()};
    const std::size_t stretches = (maximum - 2) / 2;
    const auto byLoss = [](const TrainingPoint& a, const TrainingPoint& b) {
        return a.validationLoss < b.validationLoss;
    };
    const std::size_t inner = points.size() - 2;
    for (std::size_t s = 0; s < stretches; ++s) {
        const auto first = points.begin() + 1 + static_cast<std::ptrdiff_t>(inner * s / stretches);
        const auto last = points.begin() + 1 + static_cast<std::ptrdiff_t>(inner * (s + 1) / stretches);
        const auto [low, high] = std::minmax_element(first, last, byLoss);
        kept.push_back(low->epoch < high->epoch ? *low : *high);
        if (low != high)
            kept.push_back(low->epoch < high->epoch ? *high : *low);
    }
    kept.push_back(points.back());
    return kept;
}

/// One chart with its curves.
class CurvePanel : public QChartView
{
public:
    struct Curve
    {
        QString name;
        Reader read;
        QLineSeries* series = nullptr;
    };

    CurvePanel(const QString& title, std::vector<Curve> curves, QWidget* parent)
        : QChartView(parent)
        , m_curves(std::move(curves))
        , m_title(title)
    {
        QChart* shown = chart(); // the view has one from the start
        shown->setMargins({2, 0, 6, 2});
        shown->setBackgroundRoundness(0.0);
        shown->layout()->setContentsMargins(0, 0, 0, 0);
        shown->setAnimationOptions(QChart::NoAnimation);
        shown->addAxis(&m_x, Qt::AlignBottom);
        shown->addAxis(&m_y, Qt::AlignLeft);
        m_x.setLabelFormat(QStringLiteral("%.0f"));
        for (Curve& curve : m_curves) {
            curve.series = new QLineSeries;
            curve.series->setName(curve.name);
            attach(shown, curve.series);
        }
        m_best = new QScatterSeries;
        m_best->setName(tr("kept"));
        m_best->setMarkerSize(9.0);
        attach(shown, m_best);
        shown->legend()->setVisible(m_curves.size() > 1);
        shown->legend()->setAlignment(Qt::AlignRight); // height is what is short
        shown->legend()->setMarkerShape(QLegend::MarkerShapeFromSeries);
        setFrameShape(QFrame::NoFrame);
        setMinimumSize(120, 112);
    }

    void show(const std::vector<TrainingPoint>& points, std::optional<double> best)
    {
        std::vector<Reader> readers;
        for (const Curve& curve : m_curves)
            readers.push_back(curve.read);
        const Range all = curveRange(points, readers);
        const double unit = unitOf(all);
        chart()->setTitle(titleIn(unit));
        m_best->clear();
        for (const Curve& curve : m_curves) {
            QList<QPointF> line;
            line.reserve(static_cast<qsizetype>(points.size()));
            for (const TrainingPoint& point : points) {
                const double value = curve.read(point);
                if (std::isfinite(value))
                    line << QPointF(point.epoch, value / unit);
            }
            curve.series->replace(line);
        }
        markBest(best);
        const Range range = {all.low / unit, all.high / unit};
        const double last = points.empty() ? 1.0 : points.back().epoch;
        const Range epochs = {points.empty() ? 0.0 : std::min(points.front().epoch, last - 1.0), last};
        for (Curve& curve : m_curves)
            curve.series->setPointsVisible(points.size() < 3);
        setRange(m_y, range, valueTicks(range), 0.0);
        setRange(m_x, epochs, makeTicks(epochs, m_xTicks), 1.0);
    }

    void paintIn(const Theme& theme, const QFont& font)
    {
        const QFont small = smallFont(font);
        chart()->setBackgroundBrush(theme.paper);
        chart()->setTitleBrush(theme.ink);
        chart()->setTitleFont(small);
        chart()->legend()->setLabelColor(theme.faint);
        chart()->legend()->setFont(small);
        for (QValueAxis* axis : {&m_x, &m_y}) {
            axis->setLabelsColor(theme.faint);
            axis->setLabelsFont(small);
            axis->setTitleBrush(theme.faint);
            axis->setTitleFont(small);
            axis->setLinePen(QPen(theme.rule, 1));
            axis->setGridLinePen(QPen(theme.rule, 1));
        }
        const std::vector<QPen> pens = {QPen(theme.faint, 2.0), QPen(theme.accent, 2.0)};
        for (std::size_t i = 0; i < m_curves.size(); ++i)
            m_curves[i].series->setPen(m_curves.size() == 1 ? pens[1] : pens[i % pens.size()]);
        m_best->setColor(theme.accent);
        m_best->setBorderColor(theme.paper);
        setBackgroundBrush(theme.paper);
    }

    void setTicks(int x, int y)
    {
        m_xTicks = x;
        m_yTicks = y;
    }

private:
    /// Small and large values are shown in powers of a thousand, so that labels stay short.
    static double unitOf(Range range)
    {
        const double largest = std::max(std::abs(range.low), std::abs(range.high));
        if (largest == 0.0 || (largest >= 0.1 && largest < 1e5))
            return 1.0;
        return std::pow(1000.0, std::floor((std::log10(largest) + 1.0) / 3.0));
    }

    QString titleIn(double unit) const
    {
        if (unit == 1.0)
            return m_title;
        QString power = QString::number(static_cast<int>(std::lround(std::log10(unit))));
        const QString figures = QStringLiteral("⁰¹²³⁴⁵⁶⁷⁸⁹");
        for (QChar& c : power)
            c = c == QLatin1Char('-') ? QChar(0x207B) : figures[c.digitValue()];
        return QStringLiteral("%1 [10%2]").arg(m_title, power);
    }

    /// As many as fit: Qt Charts writes "…" for labels that touch.
    std::vector<Tick> valueTicks(Range range) const
    {
        const double line = QFontMetricsF(m_y.labelsFont()).height();
        const auto room = static_cast<std::size_t>(std::max(2.0, (height() - 4.0 * line) / (1.5 * line)));
        auto ticks = makeTicks(range, std::min(m_yTicks, static_cast<int>(room)), kFewestTicks);
        return ticks.size() <= room ? ticks : makeTicks(range, 2, 2);
    }

    /// Round numbers on the axis, at least smallestStep apart, with the decimals that the step needs.
    static void setRange(QValueAxis& axis, Range range, const std::vector<Tick>& round, double smallestStep)
    {
        if (round.size() > 1) {
            const double step = std::max(smallestStep, round[1].value - round[0].value);
            const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
            axis.setLabelFormat(QStringLiteral("%.%1f").arg(decimals));
        }
        axis.setTickType(QValueAxis::TicksFixed); // so that no state in between has a million ticks
        axis.setRange(range.low, range.high);
        if (round.size() < 2)
            return;
        axis.setTickAnchor(round.front().value);
        axis.setTickInterval(std::max(smallestStep, round[1].value - round[0].value));
        axis.setTickType(QValueAxis::TicksDynamic);
    }

    void attach(QChart* shown, QXYSeries* series)
    {
        shown->addSeries(series);
        series->attachAxis(&m_x);
        series->attachAxis(&m_y);
    }

    /// On the last curve: the validation loss.
    void markBest(std::optional<double> best)
    {
        const bool usable = best && m_curves.size() > 1;
        m_best->setVisible(usable);
        if (!usable)
            return;
        for (const QPointF& point : m_curves.back().series->points()) {
            if (point.x() == *best)
                m_best->append(point);
        }
    }

    std::vector<Curve> m_curves;
    QString m_title;
    QScatterSeries* m_best = nullptr;
    QValueAxis m_x;
    QValueAxis m_y;
    int m_xTicks = 4;
    int m_yTicks = 3;
};

TrainingCurves::TrainingCurves(QWidget* parent)
    : QWidget(parent)
    , m_empty(new QLabel(tr("No epoch finished yet"), this))
{
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(4);
    using P = const TrainingPoint&;
    auto* loss = new CurvePanel(tr("Loss per pixel, by epoch"),
                                {{tr("training"), [](P p) { return p.trainLoss; }},
                                 {tr("validation"), [](P p) { return p.validationLoss; }}},
                                this);
    auto* kl = new CurvePanel(tr("KL divergence [nat]"), {{{}, [](P p) { return p.kl; }}}, this);
    auto* beta = new CurvePanel(tr("β"), {{{}, [](P p) { return p.beta; }}}, this);
    auto* rate = new CurvePanel(tr("Learning rate"), {{{}, [](P p) { return p.learningRate; }}}, this);
    m_panels = {loss, kl, beta, rate};
    loss->setTicks(8, 6);
    grid->addWidget(loss, 0, 0, 1, 3);
    grid->addWidget(kl, 1, 0);
    grid->addWidget(beta, 1, 1);
    grid->addWidget(rate, 1, 2);
    grid->addWidget(m_empty, 0, 0, 2, 3);
    grid->setRowStretch(0, 3);
    grid->setRowStretch(1, 2);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    applyTheme();
    redraw();
}

void TrainingCurves::setHistory(std::vector<TrainingPoint> points)
{
    m_points = std::move(points);
    redraw();
}

void TrainingCurves::append(const TrainingPoint& point)
{
    m_points.push_back(point);
    redraw();
}

void TrainingCurves::clear()
{
    m_best.reset();
    setHistory({});
}

void TrainingCurves::setBestEpoch(std::optional<double> epoch)
{
    m_best = epoch;
    redraw();
}

void TrainingCurves::setEmptyText(const QString& text)
{
    m_empty->setText(text);
}

void TrainingCurves::redraw()
{
    const auto shown = thinned(m_points, kMostPoints);
    for (CurvePanel* panel : m_panels) {
        panel->show(shown, m_best);
        panel->setVisible(!m_points.empty());
    }
    m_empty->setVisible(m_points.empty());
}

void TrainingCurves::applyTheme()
{
    const Theme theme = Theme::of(this);
    for (CurvePanel* panel : m_panels)
        panel->paintIn(theme, font());
    QPalette hint = m_empty->palette();
    hint.setColor(QPalette::WindowText, theme.faint);
    m_empty->setPalette(hint);
}

void TrainingCurves::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    redraw(); // the room for labels
}

void TrainingCurves::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        applyTheme();
    QWidget::changeEvent(event);
}

} // namespace voorwerp::widgets

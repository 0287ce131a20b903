// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/latent_map.h"

#include "widgets/theme.h"

#include <QComboBox>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace voorwerp::widgets {

namespace {

constexpr int kRefreshMilliseconds = 15;
constexpr std::size_t kMostMarks = 20000; // more selected points than this become a density of their own
constexpr int kLegendWidth = 150;

Range withRoom(Range range)
{
    const double room = 0.04 * range.span();
    return {range.low - room, range.high + room};
}

} // namespace

LatentMap::LatentMap(QWidget* parent)
    : QWidget(parent)
    , m_colourBox(new QComboBox(this))
    , m_emptyText(tr("Nothing to map yet"))
{
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_OpaquePaintEvent);
    m_imageTimer.setSingleShot(true);
    m_imageTimer.setInterval(kRefreshMilliseconds);
    connect(&m_imageTimer, &QTimer::timeout, this, &LatentMap::renderImage);
    m_colourBox->setToolTip(tr("What colours the map"));
    m_colourBox->setAccessibleName(tr("Colour of the map"));
    m_colourBox->setFocusPolicy(Qt::TabFocus);
    m_colourBox->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_colourBox->hide();
    connect(m_colourBox, &QComboBox::activated, this, &LatentMap::colourChosen);
}

void LatentMap::setPoints(std::shared_ptr<const MapPoints> points)
{
    m_points = std::move(points);
    m_colour = {};
    m_labelled.clear();
    m_selected.clear();
    m_selectedImage = {};
    m_current.reset();
    m_fullX = withRoom(m_points ? percentileRange(m_points->x, 0.0, 100.0) : Range{});
    m_fullY = withRoom(m_points ? percentileRange(m_points->y, 0.0, 100.0) : Range{});
    resetView();
}

void LatentMap::setEmptyText(const QString& text)
{
    m_emptyText = text;
    update();
}

void LatentMap::setColourChoices(const QStringList& names, int chosen)
{
    m_colourBox->clear();
    for (const QString& name : names)
        m_colourBox->addItem(tr("colour: %1").arg(name));
    m_colourBox->setCurrentIndex(chosen);
    m_colourBox->setVisible(!names.isEmpty());
    m_colourBox->adjustSize();
    m_colourBox->move(8, 6);
}

void LatentMap::setChosenColour(int chosen)
{
    m_colourBox->setCurrentIndex(chosen);
}

void LatentMap::setColour(const MapColour& colour)
{
    m_colour = colour;
    if (m_colour.values && m_colour.values->size() != pointCount())
        m_colour.values = nullptr;
    m_colourRange = m_colour.values ? percentileRange(*m_colour.values, 1.0, 99.0) : Range{};
    m_labelled.clear();
    for (std::uint32_t row = 0; m_colour.values && !m_colour.categories.isEmpty() && row < pointCount();
         ++row) {
        if (std::isfinite((*m_colour.values)[row]) && hasPlace(row))
            m_labelled.push_back(row);
    }
    scheduleImage();
}

void LatentMap::setSelectedRows(std::vector<std::uint32_t> rows)
{
    m_selected = std::move(rows);
    std::erase_if(m_selected, [this](std::uint32_t row) { return !hasPlace(row); });
    renderSelection();
    update();
}

void LatentMap::setCurrentRow(std::optional<std::uint32_t> row)
{
    m_current = row && hasPlace(*row) ? row : std::nullopt;
    update();
}

bool LatentMap::hasPlace(std::uint32_t row) const
{
    return row < pointCount() && std::isfinite(m_points->x[row]) && std::isfinite(m_points->y[row]);
}

QRectF LatentMap::plotArea() const
{
    const QFontMetrics metrics(smallFont(font()));
    const double line = metrics.height();
    return QRectF(rect()).adjusted(line + metrics.horizontalAdvance(QStringLiteral("−10.5")) + 10.0,
                                   m_colourBox->sizeHint().height() + 10.0, -6.0, -(2.0 * line + 8.0));
}

void LatentMap::resetView()
{
    setView(m_fullX, m_fullY);
}

void LatentMap::setView(Range x, Range y)
{
    const QRectF area = plotArea();
    const double ratio = devicePixelRatioF();
    m_view = {x, y, std::max(1, static_cast<int>(area.width() * ratio)),
              std::max(1, static_cast<int>(area.height() * ratio))};
    scheduleImage();
    update();
}

void LatentMap::scheduleImage()
{
    if (!m_imageTimer.isActive())
        m_imageTimer.start();
}

void LatentMap::renderImage()
{
    m_imageTimer.stop();
    m_imageView = m_view;
    if (pointCount() == 0) {
        m_image = {};
        update();
        return;
    }
    // Few points need bigger cells to be seen; many need finer ones to show structure.
    const double ratio = devicePixelRatioF();
    const int logical = pointCount() < 5000 ? 4 : pointCount() < 100000 ? 3 : 2;
    const std::span<const float> values =
        m_colour.values ? std::span<const float>(*m_colour.values) : std::span<const float>();
    MapColouring colouring;
    colouring.scale = m_colour.scale;
    colouring.range = m_colourRange;
    colouring.categorical = !m_colour.categories.isEmpty();
    colouring.dark = Theme::of(this).dark;
    m_cellSize = std::max(1, static_cast<int>(std::lround(logical * ratio)));
    m_image = densityImage(binPoints(m_points->x, m_points->y, values, m_view, m_cellSize), colouring);
    renderSelection();
    update();
}

void LatentMap::renderSelection()
{
    m_selectedImage = {};
    if (m_selected.size() <= kMostMarks || pointCount() == 0)
        return;
    std::vector<float> x(m_selected.size());
    std::vector<float> y(m_selected.size());
    for (std::size_t i = 0; i < m_selected.size(); ++i) {
        x[i] = m_points->x[m_selected[i]];
        y[i] = m_points->y[m_selected[i]];
    }
    const DensityGrid grid = binPoints(x, y, {}, m_view, m_cellSize);
    m_selectedImage = QImage(grid.columns, grid.rows, QImage::Format_ARGB32_Premultiplied);
    m_selectedImage.fill(Qt::transparent);
    const QColor accent = Theme::of(this).selection;
    for (int row = 0; row < grid.rows; ++row) {
        for (int column = 0; column < grid.columns; ++column) {
            if (grid.count[static_cast<std::size_t>(row * grid.columns + column)] > 0U)
                m_selectedImage.setPixelColor(column, row, accent);
        }
    }
}

QPointF LatentMap::positionOf(std::uint32_t row) const
{
    const QRectF area = plotArea();
    return {area.left() + (m_points->x[row] - m_view.x.low) / m_view.x.span() * area.width(),
            area.top() + (m_view.y.high - m_points->y[row]) / m_view.y.span() * area.height()};
}

QPointF LatentMap::dataAt(QPointF position) const
{
    const QRectF area = plotArea();
    return {m_view.x.low + (position.x() - area.left()) / area.width() * m_view.x.span(),
            m_view.y.high - (position.y() - area.top()) / area.height() * m_view.y.span()};
}

void LatentMap::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme theme = Theme::of(this);
    painter.fillRect(rect(), theme.paper);
    const QRectF area = plotArea();
    if (pointCount() == 0) {
        painter.setPen(theme.faint);
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
        return;
    }
    painter.save();
    painter.setClipRect(area);
    paintImage(painter, m_image, area);
    if (!m_selectedImage.isNull())
        paintImage(painter, m_selectedImage, area);
    paintMarks(painter);
    painter.restore();
    painter.setPen(QPen(theme.rule, 1));
    painter.drawRect(QRectF(area.toRect()).adjusted(0.5, 0.5, -0.5, -0.5));
    painter.setPen(theme.faint);
    painter.setFont(smallFont(font()));
    paintAxes(painter, area);
    paintLegend(painter, area);
    if (m_lasso.size() > 1) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(theme.ink, 1.2, Qt::DashLine));
        painter.setBrush(theme.highlight);
        painter.drawPolygon(m_lasso);
    }
}

void LatentMap::paintAxes(QPainter& painter, const QRectF& area) const
{
    const double line = painter.fontMetrics().height();
    const AxisMap x{m_view.x, area.left(), area.right()};
    for (const Tick& tick : makeTicks(m_view.x, std::max(2, static_cast<int>(area.width() / 80.0)))) {
        const double at = x.toPixel(tick.value);
        painter.drawLine(QPointF(at, area.bottom()), QPointF(at, area.bottom() + 3.0));
        painter.drawText(QRectF(at - 40.0, area.bottom() + 3.0, 80.0, line), Qt::AlignCenter, tick.label);
    }
    const AxisMap y{m_view.y, area.bottom(), area.top()};
    for (const Tick& tick : makeTicks(m_view.y, std::max(2, static_cast<int>(area.height() / 50.0)))) {
        const double at = y.toPixel(tick.value);
        painter.drawLine(QPointF(area.left() - 3.0, at), QPointF(area.left(), at));
        painter.drawText(QRectF(0.0, at - line, area.left() - 5.0, 2.0 * line),
                         Qt::AlignRight | Qt::AlignVCenter, tick.label);
    }
    painter.drawText(QRectF(area.left(), area.bottom() + 3.0 + line, area.width(), line), Qt::AlignCenter,
                     m_points->xName);
    painter.save();
    painter.translate(2.0, area.center().y());
    painter.rotate(-90.0);
    painter.drawText(QRectF(-200.0, 0.0, 400.0, line), Qt::AlignCenter, m_points->yName);
    painter.restore();
}

/// The image may be of an older view while a new one is being made: it is stretched to where it belongs.
void LatentMap::paintImage(QPainter& painter, const QImage& image, const QRectF& area) const
{
    const double perX = area.width() / m_view.x.span();
    const double perY = area.height() / m_view.y.span();
    const double columns = static_cast<double>(image.width()) * m_cellSize / m_imageView.width;
    const double rows = static_cast<double>(image.height()) * m_cellSize / m_imageView.height;
    const QRectF target(area.left() + (m_imageView.x.low - m_view.x.low) * perX,
                        area.top() + (m_view.y.high - m_imageView.y.high) * perY,
                        m_imageView.x.span() * perX * columns, m_imageView.y.span() * perY * rows);
    painter.drawImage(target, image);
}

void LatentMap::paintMarks(QPainter& painter) const
{
    const Theme theme = Theme::of(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_labelled.size() <= kMostMarks) { // one label among many neighbours must not drown
        painter.setPen(QPen(theme.paper, 0.6));
        for (const std::uint32_t row : m_labelled) {
            painter.setBrush(labelColour(static_cast<int>((*m_colour.values)[row])));
            painter.drawEllipse(positionOf(row), 3.0, 3.0);
        }
    }
    if (m_selectedImage.isNull()) {
        painter.setPen(QPen(theme.paper, 0.8));
        painter.setBrush(theme.selection);
        const double radius = m_selected.size() > 2000 ? 2.0 : 3.4;
        for (const std::uint32_t row : m_selected)
            painter.drawEllipse(positionOf(row), radius, radius);
    }
    if (m_current) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme.paper, 4.0));
        painter.drawEllipse(positionOf(*m_current), 7.5, 7.5);
        painter.setPen(QPen(theme.ink, 2.0));
        painter.drawEllipse(positionOf(*m_current), 7.5, 7.5);
    }
}

void LatentMap::paintLegend(QPainter& painter, const QRectF& area) const
{
    const Theme theme = Theme::of(this);
    const double line = painter.fontMetrics().height();
    const double top = (area.top() - line) / 2.0;
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (!m_colour.categories.isEmpty()) {
        double right = area.right();
        for (int i = static_cast<int>(m_colour.categories.size()) - 1; i >= 0; --i) {
            const double width = painter.fontMetrics().horizontalAdvance(m_colour.categories[i]);
            painter.setPen(theme.faint);
            painter.drawText(QRectF(right - width, top, width, line), Qt::AlignCenter | Qt::TextDontClip,
                             m_colour.categories[i]);
            painter.fillRect(QRectF(right - width - 13.0, top + line / 2.0 - 4.0, 8.0, 8.0), labelColour(i));
            right -= width + 24.0;
        }
        return;
    }
    const bool density = !m_colour.values;
    const auto figure = [](double value) {
        return QLocale().toString(value, 'g', 3).replace(QLatin1Char('-'), QChar(0x2212));
    };
    const QString low = density ? tr("few") : figure(m_colourRange.low);
    const QString high = density ? tr("many") : figure(m_colourRange.high);
    const double highWidth = painter.fontMetrics().horizontalAdvance(high);
    const double lowWidth = painter.fontMetrics().horizontalAdvance(low);
    const QRectF bar(area.right() - highWidth - 6.0 - kLegendWidth, top + 2.0, kLegendWidth, line - 4.0);
    for (int i = 0; i < kLegendWidth; ++i) {
        const double t = i / (kLegendWidth - 1.0);
        const double shown = density && !theme.dark ? 1.0 - 0.92 * t : t;
        painter.fillRect(QRectF(bar.left() + i, bar.top(), 1.0, bar.height()),
                         colourAt(m_colour.scale, shown));
    }
    painter.setPen(theme.faint);
    painter.drawText(QRectF(bar.right() + 6.0, top, highWidth, line), Qt::AlignCenter | Qt::TextDontClip,
                     high);
    painter.drawText(QRectF(bar.left() - lowWidth - 6.0, top, lowWidth, line),
                     Qt::AlignCenter | Qt::TextDontClip, low);
}

void LatentMap::resizeEvent(QResizeEvent*)
{
    setView(m_view.x, m_view.y);
}

void LatentMap::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange)
        scheduleImage();
    QWidget::changeEvent(event);
}

QSize LatentMap::sizeHint() const
{
    return {620, 520};
}
QSize LatentMap::minimumSizeHint() const
{
    return {260, 220};
}

} // namespace voorwerp::widgets

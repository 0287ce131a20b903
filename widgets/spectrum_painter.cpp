// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/spectrum_painter.h"

#include "core/wavelength_grid.h"
#include "widgets/colour_map.h"
#include "widgets/line_list.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace voorwerp::widgets {

using core::DesiGrid;

namespace {

/// Where two cameras overlap (DESI instrument paper, arXiv:1907.10688, table 1), observed Å.
constexpr std::array<Range, 2> kCameraOverlaps = {Range{5660.0, 5930.0}, Range{7470.0, 7720.0}};

constexpr double kMaskStripHeight = 5.0;
constexpr int kFewestTicks = 3; ///< of an axis of values: fewer do not tell its scale

QString text(const char* source)
{
    return QCoreApplication::translate("SpectrumPlot", source);
}

QColor translucent(QColor colour, int alpha)
{
    colour.setAlpha(alpha);
    return colour;
}

class ScenePainter
{
public:
    ScenePainter(QPainter& painter, const SpectrumScene& scene)
        : m_painter(painter)
        , m_scene(scene)
        , m_geometry(scene.geometry)
        , m_metrics(scene.font)
    {
    }

    void paint()
    {
        m_painter.setFont(m_scene.font);
        paintShading();
        paintGrid();
        paintMarkedRegions();
        if (m_scene.options.showMask)
            paintMask();
        paintLines();
        paintFluxPanel();
        if (m_geometry.hasResidual())
            paintResidualPanel();
        paintFrames();
        paintAxes();
    }

private:
    /// Part of a panel between two wavelengths; empty outside the view.
    QRectF band(const QRectF& area, double lowAngstrom, double highAngstrom) const
    {
        const double left = std::max(area.left(), m_geometry.x.toPixel(lowAngstrom));
        const double right = std::min(area.right(), m_geometry.x.toPixel(highAngstrom));
        return right > left ? QRectF(left, area.top(), std::max(1.0, right - left), area.height()) : QRectF();
    }

    void fillBand(double low, double high, const QColor& colour)
    {
        m_painter.fillRect(band(m_geometry.fluxArea, low, high), colour);
        m_painter.fillRect(band(m_geometry.residualArea, low, high), colour);
    }

    void paintShading()
    {
        for (const Range& overlap : kCameraOverlaps)
            fillBand(overlap.low, overlap.high,
                     translucent(m_scene.theme.accent, m_scene.theme.dark ? 28 : 16));
        for (const SkyBand& sky : skyBands())
            fillBand(sky.lowAngstrom, sky.highAngstrom, translucent(m_scene.theme.faint, 38));
    }

    void paintGrid()
    {
        m_painter.setPen(QPen(m_scene.theme.rule, 1));
        for (const Tick& tick : fluxTicks()) {
            const double y = std::round(m_geometry.y.toPixel(tick.value)) + 0.5;
            m_painter.drawLine(QPointF(m_geometry.fluxArea.left(), y),
                               QPointF(m_geometry.fluxArea.right(), y));
        }
    }

    void paintMarkedRegions()
    {
        for (const MarkedRegion& region : m_scene.spectrum.regions)
            m_painter.fillRect(band(m_geometry.residualArea, region.lowAngstrom, region.highAngstrom),
                               translucent(m_scene.theme.accent, 52));
    }

    void paintMask()
    {
        for (const MaskRun& run : m_scene.maskRuns) {
            const QColor colour =
                run.bits == 0U ? m_scene.theme.faint : labelColour(std::countr_zero(run.bits));
            fillBand(run.lowAngstrom, run.highAngstrom, translucent(colour, 40));
            QRectF strip = band(m_geometry.fluxArea, run.lowAngstrom, run.highAngstrom);
            strip.setTop(strip.bottom() - kMaskStripHeight);
            if (strip.width() > 0.0)
                m_painter.fillRect(strip, colour);
        }
    }

    void paintLines()
    {
        if (m_scene.options.lines == LineMode::None || !std::isfinite(m_scene.z))
            return;
        std::vector<SpectralLine> lines;
        std::vector<LabelRequest> requests;
        for (const SpectralLine& line : shownLines(m_scene.options.lines == LineMode::Major)) {
            const double observed = line.vacuumAngstrom * (1.0 + m_scene.z);
            if (!m_geometry.x.data.contains(observed))
                continue;
            lines.push_back(line);
            requests.push_back(
                {m_geometry.x.toPixel(observed), m_metrics.horizontalAdvance(line.name), line.major});
        }
        const QRectF& area = m_geometry.labelArea;
        const auto rows = placeLabels(requests, 2, 6.0, {area.left() - 40.0, area.right() + 12.0});
        for (std::size_t i = 0; i < lines.size(); ++i)
            paintLine(lines[i], requests[i], rows[i]);
    }

    void paintLine(const SpectralLine& line, const LabelRequest& request, int row)
    {
        const Theme& theme = m_scene.theme;
        const double x = std::round(request.centre) + 0.5;
        const double rowHeight = m_metrics.height();
        const double labelBottom = m_geometry.labelArea.bottom() - 3.0 - std::max(0, row) * rowHeight;
        QPen pen(translucent(line.absorption ? theme.warning : theme.accent, line.major ? 130 : 70), 1);
        pen.setStyle(line.absorption ? Qt::DotLine : Qt::DashLine);
        m_painter.setPen(pen);
        const double top = row > 0 ? labelBottom : m_geometry.fluxArea.top();
        m_painter.drawLine(QPointF(x, row > 0 ? top + 1.0 : top), QPointF(x, m_geometry.fluxArea.bottom()));
        if (m_geometry.hasResidual())
            m_painter.drawLine(QPointF(x, m_geometry.residualArea.top()),
                               QPointF(x, m_geometry.residualArea.bottom()));
        if (row < 0)
            return;
        const QRectF box(request.centre - 0.5 * request.width, labelBottom - rowHeight, request.width,
                         rowHeight);
        m_painter.fillRect(box, theme.paper);
        m_painter.setPen(line.absorption ? theme.warning : theme.ink);
        m_painter.drawText(box, Qt::AlignCenter | Qt::TextDontClip, line.name);
    }

    /// A curve: one vertical stroke a column when pixels are dense, else steps through the pixels.
    void strokeCurve(const std::vector<float>& values, const AxisMap& y, const QRectF& clip, const QPen& pen,
                     bool steps)
    {
        m_painter.save();
        m_painter.setClipRect(clip);
        m_painter.setPen(pen);
        const double columnsPerPixel = DesiGrid::kStepAngstrom / m_geometry.x.dataPerPixel();
        if (columnsPerPixel < 0.8)
            strokeColumns(values, y);
        else
            strokePixels(values, y, steps);
        m_painter.restore();
    }

    void strokeColumns(const std::vector<float>& values, const AxisMap& y)
    {
        const auto columns = binColumns(values, m_geometry.x);
        QVector<QLineF> strokes;
        strokes.reserve(static_cast<int>(columns.size()));
        const double firstX = std::floor(m_geometry.x.pixelLow) + 0.5;
        const ColumnRange* previous = nullptr;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            ColumnRange column = columns[i];
            if (column.empty) {
                previous = nullptr;
                continue;
            }
            if (previous != nullptr) { // reach the neighbour, so that steep flanks stay connected
                column.low = std::min(column.low, previous->high);
                column.high = std::max(column.high, previous->low);
            }
            const double x = firstX + static_cast<double>(i);
            const double top = y.toPixel(column.high);
            strokes.push_back(QLineF(x, top, x, std::max(top + 1.0, y.toPixel(column.low))));
            previous = &columns[i];
        }
        m_painter.drawLines(strokes);
    }

    void strokePixels(const std::vector<float>& values, const AxisMap& y, bool steps)
    {
        auto [first, last] = pixelRange(m_geometry.x.data);
        first = first > 0 ? first - 1 : 0;
        last = std::min(values.size(), last + 1);
        QPolygonF line;
        for (std::size_t i = first; i <= last; ++i) {
            if (i == last || !std::isfinite(values[i])) {
                m_painter.drawPolyline(line);
                line.clear();
                continue;
            }
            const double centre = DesiGrid::wavelength(i);
            const double height = y.toPixel(values[i]);
            if (steps) {
                line << QPointF(m_geometry.x.toPixel(centre - 0.5 * DesiGrid::kStepAngstrom), height)
                     << QPointF(m_geometry.x.toPixel(centre + 0.5 * DesiGrid::kStepAngstrom), height);
            } else {
                line << QPointF(m_geometry.x.toPixel(centre), height);
            }
        }
    }

    void paintFluxPanel()
    {
        const Theme& theme = m_scene.theme;
        const QRectF& area = m_geometry.fluxArea;
        if (m_geometry.y.data.contains(0.0)) {
            m_painter.setPen(QPen(theme.faint, 1));
            const double zero = std::round(m_geometry.y.toPixel(0.0)) + 0.5;
            m_painter.drawLine(QPointF(area.left(), zero), QPointF(area.right(), zero));
        }
        strokeCurve(m_scene.prepared.sigma, m_geometry.y, area, QPen(theme.noise, 1), true);
        strokeCurve(m_scene.prepared.flux, m_geometry.y, area, QPen(theme.data, 1), true);
        if (m_scene.options.showModel && m_scene.prepared.hasModel()) {
            m_painter.setRenderHint(QPainter::Antialiasing);
            strokeModel(area);
            m_painter.setRenderHint(QPainter::Antialiasing, false);
        }
    }

    void strokeModel(const QRectF& area)
    {
        const auto columns = binColumns(m_scene.prepared.model, m_geometry.x);
        const double firstX = std::floor(m_geometry.x.pixelLow) + 0.5;
        m_painter.save();
        m_painter.setClipRect(area);
        m_painter.setPen(QPen(m_scene.theme.accent, 2.0));
        if (DesiGrid::kStepAngstrom / m_geometry.x.dataPerPixel() >= 0.8) {
            strokePixels(m_scene.prepared.model, m_geometry.y, false);
            m_painter.restore();
            return;
        }
        QPolygonF line;
        for (std::size_t i = 0; i <= columns.size(); ++i) {
            if (i < columns.size() && !columns[i].empty) {
                line << QPointF(firstX + static_cast<double>(i),
                                m_geometry.y.toPixel(0.5 * (columns[i].low + columns[i].high)));
                continue;
            }
            m_painter.drawPolyline(line);
            line.clear();
        }
        m_painter.restore();
    }

    void paintResidualPanel()
    {
        const Theme& theme = m_scene.theme;
        const QRectF& area = m_geometry.residualArea;
        const double up = m_geometry.residual.toPixel(1.0);
        m_painter.fillRect(QRectF(area.left(), up, area.width(), m_geometry.residual.toPixel(-1.0) - up),
                           translucent(theme.rule, 110));
        m_painter.setPen(QPen(theme.rule, 1, Qt::DashLine));
        for (const double sigma : {-3.0, 3.0}) {
            const double y = std::round(m_geometry.residual.toPixel(sigma)) + 0.5;
            m_painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        }
        strokeCurve(m_scene.prepared.residual, m_geometry.residual, area, QPen(theme.data, 1), true);
        m_painter.setPen(QPen(theme.accent, 1));
        const double zero = std::round(m_geometry.residual.toPixel(0.0)) + 0.5;
        m_painter.drawLine(QPointF(area.left(), zero), QPointF(area.right(), zero));
    }

    void paintFrames()
    {
        m_painter.setPen(QPen(m_scene.theme.faint, 1));
        m_painter.setBrush(Qt::NoBrush);
        for (const QRectF& area : {m_geometry.fluxArea, m_geometry.residualArea}) {
            if (area.height() > 0.0)
                m_painter.drawRect(QRectF(area.toRect()).adjusted(0.5, 0.5, -0.5, -0.5));
        }
    }

    std::vector<Tick> fluxTicks() const
    {
        return makeTicks(
            m_geometry.y.data,
            std::max(2, static_cast<int>(m_geometry.fluxArea.height() / (3.2 * m_metrics.height()))),
            kFewestTicks);
    }

    void paintValueTicks(const std::vector<Tick>& ticks, const AxisMap& axis)
    {
        for (const Tick& tick : ticks) {
            const double y = axis.toPixel(tick.value);
            const double right = m_geometry.x.pixelLow;
            m_painter.drawLine(QPointF(right - 4.0, std::round(y) + 0.5),
                               QPointF(right, std::round(y) + 0.5));
            m_painter.drawText(QRectF(0.0, y - m_metrics.height(), right - 7.0, 2.0 * m_metrics.height()),
                               Qt::AlignRight | Qt::AlignVCenter, tick.label);
        }
    }

    void paintAxes()
    {
        m_painter.setPen(QPen(m_scene.theme.faint, 1));
        paintValueTicks(fluxTicks(), m_geometry.y);
        paintVertical(text("Flux [10⁻¹⁷ erg s⁻¹ cm⁻² Å⁻¹]"), text("Flux [10⁻¹⁷ cgs]"), m_geometry.fluxArea);
        if (m_geometry.hasResidual()) {
            const int wanted =
                std::max(2, static_cast<int>(m_geometry.residualArea.height() / (2.2 * m_metrics.height())));
            paintValueTicks(makeTicks(m_geometry.residual.data, wanted, kFewestTicks), m_geometry.residual);
            paintVertical(text("Residual [σ]"), text("[σ]"), m_geometry.residualArea);
        }
        paintWavelengthAxis();
    }

    void paintVertical(const QString& wide, const QString& narrow, const QRectF& area)
    {
        const QString& title = m_metrics.horizontalAdvance(wide) <= area.height() + 8.0 ? wide : narrow;
        m_painter.save();
        m_painter.translate(0.0, area.center().y());
        m_painter.rotate(-90.0);
        m_painter.drawText(QRectF(-300.0, 0.0, 600.0, m_metrics.height()), Qt::AlignCenter, title);
        m_painter.restore();
    }

    void paintWavelengthAxis()
    {
        const bool rest = m_scene.options.restFrame && std::isfinite(m_scene.z);
        const double scale = rest ? 1.0 + m_scene.z : 1.0;
        const Range shown = {m_geometry.x.data.low / scale, m_geometry.x.data.high / scale};
        const QRectF& area = m_geometry.hasResidual() ? m_geometry.residualArea : m_geometry.fluxArea;
        const int wanted = std::max(2, static_cast<int>(area.width() / (5.5 * m_metrics.height())));
        const double half = 3.0 * m_metrics.height();
        for (const Tick& tick : makeTicks(shown, wanted)) {
            const double x = std::round(m_geometry.x.toPixel(tick.value * scale)) + 0.5;
            m_painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 4.0));
            m_painter.drawText(QRectF(x - half, area.bottom() + 5.0, 2.0 * half, m_metrics.height()),
                               Qt::AlignHCenter | Qt::AlignTop, tick.label);
        }
        m_painter.drawText(QRectF(area.left(), area.bottom() + 5.0 + m_metrics.height(), area.width(),
                                  m_metrics.height() + 2.0),
                           Qt::AlignHCenter | Qt::AlignTop,
                           rest ? text("Rest wavelength at z %1, vacuum [Å]").arg(m_scene.z, 0, 'f', 4)
                                : text("Observed wavelength, vacuum [Å]"));
    }

    QPainter& m_painter;
    const SpectrumScene& m_scene;
    const SpectrumGeometry& m_geometry;
    QFontMetricsF m_metrics;
};

} // namespace

void paintSpectrum(QPainter& painter, const SpectrumScene& scene)
{
    ScenePainter(painter, scene).paint();
}

} // namespace voorwerp::widgets

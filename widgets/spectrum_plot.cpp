// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/spectrum_plot.h"

#include "core/wavelength_grid.h"
#include "widgets/line_list.h"
#include "widgets/spectrum_controls.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

using core::DesiGrid;

namespace {

constexpr Range kWholeRange = {DesiGrid::kFirstAngstrom - 20.0, DesiGrid::kLastAngstrom + 20.0};
constexpr double kNarrowestRange = 20.0; // Å

bool isDrawable(const SpectrumData& spectrum)
{
    const auto fits = [](std::size_t size) { return size == 0 || size == DesiGrid::kPixels; };
    return spectrum.flux.size() == DesiGrid::kPixels && spectrum.ivar.size() == DesiGrid::kPixels &&
           fits(spectrum.mask.size()) && fits(spectrum.model.size()) && fits(spectrum.residual.size());
}

} // namespace

SpectrumPlot::SpectrumPlot(QWidget* parent)
    : QWidget(parent)
    , m_range(kWholeRange)
    , m_emptyText(tr("No spectrum chosen"))
    , m_controls(new SpectrumControls(this))
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    m_controls->setFont(smallFont(font()));
    connect(m_controls, &SpectrumControls::chosen, this, &SpectrumPlot::run);
    updateControls();
}

void SpectrumPlot::setSpectrum(std::shared_ptr<const SpectrumData> spectrum)
{
    const bool sameObject = spectrum && m_spectrum && spectrum->title == m_spectrum->title;
    m_spectrum = std::move(spectrum);
    if (!sameObject) {
        m_trialZ.reset();
        m_range = kWholeRange;
        m_fluxZoom = 1.0;
    }
    prepare();
    updateControls();
}

void SpectrumPlot::setEmptyText(const QString& text)
{
    m_emptyText = text;
    update();
}

void SpectrumPlot::setOptions(const SpectrumPlotOptions& options)
{
    const bool smoothed = options.smoothingPixels != m_options.smoothingPixels;
    m_options = options;
    if (smoothed)
        prepare();
    updateControls();
    invalidate();
}

void SpectrumPlot::changeOptions(const SpectrumPlotOptions& options)
{
    if (options == m_options)
        return;
    setOptions(options);
    Q_EMIT optionsChanged(m_options);
}

double SpectrumPlot::shownZ() const
{
    return m_trialZ.value_or(m_spectrum ? m_spectrum->z : std::numeric_limits<double>::quiet_NaN());
}

void SpectrumPlot::setTrialZ(std::optional<double> z)
{
    if (z == m_trialZ || !m_spectrum)
        return;
    m_trialZ = z;
    updateControls();
    invalidate();
    Q_EMIT shownZChanged(shownZ(), zIsTrial());
}

void SpectrumPlot::setWavelengthRange(Range observedAngstrom)
{
    m_range = clampedTo(observedAngstrom, kWholeRange, kNarrowestRange);
    invalidate();
    Q_EMIT wavelengthRangeChanged();
}

void SpectrumPlot::resetView()
{
    m_fluxZoom = 1.0;
    setWavelengthRange(kWholeRange);
}

void SpectrumPlot::zoomTo(const MarkedRegion& region)
{
    const double room = std::max(60.0, region.highAngstrom - region.lowAngstrom);
    setWavelengthRange({region.lowAngstrom - room, region.highAngstrom + room});
}

void SpectrumPlot::prepare()
{
    const bool drawable = m_spectrum && isDrawable(*m_spectrum);
    m_prepared = drawable ? prepareSpectrum(*m_spectrum, m_options.smoothingPixels) : PreparedSpectrum{};
    m_maskRuns = drawable ? maskRuns(*m_spectrum) : std::vector<MaskRun>{};
    invalidate();
}

void SpectrumPlot::updateControls()
{
    m_controls->show(m_options, std::isfinite(shownZ()), zIsTrial());
}

QRect SpectrumPlot::readoutRect() const
{
    const int line = QFontMetrics(font()).height() + 4;
    return {6, m_controls->height(), width() - 12, line};
}

QRect SpectrumPlot::plotRect() const
{
    const int top = readoutRect().bottom() + 1;
    return {0, top, width(), std::max(40, height() - top)};
}

QPointF SpectrumPlot::onPlot(QPointF position) const
{
    return position - QPointF(plotRect().topLeft());
}

QPointF SpectrumPlot::positionOf(double observedAngstrom, double flux) const
{
    return QPointF(m_geometry.x.toPixel(observedAngstrom), m_geometry.y.toPixel(flux)) +
           QPointF(plotRect().topLeft());
}

void SpectrumPlot::layoutPlot()
{
    const QFontMetricsF metrics(smallFont(font()));
    Range flux = fluxRange(m_prepared, m_range);
    const double zero = flux.contains(0.0) ? 0.0 : flux.low;
    flux = {zero + (flux.low - zero) / m_fluxZoom, zero + (flux.high - zero) / m_fluxZoom};
    m_geometry = SpectrumGeometry::make(plotRect().size(), metrics.height(),
                                        metrics.horizontalAdvance(QStringLiteral("−00.0")), m_range, flux,
                                        residualRange(m_prepared, m_range), !m_prepared.residual.empty());
}

void SpectrumPlot::invalidate()
{
    m_cache = QPixmap();
    layoutPlot();
    update();
}

SpectrumScene SpectrumPlot::scene() const
{
    return {*m_spectrum, m_prepared, m_maskRuns,           m_geometry,
            m_options,   shownZ(),   Theme::of(palette()), smallFont(font())};
}

void SpectrumPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme theme = Theme::of(this);
    if (m_prepared.goodPixels == 0) {
        painter.fillRect(rect(), theme.paper);
        painter.setPen(theme.faint);
        const QString cause = !m_spectrum                ? m_emptyText
                              : !isDrawable(*m_spectrum) ? tr("This spectrum has no pixels.")
                                                         : allMaskedText();
        painter.drawText(plotRect(), Qt::AlignCenter | Qt::TextWordWrap, cause);
        return;
    }
    if (m_cache.isNull()) {
        m_cache = QPixmap(plotRect().size() * devicePixelRatioF());
        m_cache.setDevicePixelRatio(devicePixelRatioF());
        m_cache.fill(theme.paper);
        QPainter cachePainter(&m_cache);
        paintSpectrum(cachePainter, scene());
    }
    painter.fillRect(QRect(0, 0, width(), plotRect().top()), theme.paper);
    painter.drawPixmap(plotRect().topLeft(), m_cache);
    paintReadout(painter);
    paintOverlay(painter);
}

QString SpectrumPlot::allMaskedText() const
{
    std::uint32_t bits = 0;
    for (const MaskRun& run : m_maskRuns)
        bits |= run.bits;
    const QString names =
        bits == 0U ? tr("no inverse variance") : specMaskNames(bits).join(QStringLiteral(", "));
    return tr("Every pixel of this spectrum is masked (%1).").arg(names);
}

void SpectrumPlot::paintOverlay(QPainter& painter) const
{
    if (!m_cursor)
        return;
    const Theme theme = Theme::of(this);
    painter.translate(plotRect().topLeft());
    if (m_dragStart) {
        const double left = std::clamp(std::min(m_dragStart->x(), m_cursor->x()), m_geometry.x.pixelLow,
                                       m_geometry.x.pixelHigh);
        const double right = std::clamp(std::max(m_dragStart->x(), m_cursor->x()), m_geometry.x.pixelLow,
                                        m_geometry.x.pixelHigh);
        painter.fillRect(QRectF(left, m_geometry.fluxArea.top(), right - left, m_geometry.fluxArea.height()),
                         theme.highlight);
    }
    if (!m_geometry.x.data.contains(m_geometry.x.toData(m_cursor->x())))
        return;
    painter.setPen(QPen(theme.faint, 1));
    const double x = std::round(m_cursor->x()) + 0.5;
    for (const QRectF& area : {m_geometry.fluxArea, m_geometry.residualArea})
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
}

QString SpectrumPlot::readoutAt(double observedAngstrom) const
{
    const double pixel = std::round(DesiGrid::pixelOf(observedAngstrom));
    if (m_prepared.goodPixels == 0 || pixel < 0.0 || pixel >= static_cast<double>(DesiGrid::kPixels))
        return {};
    const auto index = static_cast<std::size_t>(pixel);
    QString words = tr("λ %1 Å").arg(DesiGrid::wavelength(index), 0, 'f', 1);
    if (std::isfinite(shownZ()))
        words += tr("   rest %1 Å").arg(DesiGrid::wavelength(index) / (1.0 + shownZ()), 0, 'f', 1);
    if (std::isfinite(m_prepared.flux[index]))
        words += tr("   flux %1 ± %2")
                     .arg(m_prepared.flux[index], 0, 'f', 2)
                     .arg(m_prepared.sigma[index], 0, 'f', 2);
    else
        words += tr("   masked");
    if (!m_prepared.residual.empty() && std::isfinite(m_prepared.residual[index]))
        words += tr("   residual %1 σ").arg(m_prepared.residual[index], 0, 'f', 1);
    return words.replace(QLatin1Char('-'), QChar(0x2212));
}

void SpectrumPlot::paintReadout(QPainter& painter) const
{
    const Theme theme = Theme::of(this);
    painter.setFont(tabularFont(font()));
    const double z = shownZ();
    QString left = std::isfinite(z) ? QString() : tr("no redshift"); // its own z stands in the title
    if (zIsTrial())
        left = tr("z %1 trial").arg(z, 0, 'f', 4);
    painter.setPen(zIsTrial() ? theme.warning : theme.ink);
    painter.drawText(readoutRect(), Qt::AlignLeft | Qt::AlignVCenter, left);
    if (!m_cursor)
        return;
    QRect right = readoutRect();
    right.setLeft(right.left() + painter.fontMetrics().horizontalAdvance(left) + 12);
    painter.setPen(theme.faint);
    const QString words = readoutAt(m_geometry.x.toData(m_cursor->x()));
    if (painter.fontMetrics().horizontalAdvance(words) > right.width())
        painter.setFont(smallFont(font()));
    painter.drawText(right, Qt::AlignRight | Qt::AlignVCenter, words);
}

void SpectrumPlot::moveCursor(std::optional<QPointF> position)
{
    if (m_dragStart) {
        update(plotRect());
    } else {
        for (const auto& place : {m_cursor, position}) {
            if (place)
                update(QRect(static_cast<int>(place->x()) - 2, plotRect().top(), 5, plotRect().height()));
        }
    }
    update(readoutRect());
    m_cursor = position;
}

QString SpectrumPlot::tipAt(QPointF position) const
{
    const double wavelength = m_geometry.x.toData(position.x());
    const auto run = std::find_if(m_maskRuns.begin(), m_maskRuns.end(), [&](const MaskRun& candidate) {
        return wavelength >= candidate.lowAngstrom - m_geometry.x.dataPerPixel() &&
               wavelength <= candidate.highAngstrom + m_geometry.x.dataPerPixel();
    });
    QStringList parts;
    if (run != m_maskRuns.end()) {
        parts << tr("masked %1 to %2 Å").arg(run->lowAngstrom, 0, 'f', 1).arg(run->highAngstrom, 0, 'f', 1);
        for (int bit = 0; bit < 32; ++bit) {
            const MaskBit name = specMaskBit(bit);
            if (run->bits & (1U << bit))
                parts << (name.meaning.isEmpty() ? name.name
                                                 : name.name + QStringLiteral(": ") + name.meaning);
        }
        if (run->bits == 0U)
            parts << tr("no inverse variance");
    }
    for (const SkyBand& sky : skyBands()) {
        if (wavelength >= sky.lowAngstrom && wavelength <= sky.highAngstrom)
            parts << sky.name;
    }
    for (const MarkedRegion& region : m_spectrum->regions) {
        if (wavelength >= region.lowAngstrom && wavelength <= region.highAngstrom)
            parts << region.text;
    }
    return parts.join(QLatin1Char('\n'));
}

void SpectrumPlot::resizeEvent(QResizeEvent*)
{
    m_controls->setGeometry(4, 0, width() - 8, m_controls->sizeHint().height());
    invalidate();
}

void SpectrumPlot::changeEvent(QEvent* event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        invalidate();
    QWidget::changeEvent(event);
}

QSize SpectrumPlot::sizeHint() const
{
    return {640, 460};
}
QSize SpectrumPlot::minimumSizeHint() const
{
    return {280, 240};
}

} // namespace voorwerp::widgets

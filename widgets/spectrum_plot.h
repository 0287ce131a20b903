// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The spectrum panel: flux with noise, model, residual in σ below, lines at the redshift, masks. Painted in
// software; what does not change with the cursor is kept in a pixmap. Keys: spectrum_commands.h. Mouse: drag
// = zoom into a wavelength range, wheel = zoom at the cursor, Shift+wheel = flux scale, middle or Ctrl+drag =
// pan, double click = whole range.

#include "widgets/spectrum_data.h"
#include "widgets/spectrum_painter.h"

#include <QPixmap>
#include <QWidget>

#include <memory>
#include <optional>

namespace voorwerp::widgets {

class SpectrumControls;
enum class SpectrumCommand;

class SpectrumPlot : public QWidget
{
    Q_OBJECT
public:
    explicit SpectrumPlot(QWidget* parent = nullptr);

    /// Null shows the empty text. Keeps the wavelength range when the new spectrum has the same title.
    void setSpectrum(std::shared_ptr<const SpectrumData> spectrum);
    const std::shared_ptr<const SpectrumData>& spectrum() const { return m_spectrum; }
    /// What to say while there is no spectrum ("Choose a target in the table").
    void setEmptyText(const QString& text);

    SpectrumPlotOptions options() const { return m_options; }
    void setOptions(const SpectrumPlotOptions& options);

    /// The z at which lines stand: the spectrum's own until nudged.
    double shownZ() const;
    bool zIsTrial() const { return m_trialZ.has_value(); }
    void setTrialZ(std::optional<double> z);

    /// Observed wavelengths shown [Å].
    Range wavelengthRange() const { return m_range; }
    void setWavelengthRange(Range observedAngstrom);
    void resetView();
    /// What a key, a button or a menu asks for. Without a known redshift, what needs one does nothing.
    void run(SpectrumCommand command);
    /// Shows a stretch with some room around it (an explanation was clicked).
    void zoomTo(const MarkedRegion& region);

    /// Widget position of an observed wavelength and a flux.
    QPointF positionOf(double observedAngstrom, double flux) const;
    /// The text of the readout at an observed wavelength; empty outside.
    QString readoutAt(double observedAngstrom) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void optionsChanged(const voorwerp::widgets::SpectrumPlotOptions& options);
    /// z was nudged (trial true) or reset.
    void shownZChanged(double z, bool trial);
    void wavelengthRangeChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    void updateControls();
    void prepare();
    void layoutPlot();
    void invalidate();
    void nudgeZ(double step);
    void moveCursor(std::optional<QPointF> position);
    void changeOptions(const SpectrumPlotOptions& options);
    void paintOverlay(QPainter& painter) const;
    void paintReadout(QPainter& painter) const;
    QRect plotRect() const;
    QRect readoutRect() const;
    QPointF onPlot(QPointF position) const;
    QString tipAt(QPointF onPlot) const;
    QString allMaskedText() const;
    SpectrumScene scene() const;

    std::shared_ptr<const SpectrumData> m_spectrum;
    SpectrumPlotOptions m_options;
    PreparedSpectrum m_prepared;
    std::vector<MaskRun> m_maskRuns;
    SpectrumGeometry m_geometry; ///< origin at the top left of plotRect()
    Range m_range;
    double m_fluxZoom = 1.0;
    std::optional<double> m_trialZ;
    QString m_emptyText;
    QPixmap m_cache; ///< plotRect() without cursor
    std::optional<QPointF> m_cursor;
    std::optional<QPointF> m_dragStart;
    std::optional<QPointF> m_panLast;
    SpectrumControls* m_controls = nullptr;
};

} // namespace voorwerp::widgets

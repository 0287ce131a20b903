// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How far matches lie apart, beside how many would do so by chance: a histogram of separations with two
// curves, and what a radius under the pointer would give. A click chooses that radius.

#include "widgets/axis_map.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace voorwerp::widgets {

/// Totals within a radius; the radii grow in equal steps from the first.
struct SeparationPoint
{
    double radius = 0.0;  ///< arcsec
    double matched = 0.0; ///< rows with a match within it
    double chance = 0.0;  ///< of these by chance, from densities
    double shifted = 0.0; ///< the same, from shifted places
};

class SeparationPlot : public QWidget
{
    Q_OBJECT
public:
    explicit SeparationPlot(QWidget* parent = nullptr);
    /// radius: of the match that is shown, in arcsec.
    void setPoints(std::vector<SeparationPoint> points, double radius);
    /// "within 0.80″: 2,001 matched, 0.3 by chance": of the point nearest to a radius.
    QString sentence(double radius) const;
    QRectF plotArea() const;
    QSize sizeHint() const override { return {480, 220}; }
    QSize minimumSizeHint() const override { return {240, 120}; }

Q_SIGNALS:
    void radiusChosen(double arcsec);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    void layOut();
    void paintAxes(QPainter& painter) const;
    void paintCurve(QPainter& painter, double SeparationPoint::*member) const;
    double inBin(std::size_t i, double SeparationPoint::*member) const;
    const SeparationPoint& pointAt(double radius) const;

    std::vector<SeparationPoint> m_points;
    double m_radius = 0.0;
    AxisMap m_x, m_y;
    std::vector<Tick> m_xTicks, m_yTicks;
    std::optional<double> m_pointer; ///< arcsec
};

} // namespace voorwerp::widgets

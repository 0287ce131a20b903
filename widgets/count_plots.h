// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Counts in bins as two small plots that choose ranges: along one axis (n(z)) and on the sky. A drag chooses
// a range, a click the bin below it. What is counted and what a range means is not known here.

#include "widgets/axis_map.h"

#include <QImage>
#include <QWidget>

#include <cstdint>
#include <optional>
#include <vector>

namespace voorwerp::widgets {

/// Counts along one axis; bins of equal width over the range.
struct BinnedCounts
{
    Range range;
    std::vector<std::int64_t> counts;

    std::int64_t highest() const;
    /// The edges of the bins that two values lie in, in any order; values outside go to the outermost bins.
    Range binsBetween(double a, double b) const;
};

/// Counts on the sky, plate carrée, degrees. Row-major (dec, ra), both ascending.
struct SkyCounts
{
    Range ra{0.0, 360.0};
    Range dec{-90.0, 90.0};
    int raBins = 0;
    int decBins = 0;
    std::vector<std::int64_t> counts;

    BinnedCounts raAxis() const { return {ra, std::vector<std::int64_t>(static_cast<std::size_t>(raBins))}; }
    BinnedCounts decAxis() const
    {
        return {dec, std::vector<std::int64_t>(static_cast<std::size_t>(decBins))};
    }
    /// One pixel a bin, right ascension to the left and north up: log counts from faint to strong, bins that
    /// hold something before the filter but nothing now in the colour before. Transparent where nothing is.
    QImage image(const SkyCounts& before, QRgb beforeColour, QRgb strong) const;
};

/// What both plots share: the frame, a drag over it, ticks made when size or range change, never in paint.
class CountPlot : public QWidget
{
    Q_OBJECT
public:
    explicit CountPlot(QWidget* parent = nullptr);
    QSize sizeHint() const override { return {220, 150}; }
    QSize minimumSizeHint() const override { return {140, 90}; }
    QRectF plotArea() const;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

    void setAxes(Range x, bool xToTheLeft, std::optional<Range> y, const QString& xName,
                 const QString& yName);
    const AxisMap& xAxis() const { return m_x; }
    const AxisMap& yAxis() const { return m_y; }
    /// Draws the counts inside plotArea().
    virtual void paintCounts(QPainter& painter) const = 0;
    /// The chosen box in pixels; null: none.
    virtual QRectF chosenBox() const = 0;
    /// The box of whole bins between two places; nothing is emitted.
    virtual QRectF boxBetween(QPointF a, QPointF b) const = 0;
    virtual void choose(QPointF a, QPointF b) = 0;
    virtual void chooseNothing() = 0;

private:
    void layOut();
    void paintTicks(QPainter& painter) const;

    Range m_xRange;
    std::optional<Range> m_yRange;
    bool m_xToTheLeft = false;
    QString m_xName, m_yName;
    AxisMap m_x, m_y;
    std::vector<Tick> m_xTicks, m_yTicks;
    std::optional<QPointF> m_press;
    QPointF m_cursor;
};

/// A histogram along one axis.
class RangePlot : public CountPlot
{
    Q_OBJECT
public:
    explicit RangePlot(const QString& name, QWidget* parent = nullptr);
    /// before: without the filter, drawn behind; the same bins.
    void setCounts(BinnedCounts counts, BinnedCounts before);
    void setChosen(std::optional<Range> range);

Q_SIGNALS:
    void rangeChosen(std::optional<voorwerp::widgets::Range> range);

protected:
    void paintCounts(QPainter& painter) const override;
    QRectF chosenBox() const override;
    QRectF boxBetween(QPointF a, QPointF b) const override;
    void choose(QPointF a, QPointF b) override;
    void chooseNothing() override;

private:
    QString m_name;
    BinnedCounts m_counts, m_before;
    std::optional<Range> m_chosen;
};

/// The footprint: RA increases to the left.
class SkyPlot : public CountPlot
{
    Q_OBJECT
public:
    explicit SkyPlot(QWidget* parent = nullptr);
    void setCounts(const SkyCounts& counts, const SkyCounts& before);
    void setChosen(std::optional<Range> ra, std::optional<Range> dec);

Q_SIGNALS:
    void boxChosen(std::optional<voorwerp::widgets::Range> ra, std::optional<voorwerp::widgets::Range> dec);

protected:
    void paintCounts(QPainter& painter) const override;
    QRectF chosenBox() const override;
    QRectF boxBetween(QPointF a, QPointF b) const override;
    void choose(QPointF a, QPointF b) override;
    void chooseNothing() override;

private:
    BinnedCounts m_ra, m_dec; ///< the bins of the axes
    QImage m_image;
    std::optional<Range> m_chosenRa, m_chosenDec;
};

} // namespace voorwerp::widgets

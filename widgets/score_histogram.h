// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The distribution of one score: log counts, the selection in the accent colour, a cut that can be dragged.
// Keys: left/right move the cut by a bin, Escape takes it away.

#include "widgets/axis_map.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace voorwerp::widgets {

/// Equal bins over a range; values outside go to the first and last bin, NaN is left out.
struct Histogram
{
    Range range;
    std::vector<std::uint32_t> counts;
    static Histogram make(std::span<const float> values, Range range, int bins);
    int binOf(double value) const;
};

class ScoreHistogram : public QWidget
{
    Q_OBJECT
public:
    explicit ScoreHistogram(QWidget* parent = nullptr);

    /// name goes below the axis, with its unit if it has one. Null: empty text. Clears selection and cut.
    void setValues(std::shared_ptr<const std::vector<float>> values, const QString& name);
    void setSelectedRows(const std::vector<std::uint32_t>& rows);
    void setEmptyText(const QString& text);
    /// Emits nothing.
    void setCut(std::optional<double> cut);
    std::optional<double> cut() const { return m_cut; }
    /// How many values are at or above the cut.
    std::size_t countAbove(double value) const;
    /// Widget x of a value.
    double pixelOf(double value) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// While dragging.
    void cutMoved(double value);
    /// When the mouse or key is released: the threshold to use. NaN: taken away.
    void cutCommitted(double value);

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    QRectF plotArea() const;
    AxisMap xAxis() const;
    void paintBars(QPainter& painter, const QRectF& area, const AxisMap& y) const;
    void paintCut(QPainter& painter, const QRectF& area) const;

    std::shared_ptr<const std::vector<float>> m_values;
    std::vector<float> m_sorted;
    QString m_name;
    QString m_emptyText;
    Histogram m_all;
    Histogram m_selected;
    std::optional<double> m_cut;
    bool m_dragging = false;
};

} // namespace voorwerp::widgets

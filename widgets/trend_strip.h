// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Quantities that are measured together again and again, as a row of small plots over the last minutes. The
// cursor, by mouse or by the left and right keys, is in all of them at once; Escape takes it away.

#include "widgets/axis_map.h"

#include <QPolygonF>
#include <QStringList>
#include <QWidget>

#include <optional>
#include <vector>

namespace voorwerp::widgets {

/// One quantity, one value a sample; NaN: not known.
struct Trend
{
    QString name;
    Range range; ///< of its axis
    std::vector<double> values;
    std::vector<double> dashed; ///< a part of the same; empty: there is none
};

struct TrendSet
{
    std::vector<double> seconds; ///< of each sample, ascending; the newest is 0
    std::vector<Trend> trends;
};

/// Where a row of plots has its parts, in pixels.
struct TrendGeometry
{
    QSizeF size;
    std::size_t plots = 0;
    double wordsHeight = 0.0; ///< of the name and the value above a plot
    double gutter = 0.0;      ///< left of a plot, for the numbers of its axis
    double secondsShown = 60.0;

    QRectF cell(std::size_t plot) const;
    QRectF area(std::size_t plot) const;
    AxisMap time(std::size_t plot) const;
    /// The time under a place, within what is shown; nullopt: beside the plots.
    std::optional<double> secondsAt(QPointF place) const;
};

/// One, two, five or ten minutes: the shortest that shows the oldest sample. In seconds.
double secondsToShow(const std::vector<double>& seconds);
/// The sample nearest to a time.
std::optional<std::size_t> sampleNear(const std::vector<double>& seconds, double time);
/// Through the known values, in whole pixels, broken where none is known. What does not change the picture is
/// left out: a level line has two points, however many samples it goes through.
std::vector<QPolygonF> trendLines(const std::vector<double>& seconds, const std::vector<double>& values,
                                  const AxisMap& x, const AxisMap& y);

class TrendStrip : public QWidget
{
    Q_OBJECT
public:
    explicit TrendStrip(QWidget* parent = nullptr);

    /// Repaints only the plots that change. The cursor stays at its place: chosen() may be another sample.
    void setTrends(TrendSet set);
    /// The value that stands above each plot, with its unit.
    void setCaptions(const QStringList& captions);
    /// The sample under the cursor; nullopt: there is no cursor.
    std::optional<std::size_t> chosen() const;
    double secondsShown() const { return m_geometry.secondsShown; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosenChanged(); ///< by the person

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    using Lines = std::vector<QPolygonF>;
    struct Drawn
    {
        Lines solid, dashed;
        bool operator==(const Drawn&) const = default;
    };

    void layOut();
    void setCursorTo(std::optional<double> seconds);
    void paintPlot(QPainter& painter, std::size_t plot) const;
    void paintWords(QPainter& painter, std::size_t plot) const;

    TrendSet m_set;
    QStringList m_captions;
    TrendGeometry m_geometry;
    std::vector<Drawn> m_drawn;
    std::optional<double> m_cursor; ///< seconds
};

} // namespace voorwerp::widgets

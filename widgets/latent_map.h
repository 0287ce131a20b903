// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The latent map: all points as a density image, selected points and the current one on top.
// Mouse: click = nearest point becomes current, drag = lasso (Shift adds, Alt removes), wheel = zoom, middle
// or Ctrl+drag = pan, double click = whole map. Keys: r whole map, +/- zoom, Escape gives up a lasso.

#include "widgets/density_image.h"
#include "widgets/select_mode.h"

#include <QTimer>
#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

class QComboBox;

namespace voorwerp::widgets {

/// Coordinates of the map; both vectors have the same length. Immutable once shared.
struct MapPoints
{
    std::vector<float> x;
    std::vector<float> y;
    QString xName; ///< "PC 1"
    QString yName;
};

/// What colours the map. values empty: the density itself.
struct MapColour
{
    QString name;                                     ///< "score", "z", "label"
    std::shared_ptr<const std::vector<float>> values; ///< one a point; for labels the index, NaN = none
    ColourScale scale = ColourScale::Viridis;
    QStringList categories; ///< names of the indices; empty: a continuous value
};

/// Knows rows (0-based indices into MapPoints), not ids: the page translates.
class LatentMap : public QWidget
{
    Q_OBJECT
public:
    explicit LatentMap(QWidget* parent = nullptr);

    /// Null shows the empty text. Resets colour, selection and view.
    void setPoints(std::shared_ptr<const MapPoints> points);
    void setEmptyText(const QString& text);
    /// The names of the "colour" control on the map; choosing one emits colourChosen.
    void setColourChoices(const QStringList& names, int chosen);
    void setChosenColour(int chosen);
    void setColour(const MapColour& colour);
    void setSelectedRows(std::vector<std::uint32_t> rows);
    void setCurrentRow(std::optional<std::uint32_t> row);

    std::size_t pointCount() const { return m_points ? m_points->x.size() : 0; }
    std::optional<std::uint32_t> currentRow() const { return m_current; }
    const std::vector<std::uint32_t>& selectedRows() const { return m_selected; }
    MapView view() const { return m_view; }
    void resetView();
    /// Where a row lies now, in widget coordinates.
    QPointF positionOf(std::uint32_t row) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void pointClicked(quint32 row);
    /// The rows of a finished lasso; mode from the keys held when it began.
    void lassoed(const std::vector<std::uint32_t>& rows, voorwerp::widgets::SelectMode mode);
    void colourChosen(int index);

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

private:
    QRectF plotArea() const;
    void setView(Range x, Range y);
    void zoomAt(QPointF position, double factor);
    void scheduleImage();
    void renderImage();
    void finishLasso();
    void paintAxes(QPainter& painter, const QRectF& area) const;
    void paintLegend(QPainter& painter, const QRectF& area) const;
    void renderSelection();
    void paintImage(QPainter& painter, const QImage& image, const QRectF& area) const;
    void paintMarks(QPainter& painter) const;
    QPointF dataAt(QPointF position) const;
    /// The row is there, and its place is known.
    bool hasPlace(std::uint32_t row) const;

    std::shared_ptr<const MapPoints> m_points;
    MapColour m_colour;
    Range m_colourRange;
    std::vector<std::uint32_t> m_selected;
    std::optional<std::uint32_t> m_current;
    std::vector<std::uint32_t> m_labelled; ///< rows with a category, when colours are categories
    Range m_fullX;
    Range m_fullY;
    MapView m_view;
    QImage m_image;
    QImage m_selectedImage; ///< when too many are selected to draw one mark each
    MapView m_imageView;    ///< the view the images were made for
    int m_cellSize = 1;     ///< device pixels of an image cell
    QTimer m_imageTimer;
    QComboBox* m_colourBox = nullptr;
    QString m_emptyText;
    std::optional<QPointF> m_pressed;
    std::optional<QPointF> m_panLast;
    QPolygonF m_lasso; ///< widget coordinates
    SelectMode m_lassoMode = SelectMode::Replace;
};

} // namespace voorwerp::widgets

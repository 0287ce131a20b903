// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A handful of small previews: rest-frame data in grey, the model's reconstruction in the accent colour.

#include <QString>
#include <QWidget>

#include <vector>

namespace voorwerp::widgets {

/// All vectors have the same length; weight 0 = not observed.
struct Reconstruction
{
    QString title;                 ///< "z 2.225 · χ²/ν 1.08"
    std::vector<float> wavelength; ///< rest frame [Å], increasing
    std::vector<float> flux;       ///< normalised
    std::vector<float> weight;
    std::vector<float> model;
};

class ReconstructionGrid : public QWidget
{
    Q_OBJECT
public:
    explicit ReconstructionGrid(QWidget* parent = nullptr);
    void setItems(std::vector<Reconstruction> items);
    std::size_t count() const { return m_items.size(); }
    void setEmptyText(const QString& text);
    /// Cell of an item, in widget coordinates.
    QRect cell(std::size_t index) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void clicked(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    int columns() const;
    void paintItem(QPainter& painter, const Reconstruction& item, const QRect& area) const;

    std::vector<Reconstruction> m_items;
    QString m_emptyText;
};

} // namespace voorwerp::widgets

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A label of one line that ends in "…" where there is no room, and never asks for room: whatever it says, the
// window keeps its width. The whole text is its tooltip.

#include <QLabel>

namespace voorwerp::widgets {

class ElidedLabel : public QLabel
{
    Q_OBJECT
public:
    using QLabel::QLabel;
    /// Line ends and runs of spaces become one space; the tooltip keeps them.
    void setLine(const QString& text);
    bool isElided() const;

    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace voorwerp::widgets

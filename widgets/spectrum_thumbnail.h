// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A spectrum as a small button: its curve, without axes, over one line of text. A click chooses it.

#include <QAbstractButton>

#include <vector>

namespace voorwerp::widgets {

class SpectrumThumbnail : public QAbstractButton
{
    Q_OBJECT

public:
    explicit SpectrumThumbnail(QWidget* parent = nullptr);

    /// Flux in equal steps from left to right, in any unit; NaN leaves a gap. text() stands below.
    void setCurve(std::vector<float> flux);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<float> m_flux;
};

} // namespace voorwerp::widgets

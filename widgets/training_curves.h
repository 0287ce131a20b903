// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Live curves of a training: loss of the training and validation set, KL, β and learning rate against the
// epoch.

#include <QWidget>

#include <limits>
#include <optional>
#include <vector>

class QLabel;

namespace voorwerp::widgets {

/// One epoch. NaN: not measured.
struct TrainingPoint
{
    double epoch = 0.0;
    double trainLoss = std::numeric_limits<double>::quiet_NaN();
    double validationLoss = std::numeric_limits<double>::quiet_NaN();
    double kl = std::numeric_limits<double>::quiet_NaN();
    double beta = std::numeric_limits<double>::quiet_NaN();
    double learningRate = std::numeric_limits<double>::quiet_NaN();
};

/// At most `maximum` of the points: first, last and the extremes of the validation loss in each stretch stay.
std::vector<TrainingPoint> thinned(const std::vector<TrainingPoint>& points, std::size_t maximum);

class CurvePanel;

class TrainingCurves : public QWidget
{
    Q_OBJECT
public:
    explicit TrainingCurves(QWidget* parent = nullptr);

    void setHistory(std::vector<TrainingPoint> points);
    void append(const TrainingPoint& point);
    void clear();
    const std::vector<TrainingPoint>& history() const { return m_points; }
    /// The epoch whose parameters were kept; drawn as a mark. nullopt: none yet.
    void setBestEpoch(std::optional<double> epoch);
    void setEmptyText(const QString& text);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void redraw();
    void applyTheme();

    std::vector<TrainingPoint> m_points;
    std::optional<double> m_best;
    std::vector<CurvePanel*> m_panels; ///< children
    QLabel* m_empty = nullptr;
};

} // namespace voorwerp::widgets

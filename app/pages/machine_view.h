// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the machine does while a training runs, with the step that it belongs to: plots of the last minutes,
// the values now or under the cursor, and the warnings in force. Hidden until there is a sample.

#include <QWidget>

class QLabel;

namespace voorwerp::widgets {
class ElidedLabel;
class TrendStrip;
} // namespace voorwerp::widgets

namespace voorwerp::app {

class TrainingMonitor;

class MachineView : public QWidget
{
    Q_OBJECT

public:
    /// The monitor outlives the view.
    explicit MachineView(const TrainingMonitor& monitor, QWidget* parent = nullptr);

private:
    void refresh();
    void refreshWords();
    void showWarnings();

    const TrainingMonitor& m_monitor;
    widgets::ElidedLabel* m_heading;
    QLabel* m_warnings;
    widgets::TrendStrip* m_strip;
    widgets::ElidedLabel* m_details;
};

} // namespace voorwerp::app

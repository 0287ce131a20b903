// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The strip at the bottom of the window: one line that is always there, so that nothing moves when jobs come
// and go. It shows the job that matters most with what it does, how far it is, time left and a stop; a failed
// job keeps its row with cause and remedy until it is dismissed or tried again. The other jobs are a panel
// that unfolds over the page.

#include <QString>
#include <QWidget>

#include <map>

class QLabel;
class QScrollArea;
class QToolButton;
class QVBoxLayout;

namespace voorwerp::widgets {

struct JobRow
{
    enum class State { Queued, Running, Stopping, Done, Failed, Stopped };
    qint64 id = 0;
    QString title; ///< "Training vae-3"
    State state = State::Queued;
    QString phase;          ///< "Reading spectra", "epoch 12/40"; what a queued job waits for
    double fraction = -1.0; ///< 0..1; < 0 = unknown
    double secondsLeft = -1.0;
    double ratePerSecond = 0.0;
    QString unit;          ///< "spectra"
    QString error;         ///< cause, when failed or waiting for another attempt
    QString remedy;        ///< what to do, when failed
    bool canRetry = false; ///< a failed or stopped job can be started again
    bool operator==(const JobRow&) const = default;
};

/// "1 min 40 s left", "2 h 5 min left"; empty when unknown.
QString timeLeftText(double seconds);

class JobStrip : public QWidget
{
    Q_OBJECT
public:
    explicit JobStrip(QWidget* parent = nullptr);

    /// Adds the row or changes it in place.
    void setJob(const JobRow& job);
    void removeJob(qint64 id);
    int count() const { return static_cast<int>(m_jobs.size()); }
    /// Unfolds or folds the other jobs; nothing happens where there are none.
    void showOthers(bool shown);

Q_SIGNALS:
    void stopRequested(qint64 id);
    void retryRequested(qint64 id);
    void dismissed(qint64 id);

protected:
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void moveEvent(QMoveEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Row;
    Row* makeRow(QWidget* parent);
    void chooseFront();
    void refresh();
    void placePanel();
    void showDetails(qint64 id);

    std::map<qint64, JobRow> m_jobs;
    qint64 m_front = 0; ///< shown in the strip itself; 0: none
    Row* m_home = nullptr;
    QLabel* m_idle;
    QToolButton* m_more;
    QScrollArea* m_panel;          ///< a child of the window: it lies over the page
    std::map<qint64, Row*> m_rows; ///< of the panel
    QVBoxLayout* m_panelLayout = nullptr;
};

} // namespace voorwerp::widgets

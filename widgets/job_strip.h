// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The strip at the bottom of the window: one row a job with what it does, how far it is, time left and a
// stop; a failed job keeps its row with cause and remedy until it is dismissed or tried again.

#include <QString>
#include <QWidget>

#include <map>
#include <vector>

class QVBoxLayout;

namespace voorwerp::widgets {

struct JobRow
{
    enum class State { Queued, Running, Stopping, Done, Failed };
    qint64 id = 0;
    QString title; ///< "Training vae-3"
    State state = State::Queued;
    QString phase;          ///< "Reading spectra", "epoch 12/40"
    double fraction = -1.0; ///< 0..1; < 0 = unknown
    double secondsLeft = -1.0;
    double ratePerSecond = 0.0;
    QString unit;   ///< "spectra"
    QString error;  ///< cause, when failed
    QString remedy; ///< what to do, when failed
    bool canRetry = false;
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
    /// Exactly these rows, in this order.
    void setJobs(const std::vector<JobRow>& jobs);
    int count() const { return static_cast<int>(m_rows.size()); }

Q_SIGNALS:
    void stopRequested(qint64 id);
    void retryRequested(qint64 id);
    void dismissed(qint64 id);

private:
    class Row;
    std::map<qint64, Row*> m_rows; ///< owned by the layout's widget
    QVBoxLayout* m_layout = nullptr;
};

} // namespace voorwerp::widgets

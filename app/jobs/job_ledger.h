// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Keeps the job queue in PostgreSQL in step with the JobRunner, so that a job that the program died under is
// offered again at the next start. Writes on a thread of its own, in order; GUI thread otherwise.

#include "app/jobs/job_runner.h"

#include <QElapsedTimer>
#include <QHash>
#include <QObject>

#include <functional>
#include <memory>
#include <vector>

namespace voorwerp::catalog {
class Database;
}

namespace voorwerp::app {

class AppContext;

/// A job of an earlier run of the program that did not end.
struct InterruptedJob
{
    qint64 row = 0;
    QString kind;
    QString title;
    QJsonObject configuration;
};

class JobLedger : public QObject
{
    Q_OBJECT

public:
    explicit JobLedger(AppContext& context);
    /// Writes what is still to be written.
    ~JobLedger() override;

    struct Row; ///< of one job; shared with the writing thread

    /// The person does not want an interrupted job again.
    void forget(qint64 row);

    /// From now on a stopped job is one that the closing window interrupted: it is offered again.
    void setClosing(bool closing) { m_closing = closing; }

signals:
    void interruptedFound(const std::vector<voorwerp::app::InterruptedJob>& jobs);

private:
    void onAdded(const JobStatus& job);
    void onChanged(const JobStatus& job);
    void onFinished(const JobStatus& job);
    void onOpened();
    void write(std::function<void(const catalog::Database&)> work);

    AppContext& m_context;
    QThreadPool m_thread; // one thread: rows are written in order
    QHash<quint64, std::shared_ptr<Row>> m_rows;
    bool m_closing = false;
    bool m_searched = false; ///< interrupted jobs are offered once
};

} // namespace voorwerp::app

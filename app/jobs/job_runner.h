// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The only bridge between engine jobs and Qt: runs each job on a thread of its lane and delivers progress,
// outcome and errors as values on the GUI thread. A job that loses its database waits until somebody says
// that it is back, and then goes on. All members are called on the GUI thread.

#include "app/jobs/job.h"

#include <QObject>
#include <QThreadPool>

#include <map>
#include <optional>
#include <stop_token>
#include <vector>

namespace voorwerp::app {

class JobRunner : public QObject
{
    Q_OBJECT

public:
    explicit JobRunner(QObject* parent = nullptr);
    /// Requests all jobs to stop and waits for them.
    ~JobRunner() override;

    /// Queues the job on its lane; returns its id. An ended job of the same kind and title is dismissed.
    quint64 start(JobRequest request);
    void stop(quint64 id);
    void stopAll();
    /// Starts a failed or stopped job again under the same id.
    void retry(quint64 id);
    /// Forgets a job that is over.
    void dismiss(quint64 id);
    /// Jobs that wait for the database go on, or fail because it stays away.
    void databaseIsBack();
    void databaseStaysAway(const ErrorText& error);

    /// Jobs in the order in which they were started.
    std::vector<JobStatus> jobs() const;
    std::optional<JobStatus> job(quint64 id) const;
    /// No job is waiting, running or stopping.
    bool isIdle() const;
    /// Whether a job of this kind is waiting, running or stopping.
    bool isActive(const QString& kind) const;

signals:
    void jobAdded(const voorwerp::app::JobStatus& job);
    void jobChanged(const voorwerp::app::JobStatus& job);
    void jobFinished(const voorwerp::app::JobStatus& job); ///< Done, Failed or Stopped
    void jobDismissed(quint64 id);
    void becameIdle();
    void databaseLost(const voorwerp::app::ErrorText& error); ///< a job waits for it now

private:
    struct Entry
    {
        JobStatus status;
        JobRequest request;
        std::stop_source stop;
        bool resultIsDue = false; ///< launched, and its result has not arrived
    };
    struct Result
    {
        JobState state = JobState::Done;
        JobOutcome outcome;
        ErrorText error;
    };

    void dismissEarlier(const JobRequest& request);
    void launch(Entry& entry);
    void runOnLane(quint64 id, const JobRequest& request, std::stop_token stop);
    void onStarted(quint64 id);
    void onProgress(quint64 id, const core::Progress& progress);
    void onResult(quint64 id, const Result& result);
    bool mayTryAgain(const Entry& entry, const ErrorText& error) const;
    void waitForAnotherAttempt(Entry& entry, const ErrorText& error);
    std::vector<quint64> jobsWaitingForDatabase() const;
    QThreadPool& pool(Lane lane);

    std::map<Lane, QThreadPool> m_pools;
    std::map<quint64, Entry> m_jobs;
    quint64 m_lastId = 0;
};

} // namespace voorwerp::app

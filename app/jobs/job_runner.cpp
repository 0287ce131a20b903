// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/job_runner.h"

#include <QTimer>

#include <chrono>

namespace voorwerp::app {

namespace {
constexpr int kDbThreads = 2;
constexpr int kIoThreads = 2;
constexpr std::chrono::seconds kPauseBeforeRetry{2};
} // namespace

JobRunner::JobRunner(QObject* parent)
    : QObject(parent)
{
    qRegisterMetaType<JobStatus>();
    pool(Lane::Gpu).setMaxThreadCount(1);
    pool(Lane::Db).setMaxThreadCount(kDbThreads);
    pool(Lane::Io).setMaxThreadCount(kIoThreads);
}

JobRunner::~JobRunner()
{
    for (auto& [id, entry] : m_jobs)
        entry.stop.request_stop();
    for (auto& [lane, threads] : m_pools)
        threads.waitForDone();
}

QThreadPool& JobRunner::pool(Lane lane)
{
    return m_pools[lane];
}

quint64 JobRunner::start(JobRequest request)
{
    dismissEarlier(request);
    const quint64 id = ++m_lastId;
    Entry& entry = m_jobs[id];
    entry.status.id = id;
    entry.status.kind = request.kind;
    entry.status.title = request.title;
    entry.status.lane = request.lane;
    entry.status.configuration = request.configuration;
    entry.status.persistent = request.persistent;
    entry.status.storedRow = request.storedRow;
    entry.status.created = QDateTime::currentDateTime();
    entry.request = std::move(request);
    emit jobAdded(entry.status);
    launch(entry);
    return id;
}

/// The same piece of work was tried before: its old row would stand beside the new one.
void JobRunner::dismissEarlier(const JobRequest& request)
{
    std::vector<quint64> earlier;
    for (const auto& [id, entry] : m_jobs)
        if (entry.status.isOver() && entry.status.kind == request.kind && entry.status.title == request.title)
            earlier.push_back(id);
    for (const quint64 id : earlier)
        dismiss(id);
}

void JobRunner::launch(Entry& entry)
{
    entry.stop = std::stop_source();
    entry.resultIsDue = true;
    entry.status.state = JobState::Waiting;
    entry.status.waitsForDatabase = false;
    entry.status.progress = {};
    pool(entry.request.lane)
        .start([this, id = entry.status.id, request = entry.request, stop = entry.stop.get_token()] {
            runOnLane(id, request, stop);
        });
    emit jobChanged(entry.status);
}

// On a thread of the lane. `this` outlives it: the destructor waits for the pools.
void JobRunner::runOnLane(quint64 id, const JobRequest& request, std::stop_token stop)
{
    const auto post = [this](auto function) {
        QMetaObject::invokeMethod(this, std::move(function), Qt::QueuedConnection);
    };
    Result result;
    try {
        core::JobContext context(stop,
                                 [this, id, post](const core::Progress& progress) {
                                     post([this, id, progress] { onProgress(id, progress); });
                                 },
                                 {});
        context.throwIfStopped();
        post([this, id] { onStarted(id); });
        result.outcome = request.work(context);
    } catch (const core::Cancelled&) {
        result.state = JobState::Stopped;
    } catch (...) {
        result.state = JobState::Failed;
        result.error = errorTextOf(std::current_exception());
    }
    post([this, id, result] { onResult(id, result); });
}

void JobRunner::onStarted(quint64 id)
{
    const auto found = m_jobs.find(id);
    if (found == m_jobs.end())
        return;
    JobStatus& status = found->second.status;
    ++status.attempts;
    status.error = {};
    status.started = QDateTime::currentDateTime();
    if (status.state == JobState::Waiting)
        status.state = JobState::Running;
    emit jobChanged(status);
}

void JobRunner::onProgress(quint64 id, const core::Progress& progress)
{
    const auto found = m_jobs.find(id);
    if (found == m_jobs.end() || found->second.status.isOver())
        return;
    found->second.status.progress = progress;
    emit jobChanged(found->second.status);
}

void JobRunner::onResult(quint64 id, const Result& result)
{
    const auto found = m_jobs.find(id);
    if (found == m_jobs.end())
        return;
    Entry& entry = found->second;
    entry.resultIsDue = false;
    if (result.state == JobState::Failed && mayTryAgain(entry, result.error)) {
        waitForAnotherAttempt(entry, result.error);
        return;
    }
    entry.status.state = result.state;
    entry.status.waitsForDatabase = false;
    entry.status.outcome = result.outcome;
    entry.status.error = result.error;
    entry.status.ended = QDateTime::currentDateTime();
    const JobStatus finished = entry.status;
    emit jobChanged(finished);
    emit jobFinished(finished);
    if (isIdle())
        emit becameIdle();
}

bool JobRunner::mayTryAgain(const Entry& entry, const ErrorText& error) const
{
    const bool mayHelp = error.retryable || (error.inDoubt && entry.request.repeatable);
    return mayHelp && entry.status.attempts < entry.request.maximumAttempts && !entry.stop.stop_requested();
}

void JobRunner::waitForAnotherAttempt(Entry& entry, const ErrorText& error)
{
    entry.status.state = JobState::Waiting;
    entry.status.error = error;
    entry.status.waitsForDatabase = error.databaseLost || error.inDoubt;
    const bool lost = entry.status.waitsForDatabase;
    emit jobChanged(entry.status);
    if (lost) {
        emit databaseLost(error);
        return;
    }
    QTimer::singleShot(kPauseBeforeRetry, this, [this, id = entry.status.id] {
        const auto found = m_jobs.find(id);
        if (found != m_jobs.end() && !found->second.status.isOver() && !found->second.resultIsDue)
            launch(found->second);
    });
}

std::vector<quint64> JobRunner::jobsWaitingForDatabase() const
{
    std::vector<quint64> waiting;
    for (const auto& [id, entry] : m_jobs)
        if (entry.status.waitsForDatabase)
            waiting.push_back(id);
    return waiting;
}

void JobRunner::databaseIsBack()
{
    for (const quint64 id : jobsWaitingForDatabase())
        launch(m_jobs.at(id));
}

void JobRunner::databaseStaysAway(const ErrorText& error)
{
    for (const quint64 id : jobsWaitingForDatabase()) {
        Entry& entry = m_jobs.at(id);
        entry.status.attempts = entry.request.maximumAttempts;
        onResult(id, {JobState::Failed, {}, error});
    }
}

void JobRunner::stop(quint64 id)
{
    const auto found = m_jobs.find(id);
    if (found == m_jobs.end() || found->second.status.isOver())
        return;
    Entry& entry = found->second;
    entry.stop.request_stop();
    if (!entry.resultIsDue) {
        onResult(id, {JobState::Stopped, {}, {}});
        return;
    }
    entry.status.state = JobState::Stopping;
    emit jobChanged(entry.status);
}

void JobRunner::stopAll()
{
    std::vector<quint64> active;
    for (const auto& [id, entry] : m_jobs)
        if (!entry.status.isOver())
            active.push_back(id);
    for (const quint64 id : active)
        stop(id);
}

void JobRunner::retry(quint64 id)
{
    const auto found = m_jobs.find(id);
    if (found == m_jobs.end() || !found->second.status.isOver())
        return;
    found->second.status.attempts = 0;
    found->second.status.error = {};
    found->second.status.outcome = {};
    launch(found->second);
}

void JobRunner::dismiss(quint64 id)
{
    const auto found = m_jobs.find(id);
    if (found == m_jobs.end() || !found->second.status.isOver())
        return;
    m_jobs.erase(found);
    emit jobDismissed(id);
}

std::vector<JobStatus> JobRunner::jobs() const
{
    std::vector<JobStatus> result;
    for (const auto& [id, entry] : m_jobs)
        result.push_back(entry.status);
    return result;
}

std::optional<JobStatus> JobRunner::job(quint64 id) const
{
    const auto found = m_jobs.find(id);
    return found == m_jobs.end() ? std::nullopt : std::optional(found->second.status);
}

bool JobRunner::isIdle() const
{
    for (const auto& [id, entry] : m_jobs)
        if (!entry.status.isOver())
            return false;
    return true;
}

bool JobRunner::isActive(const QString& kind) const
{
    for (const auto& [id, entry] : m_jobs)
        if (entry.status.kind == kind && !entry.status.isOver())
            return true;
    return false;
}

} // namespace voorwerp::app

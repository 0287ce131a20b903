// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/job_strip_bridge.h"

#include "app/app_context.h"
#include "widgets/job_strip.h"

#include <QTimer>

#include <algorithm>
#include <chrono>

namespace voorwerp::app {

namespace {

using Row = widgets::JobRow;
constexpr std::chrono::seconds kShowDone{8};

Row::State stateOf(JobState state)
{
    switch (state) {
    case JobState::Waiting:
        return Row::State::Queued;
    case JobState::Running:
        return Row::State::Running;
    case JobState::Stopping:
        return Row::State::Stopping;
    case JobState::Done:
        return Row::State::Done;
    case JobState::Failed:
        return Row::State::Failed;
    case JobState::Stopped:
        return Row::State::Stopped;
    }
    return Row::State::Queued;
}

Row rowOf(const JobStatus& job)
{
    Row row;
    row.id = static_cast<qint64>(job.id);
    row.title = job.title;
    row.state = stateOf(job.state);
    row.phase = QString::fromStdString(job.progress.phase);
    if (!job.progress.detail.empty())
        row.phase += (row.phase.isEmpty() ? QString() : QStringLiteral(" · ")) +
                     QString::fromStdString(job.progress.detail);
    if (job.waitsForDatabase)
        row.phase = JobStripBridge::tr("waiting for the database");
    if (job.progress.total > 0.0)
        row.fraction = std::clamp(job.progress.done / job.progress.total, 0.0, 1.0);
    row.secondsLeft = job.progress.secondsLeft;
    row.ratePerSecond = job.progress.ratePerSecond;
    row.unit = QString::fromStdString(job.progress.unit);
    row.error = job.error.message;
    row.remedy = job.error.remedy;
    row.canRetry = job.state == JobState::Failed || job.state == JobState::Stopped;
    if (job.state == JobState::Done)
        row.phase = job.outcome.summary;
    return row;
}

} // namespace

JobStripBridge::JobStripBridge(AppContext& context, widgets::JobStrip* strip)
    : QObject(strip)
    , m_context(context)
    , m_strip(strip)
{
    JobRunner& jobs = context.jobs();
    connect(&jobs, &JobRunner::jobAdded, this, &JobStripBridge::show);
    connect(&jobs, &JobRunner::jobChanged, this, &JobStripBridge::show);
    connect(&jobs, &JobRunner::jobDismissed, this,
            [this](quint64 id) { m_strip->removeJob(static_cast<qint64>(id)); });
    connect(strip, &widgets::JobStrip::stopRequested, this,
            [&jobs](qint64 id) { jobs.stop(static_cast<quint64>(id)); });
    connect(strip, &widgets::JobStrip::retryRequested, this,
            [&jobs](qint64 id) { jobs.retry(static_cast<quint64>(id)); });
    connect(strip, &widgets::JobStrip::dismissed, this,
            [&jobs](qint64 id) { jobs.dismiss(static_cast<quint64>(id)); });
}

void JobStripBridge::show(const JobStatus& job)
{
    m_strip->setJob(rowOf(job));
    if (job.state == JobState::Done)
        QTimer::singleShot(kShowDone, this, [this, id = job.id] { m_context.jobs().dismiss(id); });
}

} // namespace voorwerp::app

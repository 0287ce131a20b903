// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/job_ledger.h"

#include "app/app_context.h"
#include "catalog/job_store.h"
#include "core/error.h"

#include <QJsonDocument>
#include <QLoggingCategory>
#include <QtConcurrentRun>

#include <algorithm>
#include <utility>

namespace voorwerp::app {

namespace {

Q_LOGGING_CATEGORY(log, "voorwerp.jobs")
constexpr qint64 kUpdateMilliseconds = 1000;

std::string messageOf(const JobStatus& job)
{
    return job.state == JobState::Done ? job.outcome.summary.toStdString() : job.progress.phase;
}

double fractionOf(const core::Progress& progress)
{
    return progress.total > 0.0 ? std::clamp(progress.done / progress.total, 0.0, 1.0) : 0.0;
}

catalog::JobState storedState(JobState state)
{
    switch (state) {
    case JobState::Done:
        return catalog::JobState::Done;
    case JobState::Failed:
        return catalog::JobState::Failed;
    default:
        return catalog::JobState::Cancelled;
    }
}

std::vector<InterruptedJob> findInterrupted(const catalog::Database& database)
{
    catalog::markInterruptedJobs(database);
    std::vector<InterruptedJob> found;
    for (const catalog::JobRow& row : catalog::interruptedJobsHere(database))
        found.push_back({row.id, QString::fromStdString(row.kind), QString::fromStdString(row.title),
                         QJsonDocument::fromJson(QByteArray::fromStdString(row.configuration)).object()});
    return found;
}

} // namespace

struct JobLedger::Row
{
    std::string kind, title, configuration;            ///< set once
    std::int64_t id = 0;                               ///< 0 until written; writing thread
    bool claimed = false;                              ///< running in the database, too; writing thread
    std::function<void(const catalog::Database&)> end; ///< not written yet; GUI thread
    QElapsedTimer lastUpdate;                          ///< GUI thread
    bool running = false;                              ///< GUI thread
};

namespace {

/// On the writing thread. What could not be written while the server was away is written now.
void claim(const catalog::Database& database, JobLedger::Row& row)
{
    if (row.id == 0)
        row.id = catalog::addJob(database, row.kind, row.title, row.configuration);
    catalog::retryJob(database, row.id); // a second attempt: its row has ended
    catalog::claimJob(database, row.id);
    row.claimed = true;
}

} // namespace

JobLedger::JobLedger(AppContext& context)
    : m_context(context)
{
    m_thread.setMaxThreadCount(1);
    connect(&context.jobs(), &JobRunner::jobAdded, this, &JobLedger::onAdded);
    connect(&context.jobs(), &JobRunner::jobChanged, this, &JobLedger::onChanged);
    connect(&context.jobs(), &JobRunner::jobFinished, this, &JobLedger::onFinished);
    connect(&context, &AppContext::stateChanged, this, [this](AppContext::State state) {
        if (state == AppContext::State::Open && !m_context.isBrowsing())
            onOpened();
    });
}

JobLedger::~JobLedger()
{
    m_thread.waitForDone();
}

void JobLedger::write(std::function<void(const catalog::Database&)> work)
{
    const auto session = m_context.session();
    if (!session ||
        !session->permissions().may(catalog::Right::Job)) // who only reads has no jobs of this kind
        return;
    (void)QtConcurrent::run(&m_thread, [this, session, work = std::move(work)] {
        try {
            work(session->database());
        } catch (...) { // a job runs also where its row cannot be written
            const ErrorText error = errorTextOf(std::current_exception());
            qCWarning(log) << "the job list could not be written:" << error.message;
            if (error.databaseLost)
                QMetaObject::invokeMethod(
                    &m_context, [this, error] { m_context.noticeLostDatabase(error); }, Qt::QueuedConnection);
        }
    });
}

void JobLedger::onAdded(const JobStatus& job)
{
    if (!job.persistent)
        return;
    auto row = std::make_shared<Row>();
    row->kind = job.kind.toStdString();
    row->title = job.title.toStdString();
    row->configuration = QJsonDocument(job.configuration).toJson(QJsonDocument::Compact).toStdString();
    row->id = job.storedRow;
    m_rows.insert(job.id, row);
    write([row](const catalog::Database& database) {
        if (row->id == 0)
            row->id = catalog::addJob(database, row->kind, row->title, row->configuration);
    });
}

void JobLedger::onChanged(const JobStatus& job)
{
    const auto row = m_rows.value(job.id);
    if (!row || job.isOver())
        return;
    if (job.state == JobState::Running && !row->running) {
        row->running = true;
        row->end = {};
        row->lastUpdate.start();
        write([row](const catalog::Database& database) { claim(database, *row); });
        return;
    }
    if (!row->running || row->lastUpdate.elapsed() < kUpdateMilliseconds)
        return;
    row->lastUpdate.restart();
    JobRunner* runner = &m_context.jobs();
    write([row, runner, id = job.id, fraction = fractionOf(job.progress),
           message = messageOf(job)](const catalog::Database& database) {
        if (!row->claimed)
            claim(database, *row);
        if (!catalog::updateJob(database, row->id, fraction, message))
            QMetaObject::invokeMethod(
                runner, [runner, id] { runner->stop(id); }, Qt::QueuedConnection);
    });
}

void JobLedger::onFinished(const JobStatus& job)
{
    const auto row = m_rows.value(job.id);
    if (!row)
        return;
    row->running = false;
    const bool interrupted = m_closing && job.state == JobState::Stopped;
    const auto state = interrupted ? catalog::JobState::Interrupted : storedState(job.state);
    row->end = [this, row = row.get(), state, message = messageOf(job),
                error = job.error.message.toStdString(),
                remedy = job.error.remedy.toStdString()](const catalog::Database& database) {
        if (row->id == 0)
            claim(database, *row);
        row->claimed = false;
        catalog::finishJob(database, row->id, state, message, error, remedy);
        QMetaObject::invokeMethod(
            this, [row] { row->end = {}; }, Qt::QueuedConnection);
    };
    write(row->end);
}

void JobLedger::onOpened()
{
    for (const auto& row : std::as_const(m_rows))
        if (row->end)
            write(row->end);
    if (m_searched)
        return;
    m_searched = true;
    write([this](const catalog::Database& database) {
        const auto found = findInterrupted(database);
        if (!found.empty())
            QMetaObject::invokeMethod(
                this, [this, found] { emit interruptedFound(found); }, Qt::QueuedConnection);
    });
}

void JobLedger::forget(qint64 row)
{
    write([row](const catalog::Database& database) {
        catalog::finishJob(database, row, catalog::JobState::Cancelled, std::string());
    });
}

} // namespace voorwerp::app

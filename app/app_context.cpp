// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/app_context.h"

#include "app/jobs/job_ledger.h"
#include "app/label_book.h"
#include "app/score_service.h"
#include "app/spectrum_service.h"
#include "app/training_monitor.h"
#include "app/workspace_facts.h"

#include <QTimer>

#include <algorithm>
#include <chrono>
#include <utility>

namespace voorwerp::app {

namespace {
constexpr int kQueryThreads = 4;
constexpr int kPrivateConnects = 4;
constexpr int kServerConnects = 12; ///< with the pauses between them about six minutes
constexpr std::chrono::seconds kLongestPause{60};

std::chrono::seconds pauseAfter(int failedConnects)
{
    return std::min(kLongestPause, std::chrono::seconds(1 << std::min(failedConnects - 1, 10)));
}

/// Browsing has a memory of its own: filters, places and picks mean nothing to the workspace's spectra.
QString settingsFile(const core::Workspace& workspace, bool browsing)
{
    const char* name = browsing ? "browse.ini" : "window.ini";
    return QString::fromStdString((workspace.folder() / name).string());
}
} // namespace

AppContext::AppContext(const pipeline::SessionRequest& request, QObject* parent)
    : QObject(parent)
    , m_request(request)
    , m_jobs(std::make_unique<JobRunner>())
{
    if (m_request.workspace.empty())
        m_request.workspace = core::Workspace::defaultFolder();
    m_settings = std::make_unique<QSettings>(settingsFile(workspace(), isBrowsing()), QSettings::IniFormat);
    m_sessionThread.setMaxThreadCount(1);
    m_sessionThread.setExpiryTimeout(-1);
    m_queryPool.setMaxThreadCount(kQueryThreads);
    m_monitor = std::make_unique<TrainingMonitor>(workspace().folder());
    m_ledger = std::make_unique<JobLedger>(*this);
    m_facts = std::make_unique<WorkspaceFacts>(*this);
    m_spectra = std::make_unique<SpectrumService>(*this);
    m_scores = std::make_unique<ScoreService>(*this);
    m_labels = std::make_unique<LabelBook>(*this);
    connect(m_jobs.get(), &JobRunner::jobFinished, this, &AppContext::onJobFinished);
    connect(m_jobs.get(), &JobRunner::databaseLost, this, &AppContext::noticeLostDatabase);
}

AppContext::~AppContext()
{
    m_ledger.reset(); // writes what is left, then talks to the runner no more
    m_jobs.reset();
    m_labels.reset(); // writes what is left
    m_scores.reset();
    m_spectra.reset();
    m_facts.reset();
    m_openStop.request_stop();
    m_queryPool.waitForDone();
    m_sessionThread.waitForDone();
    m_sessionThread.start([this] { m_session.reset(); });
    m_sessionThread.waitForDone();
}

core::Workspace AppContext::workspace() const
{
    return core::Workspace(m_request.workspace);
}

pipeline::TrainObserver AppContext::trainObserver()
{
    return {m_training.observer(),
            [this](const std::optional<monitor::TrainingStep>& step) { m_monitor->onStep(step); }};
}

void AppContext::open()
{
    m_failedConnects = 0;
    connectNow();
}

void AppContext::connectNow()
{
    if (m_state == State::Opening || m_state == State::Open)
        return;
    setState(State::Opening);
    m_openStop = std::stop_source();
    m_sessionThread.start([this, known = m_session, stop = m_openStop.get_token()] {
        try {
            const auto session = openOnSessionThread(known, stop);
            QMetaObject::invokeMethod(
                this, [this, session] { onOpened(session); }, Qt::QueuedConnection);
        } catch (...) {
            QMetaObject::invokeMethod(
                this, [this, text = errorTextOf(std::current_exception())] { onOpenFailed(text); },
                Qt::QueuedConnection);
        }
    });
}

std::shared_ptr<pipeline::Session>
AppContext::openOnSessionThread(const std::shared_ptr<pipeline::Session>& known, std::stop_token stop)
{
    const auto tell = [this](const core::Progress& progress) {
        const QString phase = QString::fromStdString(progress.phase);
        QMetaObject::invokeMethod(
            this, [this, phase, progress] { emit openProgress(phase, progress.done, progress.total); },
            Qt::QueuedConnection);
    };
    core::JobContext context(stop, tell, {});
    if (!known)
        return pipeline::Session::open(m_request, context);
    known->reconnect(context);
    return known;
}

void AppContext::onOpened(const std::shared_ptr<pipeline::Session>& session)
{
    m_session = session;
    m_lastError = {};
    m_failedConnects = 0;
    setState(State::Open);
    m_jobs->databaseIsBack();
}

void AppContext::onOpenFailed(const ErrorText& error)
{
    m_lastError = error;
    const int most = m_request.databaseUri.empty() ? kPrivateConnects : kServerConnects;
    if (m_session && ++m_failedConnects < most) {
        setState(State::Lost);
        QTimer::singleShot(pauseAfter(m_failedConnects), this, [this] {
            if (m_state == State::Lost)
                connectNow();
        });
        return;
    }
    setState(State::Failed);
    m_jobs->databaseStaysAway(error);
}

void AppContext::noticeLostDatabase(const ErrorText& error)
{
    if (m_state != State::Open && m_state != State::Failed)
        return;
    m_lastError = error;
    m_failedConnects = 0;
    setState(State::Lost);
    connectNow();
}

void AppContext::setState(State state)
{
    m_state = state;
    emit stateChanged(state);
}

void AppContext::onJobFinished(const JobStatus& job)
{
    if ((job.error.databaseLost || job.error.inDoubt) && m_state == State::Open)
        noticeLostDatabase(job.error);
    if (job.state != JobState::Done && job.kind != QLatin1String("ingest") &&
        job.kind != QLatin1String("demo"))
        return;
    const auto is = [&job](const char* kind) { return job.kind == QLatin1String(kind); };
    if (is("ingest") || is("demo"))
        announceTargets();
    if (is("match"))
        announceMatches();
    if (is("demo"))
        announceSelections();
    if (is("dataset") || is("demo"))
        announceDatasets();
    if (is("train") || is("demo"))
        announceModels();
    if (is("score") || is("demo"))
        announceScores();
}

} // namespace voorwerp::app

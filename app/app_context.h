// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What every page may use: the open workspace, the job runner, the selection, the settings, and news about
// what changed in the database. Lives as long as the window; GUI thread only, except where noted.

#include "app/error_text.h"
#include "app/jobs/job_runner.h"
#include "app/pipeline/session.h"
#include "app/selection.h"
#include "app/training_feed.h"

#include <QObject>
#include <QSettings>
#include <QThreadPool>

#include <memory>
#include <stop_token>

namespace voorwerp::app {

class JobLedger;
class LabelBook;
class ScoreService;
class SpectrumService;
class TrainingMonitor;
class WorkspaceFacts;

class AppContext : public QObject
{
    Q_OBJECT

public:
    enum class State {
        Closed,  ///< not opened yet
        Opening, ///< the private cluster starts, or the server is being connected to
        Open,
        Failed, ///< could not be opened: lastError() says why
        Lost,   ///< the server went away; connecting is tried again after a pause
    };
    Q_ENUM(State)

    explicit AppContext(const pipeline::SessionRequest& request, QObject* parent = nullptr);
    /// Stops jobs and queries, waits for them, and closes the workspace.
    ~AppContext() override;

    /// Opens the workspace in the background, or connects again to one whose server went away; stateChanged()
    /// and openProgress() tell how it goes.
    void open();
    State state() const { return m_state; }
    const ErrorText& lastError() const { return m_lastError; }
    /// The open workspace and its database, to be captured by value by jobs and queries; null while not open.
    std::shared_ptr<const pipeline::Session> session() const
    {
        return m_state == State::Open ? m_session : nullptr;
    }
    /// What the connected login may do; everything while no workspace is open (then there is nothing to do it
    /// to).
    catalog::Permissions permissions() const
    {
        return m_session ? m_session->permissions() : catalog::Permissions::everything();
    }
    const pipeline::SessionRequest& request() const { return m_request; }
    core::Workspace workspace() const;
    /// A production of a DESI database is listed, read-only: there are no labels, models and jobs.
    bool isBrowsing() const { return m_request.isBrowsing(); }

    JobRunner& jobs() { return *m_jobs; }
    /// The filter, what is picked and the current object, shared by all pages.
    Selection& selection() { return m_selection; }
    /// Epochs of the training under way.
    TrainingFeed& training() { return m_training; }
    /// What the machine does meanwhile.
    TrainingMonitor& monitor() { return *m_monitor; }
    /// Feeds both; to be handed to each job that trains.
    pipeline::TrainObserver trainObserver();
    /// The spectrum of the current object.
    SpectrumService& spectra() { return *m_spectra; }
    /// The shown model's scores of all spectra.
    ScoreService& scores() { return *m_scores; }
    /// What people said about targets.
    LabelBook& labels() { return *m_labels; }
    JobLedger& ledger() { return *m_ledger; }
    /// Champion, shown model, number of spectra.
    WorkspaceFacts& facts() { return *m_facts; }
    /// Layout and choices of this workspace (window.ini in its folder); never a password.
    QSettings& settings() { return *m_settings; }
    /// Threads of AsyncQuery. Any thread.
    QThreadPool& queryPool() { return m_queryPool; }

    /// A query or job found the server gone: connecting is tried again with growing pauses, a few times for
    /// the private cluster, for minutes for a server elsewhere. Jobs wait meanwhile.
    void noticeLostDatabase(const ErrorText& error);

    // What changed, told by whoever changed it; pages reload what they show.
    void announceTargets() { emit targetsChanged(); }
    void announceSelections() { emit selectionsChanged(); }
    void announceDatasets() { emit datasetsChanged(); }
    void announceModels() { emit modelsChanged(); }
    void announceScores() { emit scoresChanged(); }
    void announceLabels() { emit labelsChanged(); }
    void announceMatches() { emit matchesChanged(); }

signals:
    void stateChanged(voorwerp::app::AppContext::State state);
    void openProgress(const QString& phase, double done, double total);
    void targetsChanged();    ///< spectra were ingested or their redshifts updated
    void selectionsChanged(); ///< named selections
    void datasetsChanged();   ///< training sets
    void modelsChanged();     ///< versions or aliases
    void scoresChanged();     ///< a model version scored
    void labelsChanged();
    void matchesChanged();                 ///< imported catalogues, or what they match
    void showMessage(const QString& text); ///< one line for the status bar
    void importWanted();                   ///< an empty page asks for the import dialog
    void showPage(const QString& name);    ///< bring a page to the front: "survey", "train", "explore", ...

private:
    void setState(State state);
    void connectNow();
    void onOpened(const std::shared_ptr<pipeline::Session>& session);
    void onOpenFailed(const ErrorText& error);
    void onJobFinished(const JobStatus& job);
    std::shared_ptr<pipeline::Session> openOnSessionThread(const std::shared_ptr<pipeline::Session>& known,
                                                           std::stop_token stop);

    pipeline::SessionRequest m_request;
    std::unique_ptr<QSettings> m_settings;
    Selection m_selection;
    TrainingFeed m_training;
    QThreadPool m_sessionThread; // one thread that never ends: sessions are opened and closed on it
    QThreadPool m_queryPool;
    std::stop_source m_openStop;
    std::shared_ptr<pipeline::Session> m_session; ///< kept while its server is away
    int m_failedConnects = 0;                     ///< since the server went away
    ErrorText m_lastError;
    State m_state = State::Closed;
    std::unique_ptr<TrainingMonitor> m_monitor;
    std::unique_ptr<JobRunner> m_jobs; ///< goes before what its jobs tell their news to
    std::unique_ptr<JobLedger> m_ledger;
    std::unique_ptr<WorkspaceFacts> m_facts;
    std::unique_ptr<SpectrumService> m_spectra;
    std::unique_ptr<ScoreService> m_scores;
    std::unique_ptr<LabelBook> m_labels;
};

} // namespace voorwerp::app

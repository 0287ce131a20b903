// SPDX-License-Identifier: GPL-3.0-or-later
// Jobs on lanes: one at a time on the GPU lane, stop, retry, errors and progress as values on the GUI thread.
#include "app/jobs/job_runner.h"
#include "app/jobs/workbench_jobs.h"

#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

using namespace voorwerp;
using app::JobRequest;
using app::JobRunner;
using app::JobState;

namespace {

JobRequest request(app::Lane lane, std::function<app::JobOutcome(core::JobContext&)> work)
{
    JobRequest job;
    job.kind = QStringLiteral("test");
    job.title = QStringLiteral("Test");
    job.lane = lane;
    job.work = std::move(work);
    return job;
}

app::JobOutcome waitForStop(core::JobContext& context)
{
    for (;;) {
        context.throwIfStopped();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

app::JobOutcome loseDatabase(core::JobContext&)
{
    throw core::DatabaseError(core::DatabaseError::Kind::Unreachable, "server is gone");
}

JobState stateOf(const JobRunner& runner, quint64 id)
{
    return runner.job(id)->state;
}

} // namespace

class TestJobRunner : public QObject
{
    Q_OBJECT

private slots:
    void outcomeAndProgressArriveOnTheGuiThread()
    {
        JobRunner runner;
        std::vector<double> progress;
        connect(&runner, &JobRunner::jobChanged, this, [&](const app::JobStatus& job) {
            QCOMPARE(QThread::currentThread(), thread());
            progress.push_back(job.progress.done);
        });
        const quint64 id = runner.start(request(app::Lane::Io, [](core::JobContext& context) {
            context.beginPhase("counting", "steps", 3);
            context.advanceTo(3);
            return app::JobOutcome{QStringLiteral("counted"), {}};
        }));
        QTRY_COMPARE(stateOf(runner, id), JobState::Done);
        QCOMPARE(runner.job(id)->outcome.summary, QStringLiteral("counted"));
        QCOMPARE(*std::max_element(progress.begin(), progress.end()), 3.0);
        QVERIFY(runner.isIdle());
    }

    void gpuLaneRunsOneJobAtATime()
    {
        JobRunner runner;
        auto running = std::make_shared<std::atomic<int>>(0);
        auto most = std::make_shared<std::atomic<int>>(0);
        std::vector<quint64> ids;
        for (int i = 0; i < 4; ++i)
            ids.push_back(runner.start(request(app::Lane::Gpu, [running, most](core::JobContext&) {
                const int now = ++*running;
                most->store(std::max(most->load(), now));
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
                --*running;
                return app::JobOutcome{};
            })));
        for (const quint64 id : ids)
            QTRY_COMPARE(stateOf(runner, id), JobState::Done);
        QCOMPARE(most->load(), 1);
    }

    void stoppedJobEndsAsStoppedAndCanBeRetried()
    {
        JobRunner runner;
        auto again = std::make_shared<std::atomic<bool>>(false);
        const quint64 id = runner.start(request(app::Lane::Db, [again](core::JobContext& context) {
            return again->load() ? app::JobOutcome{} : waitForStop(context);
        }));
        QTRY_COMPARE(stateOf(runner, id), JobState::Running);
        runner.stop(id);
        QTRY_COMPARE(stateOf(runner, id), JobState::Stopped);
        *again = true;
        runner.retry(id);
        QTRY_COMPARE(stateOf(runner, id), JobState::Done);
    }

    void waitingJobCanBeStoppedBeforeItStarts()
    {
        JobRunner runner;
        const quint64 first = runner.start(request(app::Lane::Gpu, waitForStop));
        const quint64 second = runner.start(request(app::Lane::Gpu, waitForStop));
        runner.stop(second);
        runner.stop(first);
        QTRY_COMPARE(stateOf(runner, second), JobState::Stopped);
        QCOMPARE(runner.job(second)->attempts, 0);
        QTRY_COMPARE(stateOf(runner, first), JobState::Stopped);
    }

    void failureSaysCauseAndRemedyAndIsNotRepeated()
    {
        JobRunner runner;
        const quint64 id = runner.start(request(app::Lane::Io, [](core::JobContext&) -> app::JobOutcome {
            throw core::FormatError("a.fits is truncated", "Fetch it again.");
        }));
        QTRY_COMPARE(stateOf(runner, id), JobState::Failed);
        QCOMPARE(runner.job(id)->error.message, QStringLiteral("a.fits is truncated"));
        QCOMPARE(runner.job(id)->error.remedy, QStringLiteral("Fetch it again."));
        QCOMPARE(runner.job(id)->attempts, 1);
    }

    void jobWithoutItsDatabaseWaitsUntilItIsBack()
    {
        JobRunner runner;
        QSignalSpy lost(&runner, &JobRunner::databaseLost);
        auto attempts = std::make_shared<std::atomic<int>>(0);
        const quint64 id = runner.start(request(app::Lane::Db, [attempts](core::JobContext&) {
            if (++*attempts == 1)
                throw core::DatabaseError(core::DatabaseError::Kind::Unreachable, "server is gone");
            return app::JobOutcome{QStringLiteral("second time"), {}};
        }));
        QTRY_COMPARE(lost.count(), 1);
        QVERIFY(runner.job(id)->waitsForDatabase);
        QCOMPARE(stateOf(runner, id), JobState::Waiting);
        QVERIFY(!runner.isIdle());
        runner.databaseIsBack();
        QTRY_COMPARE(stateOf(runner, id), JobState::Done);
        QVERIFY(!runner.job(id)->waitsForDatabase);
        QCOMPARE(attempts->load(), 2);
        QCOMPARE(runner.job(id)->attempts, 2);
    }

    void jobThatWaitsForItsDatabaseCanBeStopped()
    {
        JobRunner runner;
        const quint64 id = runner.start(request(app::Lane::Db, loseDatabase));
        QTRY_VERIFY(runner.job(id)->waitsForDatabase);
        runner.stop(id);
        QCOMPARE(stateOf(runner, id), JobState::Stopped);
        runner.databaseIsBack();
        QCOMPARE(stateOf(runner, id), JobState::Stopped);
    }

    void jobFailsWhenItsDatabaseStaysAwayOrKeepsGoing()
    {
        JobRunner runner;
        const quint64 id = runner.start(request(app::Lane::Db, loseDatabase));
        QTRY_VERIFY(runner.job(id)->waitsForDatabase);
        runner.databaseStaysAway(
            {QStringLiteral("no server"), QStringLiteral("Start it."), true, false, true});
        QCOMPARE(stateOf(runner, id), JobState::Failed);
        QCOMPARE(runner.job(id)->error.remedy, QStringLiteral("Start it."));

        connect(&runner, &JobRunner::databaseLost, &runner, &JobRunner::databaseIsBack, Qt::QueuedConnection);
        runner.retry(id);
        QTRY_COMPARE(stateOf(runner, id), JobState::Failed);
        QCOMPARE(runner.job(id)->attempts, JobRequest().maximumAttempts);
    }

    void commitInDoubtIsRepeatedOnlyWhereThatIsHarmless()
    {
        JobRunner runner;
        connect(&runner, &JobRunner::databaseLost, &runner, &JobRunner::databaseIsBack, Qt::QueuedConnection);
        for (const bool repeatable : {false, true}) {
            auto attempts = std::make_shared<std::atomic<int>>(0);
            JobRequest job = request(app::Lane::Db, [attempts](core::JobContext&) {
                if (++*attempts == 1)
                    throw core::DatabaseError(core::DatabaseError::Kind::InDoubt, "lost during commit");
                return app::JobOutcome{};
            });
            job.repeatable = repeatable;
            const quint64 id = runner.start(std::move(job));
            QTRY_VERIFY(runner.job(id)->isOver());
            QCOMPARE(stateOf(runner, id), repeatable ? JobState::Done : JobState::Failed);
            QCOMPARE(attempts->load(), repeatable ? 2 : 1);
        }
    }

    void destroyingTheRunnerStopsItsJobs()
    {
        auto stopped = std::make_shared<std::atomic<bool>>(false);
        {
            JobRunner runner;
            const quint64 id = runner.start(request(app::Lane::Io, [stopped](core::JobContext& context) {
                try {
                    return waitForStop(context);
                } catch (const core::Cancelled&) {
                    *stopped = true;
                    throw;
                }
            }));
            QTRY_COMPARE(stateOf(runner, id), JobState::Running);
        }
        QVERIFY(stopped->load());
    }

    void jobMadeAgainFromItsRecordAsksForTheSame()
    {
        const app::SessionPointer session; // only the work would use it
        pipeline::ScoreRequest scoring{"vae@2", "all", "cuda:1", "tf32"};
        pipeline::IngestRequest ingest;
        ingest.paths = {"/data/a", "/data/b"};
        ingest.specprod = "iron";
        const JobRequest jobs[] = {app::datasetJob(session, {"d", "all", "quasar", true}),
                                   app::datasetJob(session, {"e", "all", "", false}),
                                   app::scoreJob(session, scoring),
                                   app::ingestJob(session, ingest),
                                   app::demoJob(session, {77, 5, "cpu", {}}, {}),
                                   app::verifyBackupJob(session, "0123abcd")};
        for (const JobRequest& job : jobs) {
            const auto again = app::jobAgain(session, job.kind, job.configuration, {});
            QVERIFY2(again.has_value(), qPrintable(job.kind));
            QCOMPARE(again->configuration, job.configuration);
            QCOMPARE(again->title, job.title);
        }
        // A score job of a version that knew no precision.
        QJsonObject old = jobs[2].configuration;
        old.remove(QStringLiteral("precision"));
        QCOMPARE(app::jobAgain(session, QStringLiteral("score"), old, {})
                     ->configuration.value(QStringLiteral("precision")),
                 QJsonValue(QStringLiteral("fp32")));
    }

    void dismissForgetsOnlyEndedJobs()
    {
        JobRunner runner;
        const quint64 id = runner.start(request(app::Lane::Io, waitForStop));
        runner.dismiss(id);
        QVERIFY(runner.job(id).has_value());
        runner.stop(id);
        QTRY_VERIFY(runner.job(id)->isOver());
        QSignalSpy dismissed(&runner, &JobRunner::jobDismissed);
        runner.dismiss(id);
        QVERIFY(!runner.job(id).has_value());
        QCOMPARE(dismissed.count(), 1);
    }
};

QTEST_MAIN(TestJobRunner)
#include "tst_job_runner.moc"

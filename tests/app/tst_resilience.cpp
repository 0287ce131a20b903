// SPDX-License-Identifier: GPL-3.0-or-later
// What the window does when the world ends around it: the server is killed under its jobs, a server elsewhere
// stays away for a while, the process is told to end or is killed.
#include "app/jobs/workbench_jobs.h"
#include "app/label_book.h"
#include "app/window_under_test.h"
#include "catalog/job_store.h"
#include "catalog/private_cluster.h"
#include "core/job_context.h"
#include "mock/mock_survey.h"
#include "support/test_support.h"

#include <QFileInfo>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>

#include <csignal>

using namespace voorwerp;
using app::AppContext;
using app::JobState;
using app::JobStatus;
using test::kLongMilliseconds;
using test::WindowUnderTest;

namespace {

constexpr int kTargets = 120;

void killServer(const core::Workspace& workspace)
{
    const auto status = catalog::PrivateCluster::status(workspace);
    QVERIFY(status.pid > 0);
    QCOMPARE(::kill(static_cast<pid_t>(status.pid), SIGKILL), 0);
}

quint64 startIngest(AppContext& context, const std::filesystem::path& folder)
{
    pipeline::IngestRequest request;
    request.paths = {folder};
    request.specprod = "mock";
    return context.jobs().start(app::ingestJob(context.session(), request));
}

bool serverRuns(const std::filesystem::path& workspace)
{
    return catalog::PrivateCluster::status(core::Workspace(workspace)).running;
}

} // namespace

class TestResilience : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        core::JobContext quiet;
        mock::MockConfig config;
        config.targets = kTargets;
        mock::writeMockSurvey(m_folder / "survey", config, quiet);
    }

    void jobThatMeetsADeadServerWaitsForItAndGoesOn()
    {
        WindowUnderTest ui(m_folder / "private");
        QTRY_VERIFY_WITH_TIMEOUT(ui.isOpen(), kLongMilliseconds);
        QStringList told;
        connect(&ui.context().jobs(), &app::JobRunner::jobChanged, this, [&](const JobStatus& job) {
            if (job.waitsForDatabase)
                told.append(job.error.message);
        });
        killServer(ui.context().workspace());
        const quint64 id = startIngest(ui.context(), m_folder / "survey");
        QTRY_VERIFY_WITH_TIMEOUT(ui.context().jobs().job(id)->isOver(), kLongMilliseconds);
        const JobStatus job = *ui.context().jobs().job(id);
        QVERIFY2(job.state == JobState::Done, qPrintable(job.error.toString()));
        QVERIFY(!told.isEmpty());
        QTRY_COMPARE(ui.context().selection().total(), kTargets);
        // Its row in the queue, which could not be written at first, is there and done.
        QTRY_VERIFY(hasDoneRow(ui.context()));
        QVERIFY(ui.close());
    }

    void jobOnAServerElsewhereWaitsUntilThatIsBackAndCanBeStopped()
    {
        core::JobContext quiet;
        const core::Workspace elsewhere(m_folder / "elsewhere");
        elsewhere.create();
        auto cluster = catalog::PrivateCluster::open(elsewhere, quiet);
        AppContext context({m_folder / "here", cluster.uri()});
        context.open();
        QTRY_COMPARE_WITH_TIMEOUT(context.state(), AppContext::State::Open, kLongMilliseconds);
        killServer(elsewhere);
        const quint64 stopped = startIngest(context, m_folder / "survey");
        QTRY_VERIFY(context.jobs().job(stopped)->waitsForDatabase);
        context.jobs().stop(stopped);
        QCOMPARE(context.jobs().job(stopped)->state, JobState::Stopped);
        QVERIFY(context.state() != AppContext::State::Open);
        context.jobs().retry(stopped); // the row's "Go on"
        QTRY_VERIFY(context.jobs().job(stopped)->waitsForDatabase);
        cluster.ensureRunning(quiet);
        QTRY_VERIFY_WITH_TIMEOUT(context.jobs().job(stopped)->isOver(), kLongMilliseconds);
        QCOMPARE(context.jobs().job(stopped)->state, JobState::Done);
    }

    void labelThatMeetsADeadServerIsWrittenByTheNextProgram()
    {
        core::JobContext quiet;
        const core::Workspace elsewhere(m_folder / "labels-elsewhere");
        elsewhere.create();
        auto cluster = catalog::PrivateCluster::open(elsewhere, quiet);
        const auto here = m_folder / "labels-here";
        const QString file = QString::fromStdString((here / "waiting-labels.json").string());
        const core::TargetId target{39633000000000001};
        {
            AppContext context({here, cluster.uri()});
            context.open();
            QTRY_COMPARE_WITH_TIMEOUT(context.state(), AppContext::State::Open, kLongMilliseconds);
            context.labels().set({7}, "DLA", std::nullopt, "");
            QTRY_VERIFY(context.labels().isSettled());
            QVERIFY(!QFileInfo::exists(file));
            killServer(elsewhere);
            const auto labelWaits = [&] { // a killed server's processes may answer once more
                if (context.labels().isSettled())
                    context.labels().set(target, "BAL", 3, "trough; \"deep\"");
                return QFileInfo::exists(file);
            };
            QTRY_VERIFY(labelWaits());
            context.labels().clear({7}); // while it is known to be away
            context.labels().set({8}, "star", std::nullopt, "");
            context.labels().undo();
            QVERIFY(!context.labels().label({8}).has_value());
        }
        QVERIFY(QFileInfo::exists(file));
        {
            AppContext meanwhile({here, cluster.uri()}); // comes and goes without the server
            meanwhile.open();
        }
        QVERIFY(QFileInfo::exists(file));
        cluster.ensureRunning(quiet);
        AppContext context({here, cluster.uri()});
        context.open();
        QTRY_VERIFY_WITH_TIMEOUT(!QFileInfo::exists(file), kLongMilliseconds);
        QTRY_VERIFY(context.labels().isSettled());
        QVERIFY(context.labels().label(target).has_value());
        QCOMPARE(context.labels().label(target)->comment, std::string("trough; \"deep\""));
        QVERIFY(!context.labels().label({7}).has_value());
        const auto written = catalog::listLabels(context.session()->database());
        QCOMPARE(written.size(), std::size_t{1});
        QCOMPARE(written.front().quality.value_or(-1), 3);
    }

    void termSignalClosesWithoutAQuestionAndStopsTheServer()
    {
        const auto workspace = m_folder / "terminated";
        QProcess program;
        startProgram(program, workspace, {QStringLiteral("--demo")});
        // The survey is being taken in, or it is trained already: a job runs.
        QTRY_VERIFY_WITH_TIMEOUT(
            QFileInfo::exists(QString::fromStdString((workspace / "demo-survey").string())),
            kLongMilliseconds);
        QVERIFY(serverRuns(workspace));
        program.terminate();
        QVERIFY(program.waitForFinished(kLongMilliseconds));
        QCOMPARE(program.exitStatus(), QProcess::NormalExit);
        QCOMPARE(program.exitCode(), 0);
        QVERIFY(!serverRuns(workspace));

        WindowUnderTest ui(workspace); // what was interrupted is offered, under a button that says so
        QTRY_VERIFY_WITH_TIMEOUT(ui.isOpen(), kLongMilliseconds);
        const auto goesOn = [&ui] {
            for (const QPushButton* button : ui.window().findChildren<QPushButton*>())
                if (button->text() == QStringLiteral("Go on with the demo"))
                    return true;
            return false;
        };
        QTRY_VERIFY(goesOn());
        QVERIFY(ui.close());
    }

    void killedProgramComesBackAsItWas()
    {
        const auto workspace = m_folder / "killed";
        {
            WindowUnderTest ui(workspace);
            QTRY_VERIFY_WITH_TIMEOUT(ui.isOpen(), kLongMilliseconds);
            startIngest(ui.context(), m_folder / "survey");
            QTRY_COMPARE_WITH_TIMEOUT(ui.context().selection().total(), kTargets, kLongMilliseconds);
            ui.window().showPage(QStringLiteral("explore"));
            ui.context().selection().setFilter(QStringLiteral("z > 1"));
            ui.context().selection().setPicked({{1}, {2}, {7}}, QStringLiteral("lasso on the map"));
            const QString file = QString::fromStdString((workspace / "window.ini").string());
            const auto savedPage = [&file] {
                return QSettings(file, QSettings::IniFormat).value(QStringLiteral("window/page")).toString();
            };
            QTRY_COMPARE(savedPage(), QStringLiteral("explore"));
            std::filesystem::copy_file(workspace / "window.ini",
                                       m_folder / "window.ini"); // what a kill leaves
            QVERIFY(ui.close());
        }
        std::filesystem::rename(m_folder / "window.ini", workspace / "window.ini");
        WindowUnderTest ui(workspace);
        QTRY_VERIFY_WITH_TIMEOUT(ui.isOpen(), kLongMilliseconds);
        QTRY_VERIFY(ui.window().currentPage());
        QCOMPARE(ui.window().currentPage()->name(), QStringLiteral("explore"));
        QCOMPARE(ui.context().selection().filter(), QStringLiteral("z > 1"));
        QVERIFY(ui.context().selection().picked() != nullptr);
        QCOMPARE(ui.context().selection().picked()->size(), std::size_t{3});
        QCOMPARE(ui.context().selection().pickedWords(), QStringLiteral("lasso on the map"));
        QVERIFY(ui.close());
    }

private:
    static bool hasDoneRow(AppContext& context)
    {
        for (const catalog::JobRow& row : catalog::listJobs(context.session()->database()))
            if (row.kind == "ingest" && row.state == catalog::JobState::Done)
                return true;
        return false;
    }

    static void startProgram(QProcess& program, const std::filesystem::path& workspace, QStringList arguments)
    {
        program.setProgram(QStringLiteral(VOORWERP_PROGRAM));
        program.setArguments(
            QStringList{QStringLiteral("--workspace"), QString::fromStdString(workspace.string())} +
            arguments);
        program.setProcessChannelMode(QProcess::ForwardedChannels);
        program.start();
        QVERIFY(program.waitForStarted());
    }

    test::TemporaryFolder m_folder;
};

QTEST_MAIN(TestResilience)
#include "tst_resilience.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
// From the start of the program to the first rows of the table: the window on a workspace that has spectra,
// with the private server to be started, and with a server that runs already.
#include "app/app_context.h"
#include "app/main_window.h"
#include "app/pipeline/ingest_job.h"
#include "app/workspace_facts.h"
#include "core/process.h"
#include "core/workspace.h"
#include "harness.h"
#include "mock/mock_survey.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTableView>

#include <functional>

using namespace voorwerp;

namespace {

constexpr double kMillisecondsPerSecond = 1e3;
constexpr qint64 kGiveUpMilliseconds = 120'000;

/// A workspace with a mock survey in it; its server does not run.
void makeWorkspace(const std::filesystem::path& folder, std::size_t targets)
{
    core::JobContext context;
    mock::MockConfig config;
    config.targets = targets;
    mock::writeMockSurvey(folder / "survey", config, context);
    const auto session = pipeline::Session::open({folder / "workspace", {}}, context);
    const auto report = pipeline::ingest(session->database(), {{folder / "survey"}, {}}, context);
    bench::Benchmark::require(report.spectra == static_cast<std::int64_t>(targets),
                              "every spectrum is there");
}

void waitFor(const std::function<bool()>& reached)
{
    QElapsedTimer clock;
    for (clock.start(); !reached(); QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 5))
        bench::Benchmark::require(clock.elapsed() < kGiveUpMilliseconds, "the window opens");
}

/// The window, up to its first rows.
void openWindow(const std::filesystem::path& workspace, std::size_t targets)
{
    app::AppContext context({workspace, {}});
    app::MainWindow window(context);
    window.showPage(QStringLiteral("survey"));
    window.show();
    context.open();
    const auto* table = window.findChild<QTableView*>(QStringLiteral("targetTable"));
    bench::Benchmark::require(table, "the survey page has a table");
    waitFor([&] {
        return context.facts().targets() == static_cast<std::int64_t>(targets) && table->isVisible() &&
               table->model()->rowCount() > 0;
    });
    bench::Benchmark::require(!window.grab().isNull(), "the rows are painted");
}

std::vector<double> milliseconds(std::vector<double> seconds)
{
    for (double& value : seconds)
        value *= kMillisecondsPerSecond;
    return seconds;
}

} // namespace

int main(int argc, char** argv)
{
    if (qEnvironmentVariableIsEmpty("DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    return bench::runBenchmark("startup", argc, argv, [](bench::Benchmark& bench) {
        const std::size_t targets = bench.size(1500);
        const bench::ScratchFolder folder;
        makeWorkspace(folder.path(), targets);
        const auto workspace = folder.path() / "workspace";
        const auto load = bench.time([] {
            core::ProcessRequest version;
            version.command = {VOORWERP_PROGRAM, "--version"};
            version.environment = {{"QT_QPA_PLATFORM", "offscreen"}};
            bench::Benchmark::require(core::runProcess(version).ok(), "the program starts");
        });
        bench.report("program and libraries", "ms", milliseconds(load));
        const auto cold = bench.time([&] { openWindow(workspace, targets); });
        bench.report("window to first rows, server to be started and stopped", "ms", milliseconds(cold));
        core::JobContext context;
        const auto cluster = catalog::PrivateCluster::open(core::Workspace(workspace), context);
        const auto warm = bench.time([&] { openWindow(workspace, targets); });
        bench.report("window to first rows, server running", "ms", milliseconds(warm));
    });
}

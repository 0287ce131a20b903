// SPDX-License-Identifier: GPL-3.0-or-later
// The window on a catalogue of 1.6 million rows, all of them scored: from its start to the first rows,
// sorting by each column, scrolling, a jump, the scores of all; how long the event loop stood still
// meanwhile, and the memory. VOORWERP_BENCH_FOLDER keeps the catalogue between runs.
#include "app/app_context.h"
#include "app/main_window.h"
#include "app/pages/target_table_model.h"
#include "app/score_service.h"
#include "app/workspace_facts.h"
#include "catalog_rows.h"
#include "harness.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QScrollBar>
#include <QTableView>
#include <QTimer>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

using namespace voorwerp;

namespace {

constexpr std::size_t kSpectra = 3000;
constexpr qint64 kGiveUpMilliseconds = 120'000;
constexpr int kPagesScrolled = 20;

/// The longest time in which the event loop did not turn, since the last look.
class Stalls
{
public:
    Stalls()
    {
        m_clock.start();
        QObject::connect(&m_timer, &QTimer::timeout, [this] {
            m_longest = std::max(m_longest, static_cast<double>(m_clock.nsecsElapsed()) / 1e6);
            m_clock.restart();
        });
        m_timer.start(1);
    }
    double take() { return std::exchange(m_longest, 0.0); }

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
    double m_longest = 0.0;
};

/// MiB of this process at its largest.
double peakMemory()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:"))
            return std::stod(line.substr(6)) / 1024.0;
    return 0.0;
}

double waitFor(const char* what, const std::function<bool()>& reached)
{
    QElapsedTimer clock;
    for (clock.start(); !reached(); QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 2))
        bench::Benchmark::require(clock.elapsed() < kGiveUpMilliseconds,
                                  std::string("the window shows ") + what);
    return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

/// One window, and what it took.
class Window
{
public:
    explicit Window(const std::filesystem::path& workspace)
        : m_context({workspace, {}})
        , m_window(m_context)
    {
    }

    double open()
    {
        QElapsedTimer clock;
        clock.start();
        m_window.showPage(QStringLiteral("survey"));
        m_window.resize(1280, 800);
        m_window.show();
        m_context.open();
        m_table = m_window.findChild<QTableView*>(QStringLiteral("targetTable"));
        waitFor("the first rows", [&] { return m_table->isVisible() && rows() > 0; });
        bench::Benchmark::require(!m_window.grab().isNull(), "the rows are painted");
        return static_cast<double>(clock.nsecsElapsed()) / 1e6;
    }
    void settle()
    {
        waitFor("all facts", [&] { return m_context.facts().isSettled() && !model()->isLoading(); });
    }

    /// Milliseconds until the rows in the new order are there.
    double sortBy(int column, Qt::SortOrder order)
    {
        bool loaded = false;
        const auto connection =
            QObject::connect(model(), &app::TargetTableModel::firstPageLoaded, [&loaded] { loaded = true; });
        m_table->sortByColumn(column, order);
        const double time = waitFor("sorted rows", [&] { return loaded; });
        QObject::disconnect(connection);
        return time;
    }
    double scrollToTheEndOfWhatIsLoaded()
    {
        const int before = rows();
        m_table->verticalScrollBar()->setValue(m_table->verticalScrollBar()->maximum());
        return waitFor("the next rows", [&] { return rows() > before; });
    }
    double jumpTo(core::SpectrumId id)
    {
        m_context.selection().setCurrent(id);
        return waitFor("the row it jumps to", [&] { return model()->rowOf(id) >= 0; });
    }
    double filter(const QString& expression)
    {
        m_context.selection().setFilter(expression);
        return waitFor("a count", [&] { return m_context.selection().matching() >= 0; });
    }
    double loadScores()
    {
        m_window.showPage(QStringLiteral("explore"));
        return waitFor("scores", [&] { return m_context.scores().data() != nullptr; });
    }
    int columns() const { return m_table->model()->columnCount(); }
    bool isShown(int column) const { return !m_table->isColumnHidden(column); }
    std::size_t scored() const { return m_context.scores().data()->size(); }

private:
    int rows() const { return m_table->model()->rowCount(); }
    app::TargetTableModel* model() const { return static_cast<app::TargetTableModel*>(m_table->model()); }

    mutable app::AppContext m_context;
    app::MainWindow m_window;
    QTableView* m_table = nullptr;
};

void measure(bench::Benchmark& bench, const std::filesystem::path& workspace, std::int64_t rows)
{
    Stalls stalls;
    std::vector<double> starts, sorts, scrolls, jumps, freezes, counts;
    for (int run = 0; run < bench.runs(); ++run) {
        Window window(workspace);
        starts.push_back(window.open());
        window.settle();
        stalls.take(); // making and painting a window for the first time is part of the start
        for (int column = 0; column < window.columns(); ++column)
            for (const auto order : {Qt::DescendingOrder, Qt::AscendingOrder})
                if (window.isShown(column))
                    sorts.push_back(window.sortBy(column, order));
        for (int page = 0; page < kPagesScrolled; ++page)
            scrolls.push_back(window.scrollToTheEndOfWhatIsLoaded());
        window.filter({}); // so that the row is in the list
        window.settle();
        jumps.push_back(window.jumpTo({rows / 3 + 7919 * (run + 1)}));
        counts.push_back(window.filter(QStringLiteral("snr > 2 and z > 1")));
        window.settle();
        window.filter({});
        freezes.push_back(stalls.take());
    }
    bench.report("window to first rows, server running", "ms", starts);
    bench.report("sort by a column, to the rows", "ms", sorts, {{"p95", bench::quantile(sorts, 0.95)}});
    bench.report("next rows when scrolling", "ms", scrolls, {{"p95", bench::quantile(scrolls, 0.95)}});
    bench.report("jump to a row in the middle", "ms", jumps);
    bench.report("filter to its first count", "ms", counts);
    bench.report("longest stand-still of the window", "ms", freezes);
    bench.report("memory of the window, at most", "MiB", {peakMemory()});
    Window window(workspace);
    window.open();
    window.settle();
    stalls.take();
    const double loaded = window.loadScores();
    bench.report("scores of all on Explore", "ms", {loaded}, {{"scored", window.scored()}});
    window.settle();
    bench.report("longest stand-still on Explore", "ms", {stalls.take()});
    bench.report("memory with all scores, at most", "MiB", {peakMemory()});
}

} // namespace

int main(int argc, char** argv)
{
    if (qEnvironmentVariableIsEmpty("DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    return bench::runBenchmark("window", argc, argv, [](bench::Benchmark& bench) {
        const auto rows = static_cast<std::int64_t>(bench.size(1'600'000));
        const bench::ScratchFolder scratch;
        const char* kept = std::getenv("VOORWERP_BENCH_FOLDER");
        const std::filesystem::path folder = kept != nullptr ? std::filesystem::path(kept) : scratch.path();
        const bench::CatalogueWorkspace catalogue(folder, rows, kSpectra);
        measure(bench, folder / "workspace", rows);
    });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// monitor [--once] [--format text|json|prometheus] [--interval SECONDS]
#include "app/cli/command.h"
#include "app/cli/monitor_text.h"
#include "catalog/maintenance.h"
#include "core/error.h"
#include "monitor/nvml.h"

#include <condition_variable>
#include <mutex>

namespace voorwerp::cli {

namespace {

struct MonitorOptions
{
    bool once = false;
    std::string format = "text";
    double intervalSeconds = 1.0;
};

void declare(CLI::App& app, MonitorOptions& options)
{
    app.add_flag("--once", options.once, "one reading, then the end; else until Ctrl+C");
    app.add_option("--format", options.format, "text, json (a line a reading) or prometheus")
        ->check(CLI::IsMember({"text", "json", "prometheus"}))
        ->capture_default_str();
    app.add_option("--interval", options.intervalSeconds, "seconds between two readings")
        ->check(CLI::Range(0.1, 86400.0))
        ->capture_default_str();
}

/// Asks the database again and again; starts no server.
class DatabaseProbe
{
public:
    explicit DatabaseProbe(const Runtime& runtime)
        : m_workspace(runtime.workspace())
        , m_givenUri(runtime.options().databaseUri)
    {
    }

    monitor::DatabaseSample read()
    {
        monitor::DatabaseSample sample;
        const std::string uri =
            m_givenUri.empty() ? catalog::PrivateCluster::status(m_workspace).uri : m_givenUri;
        if (uri.empty()) {
            sample.problem = "the private PostgreSQL does not run";
            return sample;
        }
        if (!m_database || m_database->uri() != uri)
            m_database.emplace(uri);
        sample.description = m_database->description();
        try {
            const catalog::DatabaseLoad load = catalog::databaseLoad(*m_database);
            sample.reachable = true;
            sample.bytes = load.bytes;
            sample.connections = load.connections;
            sample.maximumConnections = load.maximumConnections;
        } catch (const core::DatabaseError& error) {
            sample.problem = error.what();
        }
        return sample;
    }

private:
    core::Workspace m_workspace;
    std::string m_givenUri;
    std::optional<catalog::Database> m_database;
};

/// false: a stop was requested.
bool waitFor(double seconds, const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    changed.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
    return !stop.stop_requested();
}

Outcome run(Runtime& runtime, const MonitorOptions& options)
{
    constexpr double kFirstLook = 0.2; // the processor's use needs two looks
    monitor::Nvml nvml;
    monitor::HostProbe host(runtime.workspace().folder());
    DatabaseProbe database(runtime);
    monitor::Warnings warnings;
    Outcome outcome;
    bool goOn = waitFor(kFirstLook, runtime.stopToken());
    while (goOn) {
        const monitor::Time now = std::chrono::system_clock::now();
        const monitor::Sample sample{nvml.read(now), host.read(now), {}};
        const monitor::DatabaseSample databaseSample = database.read();
        warnings.feed(sample.gpu, false);
        outcome.result = monitorJson(sample, databaseSample, warnings.active());
        if (options.format == "json")
            runtime.print(outcome.result.dump(-1, ' ', false, Json::error_handler_t::replace));
        else if (options.format == "prometheus")
            runtime.print(monitor::prometheusText(sample, databaseSample, warnings.active()));
        else
            runtime.print(monitorText(sample, databaseSample, warnings.active()));
        goOn = !options.once && waitFor(options.intervalSeconds, runtime.stopToken());
    }
    return outcome;
}

} // namespace

void addMonitorCommand(CommandLine& line)
{
    addVerb<MonitorOptions>(line, line.app, "monitor", "show what GPU, machine and database do", declare,
                            run);
}

} // namespace voorwerp::cli

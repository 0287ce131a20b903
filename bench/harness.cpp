// SPDX-License-Identifier: GPL-3.0-or-later
#include "harness.h"

#include "core/error.h"
#include "core/version.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <thread>

namespace voorwerp::bench {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int kLeastRuns = 5;

std::string processorName()
{
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("model name"))
            return line.substr(std::min(line.find(':') + 2, line.size()));
    return "unknown";
}

std::string utcDate()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

} // namespace

Benchmark::Benchmark(std::string name, int argc, char** argv)
    : m_name(std::move(name))
{
    CLI::App options("Benchmark " + m_name);
    options.add_option("--runs", m_runs, "timed runs")->check(CLI::Range(kLeastRuns, 1000));
    options.add_option("--size", m_size, "size of the problem");
    options.add_option("--json", m_json, "write the results here");
    options.parse(argc, argv);
}

std::vector<double> Benchmark::time(const std::function<void()>& run,
                                    const std::function<void()>& prepare) const
{
    std::vector<double> seconds;
    for (int i = 0; i <= m_runs; ++i) {
        if (prepare)
            prepare();
        const auto start = std::chrono::steady_clock::now();
        run();
        const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
        if (i > 0)
            seconds.push_back(elapsed.count());
    }
    return seconds;
}

void Benchmark::require(bool condition, const std::string& what)
{
    if (!condition)
        throw core::Error("wrong result: " + what + " does not hold");
}

void Benchmark::report(const std::string& name, const std::string& unit, const std::vector<double>& values,
                       const json& details)
{
    const double median = quantile(values, 0.5);
    const double low = quantile(values, 0.0);
    const double high = quantile(values, 1.0);
    std::printf("%-34s %12.4g %-12s (%.4g to %.4g, %zu runs)%s%s\n", name.c_str(), median, unit.c_str(), low,
                high, values.size(), details.empty() ? "" : "  ",
                details.empty() ? "" : details.dump().c_str());
    std::fflush(stdout);
    m_results.push_back({{"name", name},
                         {"unit", unit},
                         {"median", median},
                         {"lowest", low},
                         {"highest", high},
                         {"runs", values},
                         {"details", details}});
}

void Benchmark::finish() const
{
    if (m_json.empty())
        return;
    const json text{{"benchmark", m_name},
                    {"date", utcDate()},
                    {"software", std::string("Voorwerp ") + core::kVersion + " (" + core::kCommit + ")"},
                    {"machine", machine()},
                    {"results", m_results}};
    if (m_json.has_parent_path())
        fs::create_directories(m_json.parent_path());
    std::ofstream out(m_json);
    out << text.dump(2) << '\n';
    out.close();
    if (!out)
        throw core::SystemError("cannot write " + m_json.string());
}

int runBenchmark(const std::string& name, int argc, char** argv, const std::function<void(Benchmark&)>& body)
{
    try {
        Benchmark bench(name, argc, argv);
        body(bench);
        bench.finish();
        return 0;
    } catch (const CLI::ParseError& error) {
        return CLI::App().exit(error);
    } catch (const core::Error& error) {
        std::cerr << name << ": " << error.what() << '\n' << error.remedy() << '\n';
    } catch (const std::exception& error) {
        std::cerr << name << ": " << error.what() << '\n';
    }
    return 1;
}

double quantile(std::vector<double> values, double share)
{
    std::sort(values.begin(), values.end());
    const double position = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (position - static_cast<double>(below)) * (values[above] - values[below]);
}

std::vector<double> perSecond(std::size_t count, const std::vector<double>& seconds)
{
    std::vector<double> rates;
    for (const double value : seconds)
        rates.push_back(static_cast<double>(count) / value);
    return rates;
}

json machine()
{
    constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;
    utsname kernel{};
    ::uname(&kernel);
    struct sysinfo memory = {};
    ::sysinfo(&memory);
    const double bytes = static_cast<double>(memory.totalram) * memory.mem_unit;
    std::array<double, 1> load{};
    ::getloadavg(load.data(), 1);
    return {{"processor", processorName()},
            {"cores", std::thread::hardware_concurrency()},
            {"memory_gib", std::round(bytes / kGibibyte)},
            {"load_average", load[0]},
            {"kernel", std::string(kernel.sysname) + " " + kernel.release},
            {"compiler", "GCC " __VERSION__}};
}

ScratchFolder::ScratchFolder()
{
    std::string pattern = (fs::temp_directory_path() / "voorwerp-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw core::SystemError("cannot create a folder in " + fs::temp_directory_path().string());
    m_path = pattern;
    // The private cluster's server runs as another user when we are root.
    fs::permissions(m_path, fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add);
}

ScratchFolder::~ScratchFolder()
{
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
}

} // namespace voorwerp::bench

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What all benchmarks share: warm-up, at least five runs, a check of the result, median and spread on the
// terminal and as JSON with machine and date.
//
//     int main(int argc, char** argv)
//     {
//         return bench::runBenchmark("ingest", argc, argv, [](bench::Benchmark& bench) {
//             const std::size_t targets = bench.size(2000);
//             const auto seconds = bench.time([&] { ... });
//             bench.require(count == targets, "all targets are stored");
//             bench.report("ingest", "spectra/s", bench::perSecond(targets, seconds), {{"targets",
//             targets}});
//         });
//     }
//
// Options of every benchmark: --runs N (5), --size N, --json FILE.

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace voorwerp::bench {

class Benchmark
{
public:
    Benchmark(std::string name, int argc, char** argv);

    /// --size, or what the benchmark does by itself.
    std::size_t size(std::size_t otherwise) const { return m_size > 0 ? m_size : otherwise; }
    int runs() const { return m_runs; }
    /// Seconds of each run, after one that does not count. prepare runs before each and is not timed.
    std::vector<double> time(const std::function<void()>& run,
                             const std::function<void()>& prepare = {}) const;
    /// Throws when a result is not what it should be: a wrong answer has no speed.
    static void require(bool condition, const std::string& what);
    /// Prints median and spread of the runs' values and keeps them for the JSON file.
    void report(const std::string& name, const std::string& unit, const std::vector<double>& values,
                const nlohmann::json& details = nlohmann::json::object());
    /// Writes the JSON file, if one was asked for.
    void finish() const;

private:
    std::string m_name;
    int m_runs = 5;
    std::size_t m_size = 0;
    std::filesystem::path m_json;
    nlohmann::json m_results = nlohmann::json::array();
};

/// Parses the options, runs body, writes the JSON file; errors go to standard error. The exit code of main().
int runBenchmark(const std::string& name, int argc, char** argv, const std::function<void(Benchmark&)>& body);

/// The share-th quantile (0..1) by linear interpolation.
double quantile(std::vector<double> values, double share);
/// count / seconds, for each run.
std::vector<double> perSecond(std::size_t count, const std::vector<double>& seconds);
/// Processor, cores, memory, kernel, compiler, and how busy the machine was with other things.
nlohmann::json machine();

/// A folder below the system's temporary folder that disappears with the object; any user may enter it.
class ScratchFolder
{
public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

} // namespace voorwerp::bench

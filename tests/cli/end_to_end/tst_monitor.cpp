// SPDX-License-Identifier: GPL-3.0-or-later
// monitor, with a library of NVML's name and symbols in LD_LIBRARY_PATH, and without one.
#include "cli/end_to_end/cli_process.h"
#include "core/file_io.h"
#include "monitor/fake_gpus.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <sstream>
#include <thread>

using namespace voorwerp;
using namespace voorwerp::test;
using Json = nlohmann::json;
using Catch::Matchers::Contains;

namespace {

/// One card for all programs that are started while it lives.
class CardForChildren
{
public:
    CardForChildren() { ::setenv("LD_LIBRARY_PATH", VOORWERP_FAKE_NVML_FOLDER, 1); }
    ~CardForChildren() { ::unsetenv("LD_LIBRARY_PATH"); }

private:
    FakeGpus m_gpus{kOneCard};
};

CliResult monitorOnce(const TemporaryFolder& folder, const std::string& format,
                      const std::vector<std::string>& more = {})
{
    std::vector<std::string> arguments = {"monitor", "--workspace", folder / "workspace",
                                          "--once",  "--format",    format};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return CliProcess(arguments, folder.path()).wait();
}

/// Until a file of the folder has a reading in it: the program runs and watches for signals.
bool waitForReading(const std::filesystem::path& folder)
{
    using namespace std::chrono_literals;
    for (int i = 0; i < 600; ++i) {
        for (const auto& file : std::filesystem::directory_iterator(folder))
            if (file.is_regular_file() &&
                core::readText(file.path()).find("database   ") != std::string::npos)
                return true;
        std::this_thread::sleep_for(100ms);
    }
    return false;
}

} // namespace

TEST_CASE("without a GPU monitor says so, shows the rest and ends with exit code 0")
{
    const TemporaryFolder folder;
    const CliResult text = monitorOnce(folder, "text");
    CHECK(text.exitCode == 0);
    CHECK_THAT(text.output, Contains("\ngpu        no NVIDIA driver\nhost       "));
    CHECK_THAT(text.output, Contains("database   not reachable: the private PostgreSQL does not run"));
    const Json json = monitorOnce(folder, "json").json();
    CHECK(json["gpus"].empty());
    CHECK(json["gpu_problem"] == "no NVIDIA driver");
    CHECK(json["host"]["memory_total_bytes"].get<std::int64_t>() > 0);
    CHECK(json["database"]["reachable"] == false);
    CHECK_FALSE(std::filesystem::exists(folder / "workspace")); // looking makes nothing
}

TEST_CASE("a server that does not answer is told, without its password, and is no failure")
{
    const TemporaryFolder folder;
    const CliResult result =
        monitorOnce(folder, "text", {"--db", "postgresql://nobody:secret@127.0.0.1:1/nothing"});
    CHECK(result.exitCode == 0);
    CHECK_THAT(result.output, Contains("database   not reachable: "));
    CHECK_THAT(result.output, !Contains("secret"));
}

TEST_CASE("monitor shows card and database in each format")
{
    const CardForChildren card;
    const CliWorkspace cli;
    cli.require({"workspace", "init"});
    const Json json = cli.require({"monitor", "--once"});
    REQUIRE(json["gpus"].size() == 1);
    CHECK(json["gpus"][0]["utilisation_percent"] == 97.0);
    CHECK(json["gpus"][0]["processes"].size() == 2);
    CHECK(json["database"]["reachable"] == true);
    CHECK(json["database"]["bytes"].get<std::int64_t>() > 0);
    CHECK(json["database"]["connections"].get<int>() >= 1);

    const CliResult text = cli.runAsText({"monitor", "--once"});
    CHECK_THAT(text.output,
               Contains("gpu 0      NVIDIA RTX A4000, 97 % busy, memory 8192 of 16384 MiB, 71 °C "
                        "(slows down at 92), 128 of 140 W, SM 1560 MHz, memory 7001 MHz, fan 62 %, "
                        "held back by power limit, temperature\n"));

    const CliResult prometheus = cli.runAsText({"monitor", "--once", "--format", "prometheus"});
    CHECK(prometheus.exitCode == 0);
    std::istringstream lines(prometheus.output);
    std::string line;
    while (std::getline(lines, line)) {
        INFO(line);
        CHECK((line.starts_with("# HELP voorwerp_") || line.starts_with("# TYPE voorwerp_") ||
               line.starts_with("voorwerp_")));
    }
    CHECK_THAT(prometheus.output, Contains("\nvoorwerp_database_up 1\n"));
    CHECK_THAT(prometheus.output, Contains("name=\"NVIDIA RTX A4000\"} 0.97\n"));
}

TEST_CASE("monitor goes on until it is interrupted, and ends well")
{
    const TemporaryFolder folder;
    CliProcess process({"monitor", "--workspace", folder / "workspace", "--interval", "0.1"}, folder.path());
    REQUIRE(waitForReading(folder.path()));
    process.send(SIGINT);
    const CliResult result = process.wait();
    CHECK(result.exitCode == 0);
    CHECK_THAT(result.output, Contains("\nhost       "));
}

TEST_CASE("a format that monitor does not know is wrong usage")
{
    const TemporaryFolder folder;
    CHECK(monitorOnce(folder, "xml").exitCode == 2);
}

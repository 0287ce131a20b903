// SPDX-License-Identifier: GPL-3.0-or-later
// What scripts rely on when something is wrong: the exit code, and what --json says.
#include "cli/end_to_end/cli_process.h"
#include "cli/end_to_end/survey_truth.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>

using namespace voorwerp::test;
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

/// Runs a command in a folder, without a workspace.
CliResult runPlain(const TemporaryFolder& folder, const std::vector<std::string>& arguments)
{
    return CliProcess(arguments, folder.path()).wait();
}

void checkError(const CliResult& result, int exitCode, const std::string& part)
{
    INFO(result.output << result.error);
    CHECK(result.exitCode == exitCode);
    const Json error = result.json();
    CHECK(error["exit_code"] == exitCode);
    CHECK(error["error"].get<std::string>().find(part) != std::string::npos);
    CHECK(error["remedy"].is_string());
    CHECK(result.error.find("error: ") != std::string::npos);
}

} // namespace

TEST_CASE("help and version are answers, not errors")
{
    const TemporaryFolder folder;
    CHECK(runPlain(folder, {"--version"}).output.starts_with("voorwerp-cli "));
    for (const std::string verb :
         {"workspace", "mock", "ingest", "catalog", "selection", "dataset", "train", "score", "candidates",
          "explain", "label", "models", "backup", "jobs", "audit"}) {
        const CliResult help = runPlain(folder, {verb, "--help"});
        INFO(verb);
        CHECK(help.exitCode == 0);
        CHECK(help.output.find("Usage") != std::string::npos);
    }
}

TEST_CASE("wrong usage ends with exit code 2 before anything is started")
{
    const TemporaryFolder folder;
    const std::string workspace = folder / "workspace";
    const std::vector<std::vector<std::string>> wrong = {
        {"frobnicate", "--json"},
        {"--json"},
        {"models", "--json"},
        {"mock", folder / "survey", "--json"},
        {"mock", folder / "survey", "--targets", "many", "--json"},
        {"train", "--dataset", "x", "--model", "y", "--set", "latnet=3", "--workspace", workspace, "--json"},
        {"label", "set", "1", "--class", "BAL", "--quality", "9", "--json"},
    };
    for (const auto& arguments : wrong)
        checkError(runPlain(folder, arguments), 2, "");
    checkError(runPlain(folder, {"train", "--dataset", "x", "--model", "y", "--config",
                                 folder / "absent.json", "--workspace", workspace, "--json"}),
               2, "absent.json");
    CHECK_FALSE(fs::exists(workspace));
    CHECK_FALSE(fs::exists(folder / "survey"));
}

TEST_CASE("a wrong expression, name or path ends with exit code 2 and says which")
{
    const CliWorkspace cli;
    checkError(cli.run({"catalog", "count", "--where", "zz > 1"}), 2, "zz");
    checkError(cli.run({"dataset", "build", "d", "--selection", "nothing-here"}), 2, "nothing-here");
    checkError(cli.run({"score", "--model", "nobody", "--selection", "x"}), 2, "nobody");
    checkError(cli.run({"score", "--model", "nobody", "--selection", "x", "--precision", "bf16"}), 2, "bf16");
    checkError(cli.run({"candidates", "list", "--model", "nobody"}), 2, "nobody");
    checkError(cli.run({"jobs", "cancel", "77"}), 2, "77");
    checkError(cli.run({"explain", "--model", "nobody", "--target", "-39"}), 2, "nobody");
    std::ofstream(cli / "notes.txt") << "no survey\n";
    CHECK(cli.run({"ingest", cli / "notes.txt"}).exitCode != 0);
    CHECK(cli.require({"selection", "save", "empty", "--where", "z > 99"})["count"] == 0);
    checkError(cli.run({"dataset", "build", "d", "--selection", "empty"}), 2, "empty");
}

TEST_CASE("a truncated file is listed with exit code 3 and the rest is kept")
{
    const CliWorkspace cli;
    const Json mock = cli.require({"mock", cli / "survey", "--targets", "60"});
    const fs::path coadd = coaddsOf(cli / "survey").front();
    fs::resize_file(coadd, fs::file_size(coadd) / 2);
    const CliResult result = cli.run({"ingest", cli / "survey"});
    INFO(result.output << result.error);
    CHECK(result.exitCode == 3);
    const Json report = result.json();
    CHECK(report["files_rejected"] == 1);
    CHECK(report["files"].get<int>() == mock["files"].get<int>() - 1);
    CHECK(report["problems"][0]["where"].get<std::string>().find(coadd.filename().string()) !=
          std::string::npos);
    CHECK(result.error.find(coadd.filename().string()) != std::string::npos);
    CHECK(cli.require({"catalog", "count"})["count"] == report["spectra"]);
}

TEST_CASE("a database that cannot be reached ends with exit code 5")
{
    const TemporaryFolder folder;
    const CliResult result =
        runPlain(folder, {"catalog", "count", "--workspace", folder / "workspace", "--json", "--db",
                          "postgresql://nobody:secret@127.0.0.1:1/nothing"});
    checkError(result, 5, "127.0.0.1");
    CHECK(result.output.find("secret") == std::string::npos);
    CHECK(result.error.find("secret") == std::string::npos);
}

TEST_CASE("an interrupted command ends with exit code 4 and goes on when it is started again")
{
    const CliWorkspace cli;
    const auto mock = cli.start({"mock", cli / "endless", "--targets", "100000"});
    REQUIRE(mock->waitForError(":"));
    mock->send(SIGINT);
    checkError(mock->wait(), 4, "stopped");

    const Json survey = cli.require({"mock", cli / "survey", "--targets", "400"});
    const auto ingest = cli.start({"ingest", cli / "survey"});
    REQUIRE(ingest->waitForError("Reading DESI files"));
    ingest->send(SIGTERM);
    const CliResult stopped = ingest->wait();
    CHECK((stopped.exitCode == 4 || stopped.exitCode == 0)); // a fast machine may be done before the signal
    const int kept = cli.require({"catalog", "count"})["count"];
    const Json rest = cli.require({"ingest", cli / "survey"});
    CHECK(rest["spectra"].get<int>() == survey["targets"].get<int>() - kept);
    CHECK(cli.require({"catalog", "count"})["count"] == survey["targets"]);
}

TEST_CASE("two programs share the server of one workspace")
{
    const TemporaryFolder folder;
    const std::vector<std::string> command = {"catalog", "count", "--workspace", folder / "workspace",
                                              "--json"};
    CliProcess first(command, folder.path()), second(command, folder.path());
    const CliResult a = first.wait(), b = second.wait();
    INFO(a.error << b.error);
    CHECK(a.json()["count"] == 0);
    CHECK(b.json()["count"] == 0);
    const CliResult status =
        runPlain(folder, {"workspace", "status", "--workspace", folder / "workspace", "--json"});
    CHECK(status.json()["running"] == false);
}

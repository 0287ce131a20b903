// SPDX-License-Identifier: GPL-3.0-or-later
// The whole path over the command line: one survey, from files to a ranked list, labels, model versions and a
// restored backup. One case, because each step needs what the one before made.
#include "cli/end_to_end/cli_process.h"
#include "cli/end_to_end/recovery.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <fstream>
#include <limits>

using namespace voorwerp::test;
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

#ifdef VOORWERP_SMALL_SURVEY
constexpr bool kFullSurvey = false;
constexpr const char* kTargets = "200";
const std::vector<std::string> kTrainSettings = {"--set", "epochs=6", "--set", "hidden=128,64"};
#else
constexpr bool kFullSurvey = true;
constexpr const char* kTargets = "1500";
const std::vector<std::string> kTrainSettings = {};
#endif

constexpr const char* kQuasars = "spectype = 'QSO' and (zwarn = 0 or zwarn = 4)";

/// What architecture promises of an exported list.
const std::vector<std::string> kPromisedColumns = {
    "RANK",  "TARGETID", "SURVEY",  "PROGRAM", "HEALPIX", "TARGET_RA", "TARGET_DEC", "Z",
    "ZWARN", "SPECTYPE", "SNR",     "SCORE",   "CHI2",    "ROBUST",    "SMOOTHED",   "DENSITY",
    "KL",    "ARTEFACT", "P_VALUE", "Q_VALUE", "KIND",    "LABEL",     "MODEL",      "MODEL_SHA256"};

class Stopwatch
{
public:
    double seconds() const
    {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count();
    }

private:
    std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

std::vector<std::string> trainCommand(const std::vector<std::string>& more = {})
{
    std::vector<std::string> command = {"train", "--dataset", "demo", "--model", "vae", "--device", "cpu"};
    command.insert(command.end(), kTrainSettings.begin(), kTrainSettings.end());
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

void ingestSurvey(const CliWorkspace& cli, const std::string& survey)
{
    const Json mock = cli.require({"mock", survey, "--targets", kTargets, "--seed", "1"});
    CHECK(mock["targets"] == std::stoi(kTargets));
    const Json first = cli.require({"ingest", survey, "--specprod", "mock"});
    CHECK(first["files"] == mock["files"]);
    CHECK(first["spectra"] == mock["targets"]);
    CHECK(first["rejected"] == 0);
    CHECK(first["spectra_per_second"].get<double>() > 0.0);
    const Json again = cli.require({"ingest", survey, "--specprod", "mock"});
    CHECK(again["spectra"] == 0);
    CHECK(again["files_skipped"] == mock["files"]);
}

void queryCatalog(const CliWorkspace& cli)
{
    CHECK(cli.require({"catalog", "count"})["count"] == std::stoi(kTargets));
    const Json list = cli.require({"catalog", "list", "--where", "z > 1 and z < 2", "--limit", "5"});
    REQUIRE(list["targets"].size() == 5);
    for (const Json& target : list["targets"]) {
        CHECK(target["z"].get<double>() > 1.0);
        CHECK(target["z"].get<double>() < 2.0);
    }
    const Json below = cli.require({"catalog", "count", "--where", "z <= 1.5"});
    const Json above = cli.require({"catalog", "count", "--where", "z > 1.5"});
    const Json known = cli.require({"catalog", "count", "--where", "z is not null"});
    CHECK(below["count"].get<int>() + above["count"].get<int>() == known["count"].get<int>());
}

void buildDataset(const CliWorkspace& cli)
{
    const Json selection = cli.require({"selection", "save", "quasars", "--where", kQuasars});
    CHECK(selection["count"].get<int>() > std::stoi(kTargets) / 2);
    CHECK(cli.require({"selection", "show", "quasars"})["where"] == kQuasars);
    CHECK(cli.require({"selection", "list"})["selections"].size() == 1);
    const Json dataset = cli.require({"dataset", "build", "demo", "--selection", "quasars"});
    CHECK(dataset["spectra"].get<int>() > std::stoi(kTargets) / 2);
    CHECK(dataset["pixels"].get<int>() > 100);
    CHECK(fs::exists(dataset["file"].get<std::string>()));
    const Json shown = cli.require({"dataset", "show", "demo"});
    CHECK(shown["sha256"] == dataset["sha256"]);
    CHECK(shown["selection"] == "quasars");
}

/// A stop request, then kill -9, then to the end: each time from the checkpoint.
Json trainWithInterruptions(const CliWorkspace& cli)
{
    const auto stopped = cli.start(trainCommand());
    REQUIRE(stopped->waitForError("epoch 2/"));
    stopped->send(SIGTERM);
    const CliResult stop = stopped->wait();
    INFO(stop.output << stop.error);
    CHECK(stop.exitCode == 4);
    CHECK(stop.json()["exit_code"] == 4);
    CHECK(fs::exists(cli.workspace() / "runs" / "vae" / "checkpoint"));

    const auto killed = cli.start(trainCommand({"--resume"}));
    REQUIRE(killed->waitForError("epoch 4/"));
    killed->send(SIGKILL);
    CHECK(killed->wait().exitCode == 128 + SIGKILL);
    CHECK(cli.require({"models", "list"})["models"].empty());

    const CliResult contradiction = cli.run(trainCommand({"--resume", "--set", "beta=0.7"}));
    CHECK(contradiction.exitCode == 2);
    CHECK(contradiction.json()["error"].get<std::string>().find("beta") != std::string::npos);

    // The settings come from the checkpoint.
    const Json trained =
        cli.require({"train", "--dataset", "demo", "--model", "vae", "--device", "cpu", "--resume"});
    CHECK(trained["model"] == "vae");
    CHECK(trained["best_epoch"].get<int>() > 0);
    CHECK(trained["best_epoch"].get<int>() <= trained["epochs"].get<int>());
    CHECK(trained["stopped_early"] == false);
    CHECK(trained["version"] == 1);
    CHECK(trained["device"] == "cpu");
    CHECK(trained["train_loss"].get<double>() > 0.0);
    CHECK(trained["validation_loss"].get<double>() > 0.0);
    CHECK(trained["sha256"].get<std::string>().size() == 64);
    return trained;
}

void checkCsv(const fs::path& file, const std::string& sha256)
{
    const CsvTable table = readCsvTable(file);
    CHECK(table.comments.size() >= 5);
    for (const std::string& name : kPromisedColumns)
        CHECK_NOTHROW(table.column(name));
    REQUIRE_FALSE(table.rows.empty());
    std::size_t wrongRank = 0, wrongOrder = 0, wrongModel = 0;
    double last = std::numeric_limits<double>::infinity();
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        const std::vector<std::string>& cells = table.rows[row];
        const double score = std::stod(cells.at(table.column("SCORE")));
        wrongRank += cells.at(table.column("RANK")) == std::to_string(row + 1) ? 0 : 1;
        wrongOrder += score <= last ? 0 : 1;
        wrongModel += cells.at(table.column("MODEL_SHA256")) == sha256 ? 0 : 1;
        last = score;
    }
    CHECK(wrongRank == 0);
    CHECK(wrongOrder == 0);
    CHECK(wrongModel == 0);
}

void judgeRecovery(const fs::path& candidates, const fs::path& truth)
{
    const Recovery recovery = measureRecovery(candidates, truth);
    std::string kinds;
    for (const auto& [kind, value] : recovery.aurocOfKind)
        kinds += " " + kind + " " + std::to_string(value).substr(0, 4);
    WARN("AUROC of " << recovery.anomalies << " of " << recovery.anomaliesInTruth << " anomalies against "
                     << recovery.normals << " normal quasars: " << recovery.auroc << ";" << kinds);
    if (!kFullSurvey) {
        WARN("AUROC is not judged here: the sanitizer build has a small survey and a short training");
        return;
    }
    CHECK(recovery.auroc >= 0.85);
    CHECK(recovery.anomalies >= 80);
}

void scoreAndExport(const CliWorkspace& cli, const Json& trained, const fs::path& truth)
{
    const Json scored = cli.require({"score", "--model", "vae", "--selection", "quasars"});
    CHECK(scored["model_sha256"] == trained["sha256"]);
    CHECK(scored["scored"].get<int>() > std::stoi(kTargets) / 2);
    const std::string csv = cli / "candidates.csv", fits = cli / "candidates.fits";
    const Json exported = cli.require({"candidates", "export", "--model", "vae", "--top", "0", "--out", csv});
    CHECK(exported["rows"] == scored["scored"]);
    checkCsv(csv, trained["sha256"]);
    cli.require(
        {"candidates", "export", "--model", "vae@1", "--top", "50", "--format", "fits", "--out", fits});
    const FitsTableHeader header = readFitsTableHeader(fits);
    CHECK(header.rows == 50);
    CHECK(header.columns == kPromisedColumns);
    judgeRecovery(csv, truth);
}

void explainAndLabel(const CliWorkspace& cli)
{
    const Json top = cli.require({"candidates", "list", "--model", "vae", "--top", "3"});
    REQUIRE(top["candidates"].size() == 3);
    const std::string target = top["candidates"][0]["TARGETID"].dump();
    const Json why = cli.require({"explain", "--model", "vae", "--target", target});
    CHECK_FALSE(why["kind"].get<std::string>().empty());
    CHECK_FALSE(why["regions"].empty());

    cli.require({"label", "set", target, "--class", "BAL", "--quality", "3", "--comment", "broad, blue"});
    const Json after = cli.require({"candidates", "list", "--model", "vae", "--top", "1"});
    CHECK(after["candidates"][0]["LABEL"] == "BAL");
    const std::string file = cli / "labels.csv";
    cli.require({"label", "export", file});
    CHECK(cli.require({"label", "import", file})["known"] == 1);
    std::ofstream(file, std::ios::app) << "not-a-number,BAL,,,,\n";
    const CliResult bad = cli.run({"label", "import", file});
    CHECK(bad.exitCode == 3);
    CHECK(bad.json()["rejected"] == 1);
    const Json labels = cli.require({"label", "list"})["labels"];
    REQUIRE(labels.size() == 1);
    CHECK(labels[0]["comment"] == "broad, blue");
}

void flipByte(const fs::path& path)
{
    fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(fs::file_size(path) / 2));
    const char byte = static_cast<char>(file.get());
    file.seekp(-1, std::ios::cur);
    file.put(static_cast<char>(byte ^ 1));
}

void keepModels(const CliWorkspace& cli, const Json& trained)
{
    CHECK(cli.require({"models", "verify", "vae"})["ok"] == true);
    CHECK(cli.require({"models", "show", "vae@champion"})["sha256"] == trained["sha256"]);
    const Json second = cli.require({"train", "--dataset", "demo", "--model", "vae", "--set", "epochs=1",
                                     "--set", "hidden=16", "--set", "seed=7"});
    CHECK(second["version"] == 2);
    CHECK(cli.require({"models", "show", "vae@champion"})["version"] == 1);
    cli.require({"models", "alias", "vae@2", "champion", "--reason", "a trial"});
    CHECK(cli.require({"models", "show", "vae@champion"})["version"] == 2);
    CHECK(cli.require({"models", "rollback", "vae"})["to"] == "vae@1");
    CHECK(cli.require({"models", "show", "vae@champion"})["version"] == 1);
    CHECK(cli.require({"models", "history", "vae"})["changes"].size() == 3);

    const fs::path file = cli.require({"models", "show", "vae@2"})["file"].get<std::string>();
    flipByte(file);
    const CliResult verified = cli.run({"models", "verify"});
    CHECK(verified.exitCode == 3);
    CHECK(verified.json()["models"][0]["ok"] == true);
    CHECK(verified.json()["models"][1]["ok"] == false);
    const CliResult refused = cli.run({"score", "--model", "vae@2", "--selection", "quasars"});
    CHECK(refused.exitCode == 3);
    CHECK(refused.json()["error"].get<std::string>().find(second["sha256"].get<std::string>()) !=
          std::string::npos);
    flipByte(file);
    CHECK(cli.run({"models", "verify"}).exitCode == 0);
}

void backUpAndRestore(const CliWorkspace& cli)
{
    CHECK(cli.run({"backup", "run"}).exitCode == 2);
    cli.require({"backup", "init"});
    const Json snapshot = cli.require({"backup", "run"});
    CHECK(snapshot["rows"].get<int>() >= std::stoi(kTargets));
    CHECK(cli.require({"backup", "list"})["snapshots"].size() == 1);
    const Json verified = cli.require({"backup", "verify"});
    CHECK(verified["ok"] == true);
    CHECK(verified["snapshot"] == snapshot["snapshot"]);
    CHECK(verified["rows"] == snapshot["rows"]);

    const fs::path restored = cli / "restored";
    cli.require({"backup", "restore", "latest", "--to", restored.string()});
    const CliResult count = cli.runIn(restored, {"catalog", "count"});
    REQUIRE(count.exitCode == 0);
    CHECK(count.json()["count"] == std::stoi(kTargets));
    const std::vector<std::string> list = {"candidates", "list", "--model", "vae", "--top", "20"};
    CHECK(cli.runIn(restored, list).json() == cli.run(list).json());
    CHECK(cli.runIn(restored, {"models", "verify"}).exitCode == 0);
    CHECK(cli.run({"backup", "restore", "latest", "--to", restored.string()}).exitCode == 2);
}

} // namespace

TEST_CASE("a mock survey becomes a ranked list that finds its anomalies, and comes back from a backup")
{
    const CliWorkspace cli;
    const std::string survey = cli / "survey";
    const Stopwatch watch;
    ingestSurvey(cli, survey);
    queryCatalog(cli);
    buildDataset(cli);
    const Json trained = trainWithInterruptions(cli);
    scoreAndExport(cli, trained, survey + "/truth.csv");
    WARN("from nothing to the ranked list, with two interruptions: " << watch.seconds() << " s");
    explainAndLabel(cli);
    keepModels(cli, trained);
    backUpAndRestore(cli);
    CHECK(cli.require({"jobs", "list"})["jobs"].empty());
}

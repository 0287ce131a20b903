// SPDX-License-Identifier: GPL-3.0-or-later
// Bad input gets a clear answer and loses nothing; what was stopped goes on.
#include "app/pipeline/dataset_job.h"
#include "app/pipeline/demo_job.h"
#include "app/pipeline/model_loader.h"
#include "app/pipeline/score_job.h"
#include "app/pipeline/train_job.h"
#include "catalog/model_store.h"
#include "catalog/private_cluster.h"
#include "catalog/refusal_store.h"
#include "catalog/score_store.h"
#include "catalog/selection_store.h"
#include "catalog/target_query.h"
#include "pipeline/pipeline_fixture.h"

#include <catch2/catch.hpp>

#include <array>
#include <csignal>
#include <fstream>
#include <optional>
#include <thread>

using namespace voorwerp;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> coaddsBelow(const fs::path& folder)
{
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.path().filename().string().starts_with("coadd-"))
            found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

train::TrainConfig smallConfig()
{
    train::TrainConfig config;
    config.hidden = {32};
    config.latent = 4;
    config.epochs = 3;
    config.threads = 1;
    return config;
}

} // namespace

TEST_CASE("A truncated coadd is listed, the good ones go in, and the repaired file goes in later")
{
    test::PipelineFixture fixture;
    const fs::path survey = fixture.mockSurvey("survey", 60);
    const auto coadds = coaddsBelow(survey);
    const fs::path saved = fixture.folder() / "saved.fits";
    fs::copy_file(coadds.front(), saved);
    fs::resize_file(coadds.front(), fs::file_size(saved) / 2);

    const auto damaged = fixture.ingest(survey);
    REQUIRE(damaged.filesRejected == 1);
    REQUIRE_THAT(fixture.problemsOf(damaged), Catch::Contains(coadds.front().filename().string()));
    const std::int64_t without = catalog::countTargets(fixture.database(), "");

    fs::copy_file(saved, coadds.front(), fs::copy_options::overwrite_existing);
    const auto repaired = fixture.ingest(survey);
    REQUIRE(repaired.filesRejected == 0);
    REQUIRE(repaired.files == 1);
    REQUIRE(catalog::countTargets(fixture.database(), "") == 60);
    REQUIRE(without + repaired.spectra == 60);
}

TEST_CASE("A damaged redrock file is listed by every ingest until it is repaired, and its spectra go in "
          "without redshifts")
{
    test::PipelineFixture fixture;
    const fs::path survey = fixture.mockSurvey("survey", 40);
    fs::path redrock = coaddsBelow(survey).front();
    redrock.replace_filename("redrock-" + redrock.filename().string().substr(std::string("coadd-").size()));
    const fs::path saved = fixture.folder() / "saved.fits";
    fs::copy_file(redrock, saved);
    fs::resize_file(redrock, fs::file_size(saved) / 2);
    const auto files = static_cast<std::int64_t>(coaddsBelow(survey).size());
    for (const std::int64_t skipped : {std::int64_t(0), files}) {
        const auto report = fixture.ingest(survey);
        CHECK(report.filesSkipped == skipped);
        CHECK_THAT(fixture.problemsOf(report), Catch::Contains(redrock.filename().string()));
    }
    CHECK(catalog::countTargets(fixture.database(), "") == 40);
    CHECK(catalog::countTargets(fixture.database(), "z > 0") < 40);

    fs::copy_file(saved, redrock, fs::copy_options::overwrite_existing);
    const auto repaired = fixture.ingest(survey);
    CHECK(repaired.problems.empty());
    CHECK(repaired.files == 1);
    CHECK(catalog::countTargets(fixture.database(), "z > 0") == 40);
}

TEST_CASE("Two ingests of the same files at the same time share the work")
{
    test::PipelineFixture fixture;
    const fs::path survey = fixture.mockSurvey("survey", 300);
    std::array<pipeline::IngestReport, 2> reports;
    {
        std::vector<std::jthread> programs;
        for (pipeline::IngestReport& report : reports)
            programs.emplace_back([&] {
                core::JobContext context;
                report = pipeline::ingest(fixture.database(), {{survey}, "test"}, context);
            });
    }
    const auto files = static_cast<std::int64_t>(coaddsBelow(survey).size());
    CHECK(files > 1);
    CHECK(reports[0].files + reports[1].files == files);
    CHECK(reports[0].spectra + reports[1].spectra == 300);
    CHECK(catalog::countTargets(fixture.database(), "") == 300);
}

TEST_CASE("An ingest that is stopped keeps whole files only, and goes on where it was")
{
    test::PipelineFixture fixture;
    const fs::path survey = fixture.mockSurvey("survey", 400);
    std::stop_source stop;
    core::JobContext context(stop.get_token(),
                             [&](const core::Progress& progress) {
                                 if (progress.done > 0.0)
                                     stop.request_stop();
                             },
                             {});
    REQUIRE_THROWS_AS(pipeline::ingest(fixture.database(), {{survey}, "test"}, context), core::Cancelled);
    REQUIRE(catalog::countTargets(fixture.database(), "") < 400);
    fixture.ingest(survey);
    REQUIRE(catalog::countTargets(fixture.database(), "") == 400);
}

TEST_CASE("What an ingest refused is known, though it was stopped later on")
{
    test::PipelineFixture fixture;
    const fs::path survey = fixture.mockSurvey("survey", 400);
    const fs::path damaged = coaddsBelow(survey).front();
    fs::resize_file(damaged, fs::file_size(damaged) / 2);
    std::stop_source stop;
    core::JobContext context(stop.get_token(),
                             [&](const core::Progress& progress) {
                                 if (progress.done > 0.0)
                                     stop.request_stop();
                             },
                             {});
    pipeline::IngestRequest request{{survey}, "test"};
    request.threads = 1;
    REQUIRE_THROWS_AS(pipeline::ingest(fixture.database(), request, context), core::Cancelled);
    const auto refusals = catalog::listRefusals(fixture.database());
    REQUIRE(refusals.size() == 1);
    CHECK(refusals.front().path == damaged.string());
}

TEST_CASE("A path without DESI files, an unknown recipe and an empty selection are refused with the reason")
{
    test::PipelineFixture fixture;
    fs::create_directories(fixture.folder() / "empty");
    REQUIRE_THROWS_AS(fixture.ingest(fixture.folder() / "empty"), core::UserError);
    fixture.ingest(fixture.mockSurvey("survey", 30));
    catalog::saveSelection(fixture.database(), "none", "z > 1000");
    catalog::saveSelection(fixture.database(), "all", "");
    auto& context = fixture.context();
    REQUIRE_THROWS_WITH(pipeline::buildDataset(fixture.session(), {"d", "none", {}}, context),
                        Catch::Contains("matches no spectrum"));
    REQUIRE_THROWS_AS(pipeline::buildDataset(fixture.session(), {"d", "all", "no-such-recipe"}, context),
                      core::UserError);
    REQUIRE_THROWS_AS(pipeline::buildDataset(fixture.session(), {"../d", "all", {}}, context),
                      core::UserError);
    REQUIRE_THROWS_AS(pipeline::buildDataset(fixture.session(), {"d", "nobody", {}}, context),
                      core::UserError);
    REQUIRE(fs::is_empty(fixture.session().workspace().datasets()));
}

TEST_CASE("A model whose file or training set was changed is refused, and the scores that are there stay")
{
    test::PipelineFixture fixture;
    auto& context = fixture.context();
    fixture.ingest(fixture.mockSurvey("survey", 150));
    catalog::saveSelection(fixture.database(), "all", "z > 0.2");
    const auto dataset = pipeline::buildDataset(fixture.session(), {"d", "all", {}}, context);
    const auto trained =
        pipeline::trainModel(fixture.session(), {"d", "m", smallConfig(), "cpu", false}, {}, context);
    REQUIRE(trained.version == 1);
    const auto scored = pipeline::scoreSelection(fixture.session(), {"m", "all", "cpu"}, context);
    REQUIRE(scored.scored > 100);
    const auto version =
        catalog::findModel(fixture.database(), ""); // the first model is the workspace's champion
    REQUIRE(version.sha256 == trained.sha256);

    std::fstream(version.file, std::ios::in | std::ios::out | std::ios::binary).seekp(5000).put('!');
    REQUIRE_THROWS_AS(pipeline::loadModel(fixture.session(), "m", "cpu"), core::FormatError);
    REQUIRE_THROWS_AS(pipeline::scoreSelection(fixture.session(), {"m", "all", "cpu"}, context),
                      core::FormatError);
    REQUIRE(catalog::latestScoreRun(fixture.database(), version.id)->scored == scored.scored);

    std::fstream(dataset.file, std::ios::in | std::ios::out | std::ios::binary).seekp(20000).put('!');
    REQUIRE_THROWS_AS(
        pipeline::trainModel(fixture.session(), {"d", "m", smallConfig(), "cpu", false}, {}, context),
        core::FormatError);
}

TEST_CASE("A server that is killed gives an error that says so, and the workspace opens again with its data")
{
    test::TemporaryFolder folder;
    core::JobContext context;
    const pipeline::SessionRequest request{folder / "workspace", {}};
    auto session = pipeline::Session::open(request, context);
    catalog::saveSelection(session->database(), "all", "");
    const auto status = catalog::PrivateCluster::status(session->workspace());
    REQUIRE(status.running);
    ::kill(static_cast<pid_t>(status.pid), SIGKILL);
    // The processes that serve a connection end at their next wait, not at once.
    const auto failure = [&]() -> std::optional<core::DatabaseError> {
        try {
            catalog::listSelections(session->database());
            return std::nullopt;
        } catch (const core::DatabaseError& error) {
            return error;
        }
    };
    for (int i = 0; i < 1000 && !failure(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    // The first one may have been lost within its commit; from now on there is nobody to connect to.
    const auto error = failure();
    REQUIRE(error);
    CHECK(error->kind() == core::DatabaseError::Kind::Unreachable);
    CHECK_FALSE(error->remedy().empty());
    session.reset();
    session = pipeline::Session::open(request, context);
    REQUIRE(catalog::listSelections(session->database()).size() == 1);
}

TEST_CASE("A demo that is stopped half-way goes on with what it has")
{
    test::PipelineFixture fixture;
    pipeline::DemoRequest request;
    request.targets = 150;
    request.device = "cpu";
    request.config = smallConfig();
    std::stop_source stop;
    core::JobContext stopping(stop.get_token(), {}, {});
    const auto stopAfterFirstEpoch = [&](const train::EpochReport&, const train::Preview&) {
        stop.request_stop();
    };
    std::vector<std::optional<monitor::TrainingStep>> steps;
    const auto note = [&](const std::optional<monitor::TrainingStep>& step) { steps.push_back(step); };
    REQUIRE_THROWS_AS(pipeline::runDemo(fixture.session(), request, {stopAfterFirstEpoch, note}, stopping),
                      core::Cancelled);
    REQUIRE(steps.size() > 3); // the begin, each step, the end
    CHECK((steps.front()->done == 0 && steps.front()->total == 0 && steps.front()->device == "cpu"));
    CHECK((steps[1]->done == 1 && steps[1]->total > 1 && steps[1]->device == "cpu"));
    CHECK(steps[1]->detail == "epoch 1/" + std::to_string(request.config.epochs));
    CHECK_FALSE(steps.back().has_value());
    CHECK(std::all_of(steps.begin(), steps.end() - 1, [](const auto& step) { return step.has_value(); }));
    const auto report = pipeline::runDemo(fixture.session(), request, {}, fixture.context());
    REQUIRE(report.model == "vae-demo@1");
    REQUIRE(report.scored > 100);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Scoring a selection as a job: precisions, stop, and what a run says of itself.
#include "app/pipeline/dataset_job.h"
#include "app/pipeline/model_loader.h"
#include "app/pipeline/score_job.h"
#include "app/pipeline/train_job.h"
#include "catalog/model_store.h"
#include "catalog/score_store.h"
#include "catalog/selection_store.h"
#include "pipeline/pipeline_fixture.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>

using namespace voorwerp;

namespace {

/// A workspace in which a small model is ready to score everything.
struct ScoringFixture : test::PipelineFixture
{
    explicit ScoringFixture(const std::string& precision = "fp32")
    {
        ingest(mockSurvey("survey", 150));
        catalog::saveSelection(database(), "all", "z > 0.2");
        pipeline::buildDataset(session(), {"d", "all", {}}, context());
        train::TrainConfig config;
        config.hidden = {64};
        config.latent = 4;
        config.epochs = 5;
        config.precision = precision;
        pipeline::trainModel(session(), {"d", "m", config, "cpu", false}, {}, context());
        model = catalog::findModel(database(), "m").id;
    }
    pipeline::ScoreReport score(const std::string& precision)
    {
        return pipeline::scoreSelection(session(), {"m", "all", "cpu", precision}, context());
    }
    std::string precisionOfRun() const
    {
        const auto run = catalog::latestScoreRun(database(), model);
        return nlohmann::json::parse(run->configuration).value("precision", "");
    }

    core::ModelVersionId model;
};

} // namespace

TEST_CASE("Scores in tf32 are near those in fp32, and a run says which were asked for")
{
    ScoringFixture fixture;
    CHECK(fixture.score("fp32").scored > 100);
    CHECK(fixture.precisionOfRun() == "fp32");
    const catalog::ScoreColumns exact = catalog::loadScoreColumns(fixture.database(), fixture.model);
    CHECK(fixture.score("tf32").scored == static_cast<std::int64_t>(exact.ids.size()));
    CHECK(fixture.precisionOfRun() == "tf32");
    const catalog::ScoreColumns fast = catalog::loadScoreColumns(fixture.database(), fixture.model);
    REQUIRE(fast.ids == exact.ids);
    double largest = 0.0;
    for (std::size_t i = 0; i < exact.latent.size(); ++i)
        largest = std::max<double>(largest, std::abs(exact.latent[i] - fast.latent[i]));
    CHECK(largest < 0.01);
    for (std::size_t i = 0; i < exact.ids.size(); ++i)
        CHECK(fast.score[i] == Approx(exact.score[i]).epsilon(0.02).margin(0.01));
}

TEST_CASE("Scoring in bf16, or in nothing, is refused before anything is read")
{
    ScoringFixture fixture;
    for (const char* precision : {"bf16", "", "fp64"}) {
        bool begun = false;
        core::JobContext context({}, [&](const core::Progress&) { begun = true; }, {});
        CHECK_THROWS_AS(pipeline::scoreSelection(fixture.session(), {"m", "all", "cpu", precision}, context),
                        core::UserError);
        CHECK_FALSE(begun);
    }
    CHECK_FALSE(catalog::latestScoreRun(fixture.database(), fixture.model));
}

TEST_CASE("A model trained in bf16 is checked against what it gives in fp32")
{
    ScoringFixture fixture("bf16");
    const pipeline::StoredModel stored = pipeline::readModel(fixture.session(), "m");
    auto backend = nn::makeBackend("cpu", stored.file.config, 0, 1);
    backend->setParameters(stored.file.parameters);
    const registry::GoldenTest& golden = stored.file.golden;
    std::vector<float> decoded(golden.flux.size());
    backend->decode(golden.latents.data(), golden.count, decoded.data());
    CHECK(registry::compareGolden(golden, decoded).largestDifference < 1e-5);
    CHECK(fixture.score("fp32").scored > 100);
}

TEST_CASE("A scoring that is stopped in any of its phases leaves the scores that were there")
{
    ScoringFixture fixture;
    const std::int64_t scored = fixture.score("fp32").scored;
    const std::int64_t run = catalog::latestScoreRun(fixture.database(), fixture.model)->id;
    for (const std::string phase : {"Scoring", "Ranking", "Storing the scores"}) {
        INFO(phase);
        std::stop_source stop;
        core::JobContext context(stop.get_token(),
                                 [&](const core::Progress& progress) {
                                     if (progress.phase == phase)
                                         stop.request_stop();
                                 },
                                 {});
        CHECK_THROWS_AS(pipeline::scoreSelection(fixture.session(), {"m", "all", "cpu"}, context),
                        core::Cancelled);
        const auto latest = catalog::latestScoreRun(fixture.database(), fixture.model);
        CHECK(latest->id == run);
        CHECK(latest->scored == scored);
    }
}

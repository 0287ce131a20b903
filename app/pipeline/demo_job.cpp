// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/demo_job.h"

#include "app/pipeline/dataset_job.h"
#include "app/pipeline/ingest_job.h"
#include "app/pipeline/score_job.h"
#include "app/pipeline/session.h"
#include "catalog/dataset_store.h"
#include "catalog/model_store.h"
#include "catalog/quasar_rule.h"
#include "catalog/selection_store.h"
#include "mock/mock_survey.h"

#include <algorithm>
#include <chrono>

namespace voorwerp::pipeline {

namespace {

namespace fs = std::filesystem;

fs::path writeSurvey(const Session& session, const DemoRequest& request, core::JobContext& context)
{
    const fs::path folder = session.workspace().folder() / "demo-survey";
    if (!fs::exists(folder / "truth.csv")) { // truth.csv is written last
        mock::MockConfig config;
        config.targets = request.targets;
        config.seed = request.seed;
        mock::writeMockSurvey(folder, config, context);
    }
    return folder;
}

bool modelExists(const catalog::Database& database)
{
    const auto models = catalog::listModels(database);
    return std::any_of(models.begin(), models.end(),
                       [](const catalog::ModelVersion& model) { return model.name == kDemoModel; });
}

void trainDemoModel(const Session& session, const DemoRequest& request, const TrainObserver& observer,
                    core::JobContext& context)
{
    TrainRequest training;
    training.dataset = kDemoDataset;
    training.model = kDemoModel;
    training.config = request.config;
    training.device = request.device;
    training.resume = fs::exists(session.workspace().runs() / kDemoModel / "checkpoint");
    trainModel(session, training, observer, context);
}

} // namespace

DemoReport runDemo(const Session& session, const DemoRequest& request, const TrainObserver& observer,
                   core::JobContext& context)
{
    const auto start = std::chrono::steady_clock::now();
    const catalog::Database& database = session.database();
    const fs::path survey = writeSurvey(session, request, context);
    ingest(database, {{survey}, "mock"}, context);
    catalog::saveSelection(database, kDemoSelection, {}, catalog::quasarRules().front().id);
    if (!catalog::datasetExists(database, kDemoDataset))
        buildDataset(session, {kDemoDataset, kDemoSelection, {}}, context);
    if (!modelExists(database))
        trainDemoModel(session, request, observer, context);
    const ScoreReport scores = scoreSelection(session, {kDemoModel, kDemoSelection, request.device}, context);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    return {scores.model, scores.scored, seconds.count()};
}

} // namespace voorwerp::pipeline

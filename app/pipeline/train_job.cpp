// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/train_job.h"

#include "app/pipeline/dataset_job.h"
#include "app/pipeline/model_storage.h"
#include "app/pipeline/nn_errors.h"
#include "app/pipeline/provenance.h"
#include "app/pipeline/session.h"
#include "catalog/dataset_store.h"
#include "core/file_io.h"
#include "dataset/training_set.h"
#include "score/scorer.h"
#include "train/checkpoint.h"
#include "train/dataset_source.h"
#include "train/lost_devices.h"

#include <nlohmann/json.hpp>

namespace voorwerp::pipeline {

namespace fs = std::filesystem;

namespace {

/// One training of one model: only one at a time, whatever program runs it.
core::FileLock lockRun(const fs::path& folder, const std::string& model)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw core::SystemError("cannot create " + folder.string() + ": " + error.message());
    auto lock = core::FileLock::tryAcquire(folder / "lock", core::FileLock::Mode::Exclusive);
    if (!lock.held())
        throw core::UserError("'" + model + "' is being trained by another program",
                              "Wait for it, stop it, or train under another name.");
    return lock;
}

nlohmann::json makeMetrics(const train::TrainResult& result)
{
    const train::EpochReport& best = result.history.at(result.bestEpoch - 1);
    nlohmann::json history = nlohmann::json::array();
    for (const train::EpochReport& epoch : result.history)
        history.push_back({{"epoch", epoch.epoch},
                           {"train_loss", epoch.trainLoss},
                           {"validation_loss", epoch.validationLoss},
                           {"validation_kl", epoch.validationKl},
                           {"learning_rate", epoch.learningRate},
                           {"beta", epoch.beta}});
    return {{"epochs", result.history.size()},
            {"best_epoch", result.bestEpoch},
            {"stopped_early", result.stoppedEarly},
            {"train_loss", best.trainLoss},
            {"validation_loss", best.validationLoss},
            {"validation_reconstruction", best.validationReconstruction},
            {"validation_kl", best.validationKl},
            {"seconds", result.seconds},
            {"spectra_per_second", result.spectraPerSecond},
            {"history", history}};
}

nlohmann::json makeLineage(const TrainRequest& request, const catalog::DatasetRecord& record,
                           const nn::BackendAttributes& device)
{
    return {{"dataset",
             {{"name", record.name},
              {"sha256", record.sha256},
              {"selection", record.selection},
              {"where", record.where},
              {"recipe", record.recipe},
              {"recipe_hash", record.recipeHash},
              {"spectra", record.spectra},
              {"lineage", nlohmann::json::parse(record.lineage, nullptr, false)}}},
            {"config", request.config.toJson()},
            {"device", device.device},
            {"device_description", device.description},
            {"software", softwareVersion()},
            {"created", currentTime()},
            {"by", currentUser()}};
}

/// Tells the observer each step while it lives.
class StepTeller
{
public:
    StepTeller(const TrainObserver& observer, std::size_t epochs, std::string device)
        : m_observer(observer)
        , m_epochs(epochs)
        , m_device(std::move(device))
    {
        if (m_observer.onStep)
            m_observer.onStep(monitor::TrainingStep{0, 0, "steps", {}, m_device});
    }
    ~StepTeller()
    {
        if (m_observer.onStep)
            m_observer.onStep(std::nullopt);
    }
    StepTeller(const StepTeller&) = delete;
    StepTeller& operator=(const StepTeller&) = delete;

    /// total: of all epochs, which have the same number of steps.
    void tell(std::size_t done, std::size_t total) const
    {
        const std::size_t epoch = (done - 1) * m_epochs / total + 1;
        m_observer.onStep(monitor::TrainingStep{
            done, total, "steps", "epoch " + std::to_string(epoch) + "/" + std::to_string(m_epochs),
            m_device});
    }

private:
    const TrainObserver& m_observer;
    std::size_t m_epochs;
    std::string m_device;
};

class Training
{
public:
    Training(const Session& session, const TrainRequest& request, const TrainObserver& observer,
             core::JobContext& context)
        : m_session(session)
        , m_request(request)
        , m_observer(observer)
        , m_context(context)
        , m_runFolder(session.workspace().runs() / request.model)
        , m_lock(lockRun(m_runFolder, request.model))
        , m_record(catalog::findDataset(session.database(), request.dataset))
        , m_set(openDataset(m_record, session.workspace()))
    {
    }

    TrainReport run()
    {
        const train::TrainResult result = runTraining();
        const nn::BackendAttributes device = m_backend->attributes();
        const catalog::ModelVersion version = store(result, device);
        fs::remove(m_runFolder / "checkpoint");
        return report(version, result, device);
    }

private:
    std::unique_ptr<nn::Backend> makeBackend() const
    {
        const train::TrainConfig& config = m_request.config;
        auto backend = nn::makeBackend(m_request.device, config.modelConfig(m_set.pixels()), config.seed,
                                       static_cast<int>(config.threads), nn::precisionOf(config.precision));
        const nn::BackendAttributes device = backend->attributes();
        m_context.log("training on " + device.device + " (" + device.description + ")" +
                      (device.reason.empty() ? "" : "; " + device.reason));
        return backend;
    }

    train::TrainResult runTraining()
    {
        train::TrainOptions options;
        options.folder = m_runFolder;
        options.resume = m_request.resume;
        options.onEpoch = m_observer.onEpoch;
        std::unique_ptr<StepTeller> teller;
        if (m_observer.onStep)
            options.onStep = [&teller](std::size_t done, std::size_t total) { teller->tell(done, total); };
        const auto makeTold = [this, &teller] {
            auto backend = makeBackend();
            teller.reset(); // says its end before the next one begins
            teller = std::make_unique<StepTeller>(m_observer, m_request.config.epochs,
                                                  backend->attributes().device);
            return backend;
        };
        const train::DatasetSource source(m_set);
        return train::trainThroughLostDevices(m_request.config, source, makeTold, m_backend, options,
                                              m_context);
    }

    catalog::ModelVersion store(const train::TrainResult& result, const nn::BackendAttributes& device)
    {
        registry::ModelFile file;
        file.config = result.modelConfig;
        file.parameters = result.parameters;
        file.latentDensity =
            score::fitLatentDensity(*m_backend, m_set, m_request.config.seed, m_context).toTensors();
        file.recipe = m_set.recipe().toJson();
        file.lineage = makeLineage(m_request, m_record, device);
        file.metrics = makeMetrics(result);
        const auto exact = nn::makeBackend("cpu", file.config, 0, device.threads); // whatever trained it
        exact->setParameters(file.parameters);
        file.golden = makeGolden(*exact);
        catalog::ModelVersion version;
        version.name = m_request.model;
        version.dataset = m_record.name;
        version.datasetSha256 = m_record.sha256;
        version.configuration = m_request.config.toJson().dump();
        return storeModel(m_session, std::move(version), file);
    }

    TrainReport report(const catalog::ModelVersion& version, const train::TrainResult& result,
                       const nn::BackendAttributes& device) const
    {
        const train::EpochReport& best = result.history.at(result.bestEpoch - 1);
        return {version.id,
                version.name,
                version.version,
                version.sha256,
                device.device,
                static_cast<int>(result.history.size()),
                static_cast<int>(result.bestEpoch),
                result.stoppedEarly,
                best.trainLoss,
                best.validationLoss,
                result.spectraPerSecond,
                result.seconds};
    }

    const Session& m_session;
    const TrainRequest& m_request;
    const TrainObserver& m_observer;
    core::JobContext& m_context;
    fs::path m_runFolder;
    core::FileLock m_lock;
    catalog::DatasetRecord m_record;
    dataset::TrainingSet m_set;
    std::unique_ptr<nn::Backend> m_backend;
};

} // namespace

train::TrainConfig interruptedConfig(const Session& session, const std::string& model)
{
    requirePlainName(model, "a model");
    const fs::path file = session.workspace().runs() / model / "checkpoint";
    if (!fs::exists(file))
        throw core::UserError("there is no interrupted training of '" + model + "' to go on with",
                              "Start the training without resuming, or check the name of the model.");
    return train::readCheckpoint(file).config;
}

TrainReport trainModel(const Session& session, const TrainRequest& request, const TrainObserver& observer,
                       core::JobContext& context)
{
    requirePlainName(request.model, "a model");
    request.config.validate();
    catalog::requireRight(session.database(), catalog::Right::Train); // better known before than after hours
    return withNetworkErrors([&] { return Training(session, request, observer, context).run(); });
}

} // namespace voorwerp::pipeline

// SPDX-License-Identifier: GPL-3.0-or-later
#include "train/trainer.h"

#include "core/error.h"
#include "core/file_io.h"
#include "train/batch_reader.h"
#include "train/checkpoint.h"
#include "train/schedule.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <numeric>
#include <sstream>

namespace voorwerp::train {

using core::SystemError;
using core::UserError;
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLossInterval =
    16;                                 ///< steps between two looks at the losses (each waits for the device)
constexpr std::size_t kMeanRows = 4096; ///< spectra that the first mean is made of
constexpr std::size_t kLargestChoice = 512; ///< batch that is chosen where none is set
constexpr std::size_t kEpochSteps = 50;     ///< that a chosen batch leaves, where rows suffice

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

nn::Likelihood likelihoodOf(const std::string& name)
{
    if (name == "huber")
        return nn::Likelihood::Huber;
    return name == "student" ? nn::Likelihood::StudentT : nn::Likelihood::Gaussian;
}

/// The training rows judge where there are no validation rows.
const std::vector<std::size_t>& judgingRows(const TrainingData& data)
{
    return data.validationRows().empty() ? data.trainRows() : data.validationRows();
}

nn::NamedTensor& named(std::vector<nn::NamedTensor>& tensors, const std::string& name)
{
    return *std::find_if(tensors.begin(), tensors.end(),
                         [&](const auto& tensor) { return tensor.name == name; });
}

class Trainer
{
public:
    Trainer(const TrainConfig& config, const TrainingData& data, nn::Backend& backend,
            const TrainOptions& options, core::JobContext& context);
    TrainResult run();

private:
    TrainResult runAll();
    void start();
    void resume();
    void checkResumable() const;
    std::vector<float> meanSpectrum();
    void runEpoch();
    std::size_t chosenBatch() const;
    void halveBatch(const std::string& why);
    void keepRowsOnDevice();
    void runKeptSteps();
    void runReadSteps();
    void stepDone(std::size_t rows, Clock::time_point began);
    nn::StepOptions stepOptions() const;
    void collectLosses();
    void lookForDivergence();
    void finishEpoch();
    nn::Losses validate();
    bool canBeBest(std::size_t epoch) const;
    bool outOfPatience() const;
    void save();
    void keepState();
    [[noreturn]] void diverged(const std::string& what);
    nn::LossOptions lossOptions(double beta) const;
    nn::Batch readRows(std::span<const std::size_t> rows);
    /// Twice as many with each halving, so that a step's first row is a step's first row again.
    std::size_t epochSteps() const
    {
        const std::size_t rows = m_data.trainRows().size();
        return (rows + m_state.batch - 1) / m_state.batch << m_state.halvings;
    }
    std::size_t batchBegin(std::size_t batch) const
    {
        return m_data.trainRows().size() * batch / epochSteps();
    }
    std::size_t largestStep() const { return (m_data.trainRows().size() + epochSteps() - 1) / epochSteps(); }
    /// Of all steps that there are with this batch: what learning rate and β depend on.
    std::size_t position() const { return m_state.epoch * epochSteps() + m_state.epochStep; }
    fs::path checkpointPath() const { return m_options.folder / "checkpoint"; }
    fs::path historyPath() const { return m_options.folder / "history.jsonl"; }
    bool keepsFiles() const { return !m_options.folder.empty(); }
    std::size_t totalSteps() const { return epochSteps() * m_config.epochs; }

    const TrainConfig& m_config;
    const TrainingData& m_data;
    nn::Backend& m_backend;
    const TrainOptions& m_options;
    core::JobContext& m_context;
    const std::vector<std::size_t>& m_validationRows; ///< the training rows where there are none
    Checkpoint m_state;                               ///< parameters and optimiser only filled while saving
    std::size_t m_spectraBefore = 0;                  ///< trained on before this run began
    double m_secondsBefore = 0.0;                     ///< of the parts before a resume
    Clock::time_point m_began = Clock::now();
    Clock::time_point m_saved = Clock::now();
    RowBuffer m_rows;                ///< of the first mean, and of validation
    RowForm m_form = RowForm::Float; ///< in which the device takes the rows of steps
    bool m_kept = false;             ///< it has all of them
    std::string m_detail;
};

Trainer::Trainer(const TrainConfig& config, const TrainingData& data, nn::Backend& backend,
                 const TrainOptions& options, core::JobContext& context)
    : m_config(config)
    , m_data(data)
    , m_backend(backend)
    , m_options(options)
    , m_context(context)
    , m_validationRows(judgingRows(data))
{
    m_config.validate();
    if (data.trainRows().empty())
        throw UserError("the training set has no row to train on", "Build it from a larger selection.");
    if (data.validationRows().empty())
        context.log("no validation rows: the training rows judge");
    if (!(backend.config() == config.modelConfig(data.pixels())))
        throw UserError("the backend's model is not the one of the training settings",
                        "Make the backend with TrainConfig::modelConfig().");
    m_state.batch = config.batch > 0 ? config.batch : chosenBatch();
    m_state.dataHash = data.hash();
    m_state.pixels = data.pixels();
    m_state.config = config;
}

/// A power of two.
std::size_t Trainer::chosenBatch() const
{
    const std::size_t largest = m_backend.attributes().largestBatch; // asks the device
    std::size_t batch = kLargestChoice;
    while (batch > 1 && (batch > largest || batch * kEpochSteps > m_data.trainRows().size()))
        batch /= 2;
    return batch;
}

/// The epoch goes on where it is, with twice as many steps.
void Trainer::halveBatch(const std::string& why)
{
    if (2 * epochSteps() > m_data.trainRows().size())
        throw SystemError("a batch of " + std::to_string(largestStep()) +
                              " is too much for the device: " + why,
                          "Use a smaller model or another device.");
    ++m_state.halvings;
    m_state.epochStep *= 2;
    m_context.log("the batch is halved to " + std::to_string(largestStep()) + " spectra: " + why);
}

nn::Batch Trainer::readRows(std::span<const std::size_t> rows)
{
    m_rows.read(m_data, RowForm::Float, rows, m_context.stopToken());
    return m_rows.batch();
}

/// Mean of the pixels seen; a pixel's weight saturates at 1 so that no bright spectrum dominates.
std::vector<float> Trainer::meanSpectrum()
{
    const std::size_t pixels = m_data.pixels();
    const std::size_t count = std::min(kMeanRows, m_data.trainRows().size());
    std::vector<double> sum(pixels), weights(pixels);
    for (std::size_t first = 0; first < count; first += kRowsAtOnce) {
        const std::size_t rows = std::min(kRowsAtOnce, count - first);
        const nn::Batch batch = readRows(std::span(m_data.trainRows()).subspan(first, rows));
        for (std::size_t i = 0; i < rows * pixels; ++i) {
            if (!(batch.weight[i] > 0.0F))
                continue;
            const double weight =
                static_cast<double>(batch.weight[i]) / (1.0 + static_cast<double>(batch.weight[i]));
            sum[i % pixels] += weight * static_cast<double>(batch.flux[i]);
            weights[i % pixels] += weight;
        }
    }
    std::vector<float> mean(pixels);
    for (std::size_t i = 0; i < pixels; ++i)
        mean[i] = weights[i] > 0.0 ? static_cast<float>(sum[i] / weights[i]) : 0.0F;
    return mean;
}

void Trainer::start()
{
    if (keepsFiles()) {
        fs::create_directories(m_options.folder);
        fs::remove(checkpointPath());
        core::writeTextAtomically(historyPath(), "");
    }
    std::vector<nn::NamedTensor> parameters = nn::initialParameters(m_backend.config(), m_config.seed);
    const std::vector<float> mean = meanSpectrum();
    named(parameters, "input.mean").values = mean;
    named(parameters, "decoder.output.bias").values = mean;
    std::vector<nn::NamedTensor> moments = m_backend.optimiserState();
    for (nn::NamedTensor& moment : moments)
        std::fill(moment.values.begin(), moment.values.end(), 0.0F);
    m_backend.setParameters(parameters);
    m_backend.setOptimiserState(moments);
}

void Trainer::checkResumable() const
{
    const char* remedy =
        "Resume without changing settings and with the same training set, or start again without resuming.";
    const std::string where = "the checkpoint " + checkpointPath().string();
    if (m_state.dataHash != m_data.hash() || m_state.pixels != m_data.pixels())
        throw UserError(where + " is of another training set (" + m_state.dataHash.substr(0, 12) + ", now " +
                            m_data.hash().substr(0, 12) + ")",
                        remedy);
    const nlohmann::json before = m_state.config.toJson();
    const nlohmann::json now = m_config.toJson();
    for (const auto& [key, value] : now.items())
        if (key != "threads" && before.at(key) != value) // the thread count does not change results
            throw UserError(where + " was made with " + key + " = " + before.at(key).dump() + ", now it is " +
                                value.dump(),
                            remedy);
}

void Trainer::resume()
{
    if (!keepsFiles() || !fs::exists(checkpointPath()))
        throw UserError("there is no checkpoint to go on from in " + m_options.folder.string(),
                        "Start the training without resuming.");
    m_state = readCheckpoint(checkpointPath());
    checkResumable();
    m_backend.setParameters(m_state.parameters);
    m_backend.setOptimiserState(m_state.optimiser);
    m_backend.takeLosses();
    m_secondsBefore = m_state.seconds;
    std::string lines;
    for (const EpochReport& report : m_state.history)
        lines += toJson(report).dump() + "\n";
    core::writeTextAtomically(historyPath(), lines);
    m_context.log("resumed in epoch " + std::to_string(m_state.epoch + 1) + " after step " +
                  std::to_string(m_state.step));
}

nn::LossOptions Trainer::lossOptions(double beta) const
{
    nn::LossOptions loss;
    loss.beta = static_cast<float>(beta);
    loss.freeBits = static_cast<float>(m_config.freeBits);
    loss.likelihood = likelihoodOf(m_config.likelihood);
    loss.robustScale = static_cast<float>(m_config.robustScale);
    return loss;
}

nn::StepOptions Trainer::stepOptions() const
{
    nn::StepOptions step;
    step.loss = lossOptions(betaAt(m_config, position(), totalSteps()));
    const double warm = warmShareAt(m_config, position(), totalSteps());
    step.order.consistency = static_cast<float>(warm * m_config.consistency);
    step.order.similarity = static_cast<float>(warm * m_config.similarity);
    step.order.similaritySlope = static_cast<float>(m_config.similaritySlope);
    step.augmentation.shift = m_config.redshiftShift;
    step.augmentation.noiseShare = static_cast<float>(m_config.noiseShare);
    step.augmentation.noiseLevel = static_cast<float>(m_config.noiseLevel);
    step.learningRate = static_cast<float>(learningRateAt(m_config, position(), totalSteps()));
    step.weightDecay = static_cast<float>(m_config.weightDecay);
    step.gradientClip = static_cast<float>(m_config.gradientClip);
    step.seed = m_config.seed;
    step.step = m_state.step;
    return step;
}

void Trainer::diverged(const std::string& what)
{
    if (!m_state.best.empty())
        m_backend.setParameters(m_state.best);
    std::ostringstream rate;
    rate << m_config.learningRate;
    throw SystemError("the training diverged in epoch " + std::to_string(m_state.epoch + 1) + ", step " +
                          std::to_string(m_state.step) + ": " + what +
                          (keepsFiles() ? "; the last good state is kept" : ""),
                      "Lower learning_rate (now " + rate.str() +
                          ") or gradient_clip, or try likelihood=huber.");
}

void Trainer::collectLosses()
{
    const nn::Losses losses = m_backend.takeLosses();
    if (losses.steps == 0)
        return;
    if (!std::isfinite(losses.objective) || !std::isfinite(losses.gradientNorm))
        diverged(std::isfinite(losses.objective) ? "the gradient is not finite" : "the loss is not finite");
    const double steps = static_cast<double>(losses.steps);
    m_state.epochSums.reconstruction += steps * losses.reconstruction;
    m_state.epochSums.kl += steps * losses.kl;
    m_state.epochSums.gradientNorm += steps * losses.gradientNorm;
    m_state.epochSums.consistency += steps * losses.consistency;
    m_state.epochSums.similarity += steps * losses.similarity;
    m_state.epochSums.steps += losses.steps;
    m_state.watch.add(losses);
}

/// At fixed steps, so that it does not depend on when a checkpoint was written.
void Trainer::lookForDivergence()
{
    collectLosses();
    if (const auto what = m_state.watch.look())
        diverged(*what);
}

void Trainer::save()
{
    collectLosses(); // never keep a state that diverged
    m_state.seconds = m_secondsBefore + secondsSince(m_began);
    m_state.parameters = m_backend.parameters();
    m_state.optimiser = m_backend.optimiserState();
    writeCheckpoint(checkpointPath(), m_state);
    m_saved = Clock::now();
}

/// Where it is one to go on from.
void Trainer::keepState()
{
    if (keepsFiles() && m_state.step > 0 && !m_state.watch.isSuspicious())
        save();
}

void Trainer::stepDone(std::size_t rows, Clock::time_point began)
{
    ++m_state.step;
    ++m_state.epochStep;
    m_state.spectra += rows;
    if (m_state.epochStep % kLossInterval == 0 || m_state.epochStep == epochSteps())
        lookForDivergence();
    m_state.stepSeconds += secondsSince(began);
    m_context.advanceTo(static_cast<double>(m_state.spectra - m_spectraBefore), m_detail);
    if (m_options.onStep)
        m_options.onStep(position(), totalSteps());
    if (secondsSince(m_saved) >= m_options.checkpointSeconds)
        keepState();
}

/// A device that decodes rows itself has them all from now on, if they fit; steps then only name them.
void Trainer::keepRowsOnDevice()
{
    if (!m_data.hasCompact() || !m_backend.attributes().decodesRows)
        return;
    m_form = RowForm::Compact;
    const std::span<const std::size_t> rows = m_data.trainRows();
    m_kept = m_backend.keepRows(rows.size(), largestStep());
    m_context.log(m_kept ? "the training set is kept on the device"
                         : "the training set does not fit the device: it is read as it is needed");
    for (std::size_t first = 0; m_kept && first < rows.size(); first += kRowsAtOnce) {
        m_rows.read(m_data, m_form, rows.subspan(first, std::min(kRowsAtOnce, rows.size() - first)),
                    m_context.stopToken());
        m_backend.addKeptRows(m_rows.compactRows());
    }
}

void Trainer::runKeptSteps()
{
    std::vector<std::size_t> places(m_data.trainRows().size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    places = shuffledRows(std::move(places), m_config.seed, m_state.epoch);
    const std::vector<std::uint32_t> order(places.begin(), places.end());
    while (m_state.epochStep < epochSteps()) {
        m_context.throwIfStopped();
        const auto began = Clock::now();
        const std::size_t begin = batchBegin(m_state.epochStep);
        const std::size_t rows = batchBegin(m_state.epochStep + 1) - begin;
        m_backend.trainKept(std::span(order).subspan(begin, rows), stepOptions());
        stepDone(rows, began);
    }
}

void Trainer::runReadSteps()
{
    std::vector<std::size_t> begins;
    for (std::size_t step = m_state.epochStep; step <= epochSteps(); ++step)
        begins.push_back(batchBegin(step));
    BatchReader reader(m_data, m_form, shuffledRows(m_data.trainRows(), m_config.seed, m_state.epoch),
                       begins);
    while (m_state.epochStep < epochSteps()) {
        const auto began = Clock::now();
        const RowBuffer& rows = reader.next(m_context.stopToken());
        m_state.waitSeconds += secondsSince(began);
        if (m_form == RowForm::Compact)
            m_backend.trainCompact(rows.compactRows(), stepOptions());
        else
            m_backend.trainStep(rows.batch(), stepOptions());
        stepDone(rows.size(), began);
    }
}

/// Steps go on with half the rows where they are too much for the device.
void Trainer::runEpoch()
{
    while (m_state.epochStep < epochSteps()) {
        try {
            m_kept ? runKeptSteps() : runReadSteps();
        } catch (const nn::OutOfMemory& error) {
            halveBatch(error.what());
        }
    }
    finishEpoch();
}

nn::Losses Trainer::validate()
{
    nn::Losses total;
    const double all = static_cast<double>(m_validationRows.size());
    for (std::size_t first = 0; first < m_validationRows.size(); first += kRowsAtOnce) {
        const std::size_t rows = std::min(kRowsAtOnce, m_validationRows.size() - first);
        const nn::Losses part = m_backend.evaluate(readRows(std::span(m_validationRows).subspan(first, rows)),
                                                   lossOptions(m_config.beta));
        total.reconstruction += part.reconstruction * static_cast<double>(rows) / all;
        total.kl += part.kl * static_cast<double>(rows) / all;
    }
    total.objective = total.reconstruction + m_config.beta * total.kl;
    if (!std::isfinite(total.objective))
        diverged("the validation loss is not finite");
    return total;
}

void Trainer::finishEpoch()
{
    const nn::Losses validation = validate();
    const double steps = static_cast<double>(m_state.epochSums.steps);
    EpochReport report;
    report.epoch = m_state.epoch + 1;
    report.epochs = m_config.epochs;
    report.trainReconstruction = m_state.epochSums.reconstruction / steps;
    report.trainKl = m_state.epochSums.kl / steps;
    report.trainLoss = report.trainReconstruction + m_config.beta * report.trainKl;
    report.trainConsistency = m_state.epochSums.consistency / steps;
    report.trainSimilarity = m_state.epochSums.similarity / steps;
    report.batch = largestStep();
    report.validationLoss = validation.objective;
    report.validationReconstruction = validation.reconstruction;
    report.validationKl = validation.kl;
    report.learningRate = learningRateAt(m_config, position() - 1, totalSteps());
    report.beta = betaAt(m_config, position() - 1, totalSteps());
    report.gradientNorm = m_state.epochSums.gradientNorm / steps;
    const nn::BackendAttributes device = m_backend.attributes();
    report.device = device.device + " (" + device.description + ")";
    report.spectraPerSecond = static_cast<double>(m_state.spectra) / std::max(m_state.stepSeconds, 1e-9);
    report.dataWait = m_state.waitSeconds / std::max(m_state.stepSeconds, 1e-9);
    report.seconds = m_secondsBefore + secondsSince(m_began);
    report.best = canBeBest(report.epoch) &&
                  (!canBeBest(m_state.bestEpoch) ||
                   report.validationLoss < m_state.history[m_state.bestEpoch - 1].validationLoss);
    m_state.history.push_back(report);
    ++m_state.epoch;
    m_state.epochStep = 0;
    m_state.epochSums = {};
    if (report.best) {
        m_state.bestEpoch = report.epoch;
        m_state.best = m_backend.parameters();
    }
    std::ostringstream detail;
    detail.precision(4);
    detail << "epoch " << report.epoch << "/" << report.epochs << ", validation loss "
           << report.validationLoss;
    m_detail = detail.str();
    if (keepsFiles())
        std::ofstream(historyPath(), std::ios::app) << toJson(report).dump() << "\n";
    if (m_options.onEpoch)
        m_options.onEpoch(report, previewOf(m_data, m_backend, m_options.previewRows));
}

/// At a lower β the model may spend more nats than it will be allowed: only epochs that ended at the full β
/// compare. The last one always counts, so that there is a result.
bool Trainer::canBeBest(std::size_t epoch) const
{
    return epoch > 0 && (epoch == m_config.epochs ||
                         betaAt(m_config, epoch * epochSteps() - 1, totalSteps()) >= m_config.beta);
}

bool Trainer::outOfPatience() const
{
    const std::size_t countedFrom = std::max(m_state.bestEpoch, warmupEpochs(m_config, epochSteps()));
    return m_config.patience > 0 && m_state.epoch >= countedFrom + m_config.patience;
}

TrainResult Trainer::run()
{
    m_backend.setStop(m_context.stopToken());
    try {
        TrainResult result = runAll();
        m_backend.setStop({});
        return result;
    } catch (const nn::Stopped&) { // within a step: it is forgotten
    } catch (const core::Cancelled&) {
    }
    m_backend.setStop({});
    keepState();
    throw core::Cancelled();
}

TrainResult Trainer::runAll()
{
    if (m_options.resume)
        resume();
    else
        start();
    m_spectraBefore = m_state.spectra;
    const std::size_t planned = m_data.trainRows().size() * m_config.epochs - m_state.spectra;
    m_context.beginPhase("Training", "spectra", static_cast<double>(planned));
    const std::size_t largest = m_backend.attributes().largestBatch;
    while (largestStep() > largest)
        halveBatch("it takes " + std::to_string(largest) + " at once");
    keepRowsOnDevice();
    while (m_state.epoch < m_config.epochs && !outOfPatience())
        runEpoch();
    if (keepsFiles())
        save();
    m_context.advanceTo(static_cast<double>(planned), m_detail);
    m_backend.setParameters(m_state.best);
    TrainResult result;
    result.modelConfig = m_backend.config();
    result.parameters = m_state.best;
    result.history = m_state.history;
    result.bestEpoch = m_state.bestEpoch;
    result.stoppedEarly = m_state.epoch < m_config.epochs;
    result.seconds = m_secondsBefore + secondsSince(m_began);
    result.spectraPerSecond = static_cast<double>(m_state.spectra) / std::max(m_state.stepSeconds, 1e-9);
    return result;
}

} // namespace

Preview previewOf(const TrainingData& data, nn::Backend& backend, std::size_t rows)
{
    const std::vector<std::size_t>& from = judgingRows(data);
    Preview preview;
    preview.pixels = data.pixels();
    const std::size_t count = std::min(rows, from.size());
    for (std::size_t i = 0; i < count; ++i)
        preview.rows.push_back(from[i * from.size() / count]);
    preview.flux.resize(count * preview.pixels);
    preview.weight.resize(preview.flux.size());
    preview.model.resize(preview.flux.size());
    if (count > 0) {
        data.read(preview.rows, preview.flux.data(), preview.weight.data());
        backend.reconstruct({count, preview.flux.data(), preview.weight.data()}, preview.model.data());
    }
    return preview;
}

TrainResult train(const TrainConfig& config, const TrainingData& data, nn::Backend& backend,
                  const TrainOptions& options, core::JobContext& context)
{
    try {
        return Trainer(config, data, backend, options, context).run();
    } catch (const nn::ConfigError& error) {
        throw UserError(error.what());
    } catch (const nn::DeviceLost&) {
        throw; // the caller knows other devices
    } catch (const nn::Error& error) {
        throw SystemError(error.what(), "Resume the training, on the CPU if the device is at fault.");
    }
}

} // namespace voorwerp::train

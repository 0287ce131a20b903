// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/file_io.h"
#include "support/test_support.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

#include "run_training.h"
#include "synthetic_data.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <limits>
#include <sys/wait.h>
#include <unistd.h>

using namespace voorwerp;
using namespace voorwerp::train;
using namespace voorwerp::train::test;
using voorwerp::test::TemporaryFolder;

namespace {

/// Trains in a child process that kills itself with SIGKILL after that many steps.
void trainAndDie(const TrainConfig& config, const TrainingData& data, TrainOptions options, std::size_t steps)
{
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        options.onStep = [steps](std::size_t done, std::size_t) {
            if (done == steps)
                ::kill(::getpid(), SIGKILL);
        };
        runTraining(config, data, options);
        std::_Exit(3); // it should have died
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);
}

std::size_t linesOf(const std::filesystem::path& path)
{
    const std::string text = core::readText(path);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

TEST_CASE("Training finds the structure of low-rank spectra")
{
    const SyntheticData data(600);
    TrainConfig config = quickConfig();
    config.epochs = 60;
    config.patience = 0;
    double baseline = 0.0; // of the mean spectrum: what zero latent dimensions could reach
    core::JobContext context;
    const auto backend = backendFor(config, data);
    TrainOptions options;
    std::size_t previews = 0;
    options.onEpoch = [&](const EpochReport& report, const Preview& preview) {
        if (report.epoch == 1)
            baseline = report.validationReconstruction;
        previews += preview.rows.size() == 6 && preview.model.size() == 6 * data.pixels() ? 1 : 0;
    };
    const TrainResult result = train::train(config, data, *backend, options, context);
    const EpochReport& best = result.history.at(result.bestEpoch - 1);
    INFO("reconstruction " << best.validationReconstruction << ", first epoch " << baseline);
    CHECK(best.validationReconstruction < 1.5); // 0.5 is the noise; the spread of the spectra is above 20
    CHECK(baseline > 5.0);
    CHECK(previews == 60);
    CHECK(backend->parameters() == result.parameters);
}

TEST_CASE("The same seed trains to the same bits with any number of threads, another seed does not")
{
    const SyntheticData data(200);
    TrainConfig config = quickConfig();
    const TrainResult one = runTraining(config, data, {}, 1);
    CHECK(runTraining(config, data, {}, 1).parameters == one.parameters);
    CHECK(runTraining(config, data, {}, 3).parameters == one.parameters);
    config.seed = 2;
    CHECK_FALSE(runTraining(config, data, {}, 1).parameters == one.parameters);
}

TEST_CASE("A training killed in the middle of an epoch goes on to the same bits")
{
    const SyntheticData data(300);
    const TrainConfig config = quickConfig(); // 8 steps an epoch
    const TrainResult whole = runTraining(config, data);
    TemporaryFolder folder;
    trainAndDie(config, data, inFolder(folder), 13);
    trainAndDie(config, data, inFolder(folder, true), 22);
    const TrainResult resumed = runTraining(config, data, inFolder(folder, true));
    CHECK(resumed.parameters == whole.parameters);
    CHECK(resumed.bestEpoch == whole.bestEpoch);
    REQUIRE(resumed.history.size() == whole.history.size());
    for (std::size_t i = 0; i < whole.history.size(); ++i) {
        CHECK(resumed.history[i].validationLoss == whole.history[i].validationLoss);
        CHECK(resumed.history[i].trainLoss == Approx(whole.history[i].trainLoss));
    }
    CHECK(linesOf(folder / "history.jsonl") == whole.history.size());
    const TrainResult again = runTraining(config, data, inFolder(folder, true)); // nothing left to do
    CHECK(again.parameters == whole.parameters);
}

namespace {
/// Convolutions, scatter, augmentation and both terms of order.
TrainConfig everythingConfig()
{
    TrainConfig config = quickConfig();
    for (const char* setting :
         {"architecture=conv", "channels=6,8", "kernels=5,3", "pools=4,1", "hidden=12", "decoder=16,24",
          "scatter=learned", "redshift_shift=8", "noise_share=0.05", "consistency=0.1", "similarity=0.05"})
        config.apply(setting);
    return config;
}
} // namespace

TEST_CASE("A convolutional training with every term learns, reports them and resumes to the same bits")
{
    const SyntheticData data(300);
    TrainConfig config = everythingConfig();
    config.epochs = 40;
    const TrainResult whole = runTraining(config, data);
    CHECK(whole.history.back().validationReconstruction <
          0.5 * whole.history.front().validationReconstruction);
    CHECK(whole.history.back().trainConsistency > 0.0);
    CHECK(whole.history.back().trainConsistency < 0.5);
    CHECK(whole.history.back().trainSimilarity > 0.0);
    TemporaryFolder folder;
    trainAndDie(config, data, inFolder(folder), 109);
    const TrainResult resumed = runTraining(config, data, inFolder(folder, true));
    CHECK(resumed.parameters == whole.parameters);
    CHECK(resumed.history.back().trainSimilarity == Approx(whole.history.back().trainSimilarity));
}

TEST_CASE("A stop request ends the training within one step and leaves a checkpoint to go on from")
{
    const SyntheticData data(300);
    const TrainConfig config = quickConfig();
    TemporaryFolder folder;
    TrainOptions options = inFolder(folder);
    options.checkpointSeconds = 1e9; // so that only the stop writes one
    std::stop_source stop;
    std::size_t lastStep = 0;
    options.onStep = [&](std::size_t done, std::size_t) {
        lastStep = done;
        if (done == 11)
            stop.request_stop();
    };
    core::JobContext context(stop.get_token(), {}, {});
    const auto backend = backendFor(config, data);
    CHECK_THROWS_AS(train::train(config, data, *backend, options, context), core::Cancelled);
    CHECK(lastStep == 11);
    CHECK(readCheckpoint(folder / "checkpoint").step == 11);
    const TrainResult resumed = runTraining(config, data, inFolder(folder, true));
    CHECK(resumed.parameters == runTraining(config, data).parameters);
}

namespace {
/// Asks for a stop while the rows of a step are read.
class StoppingData : public SyntheticData
{
public:
    StoppingData(std::size_t reads, std::stop_source& stop)
        : SyntheticData(300)
        , m_reads(reads)
        , m_stop(stop)
    {
    }
    void read(std::span<const std::size_t> rows, float* fluxOut, float* weightOut) const override
    {
        SyntheticData::read(rows, fluxOut, weightOut);
        if (--m_reads == 0)
            m_stop.request_stop();
    }

private:
    mutable std::size_t m_reads;
    std::stop_source& m_stop;
};
} // namespace

TEST_CASE("A stop request while rows are read ahead keeps the steps done, and they go on to the same bits")
{
    const TrainConfig config = quickConfig();
    std::stop_source stop;
    const StoppingData data(6, stop); // one read for the mean, then one a step: of the fifth step
    TemporaryFolder folder;
    core::JobContext context(stop.get_token(), {}, {});
    const auto backend = backendFor(config, data);
    CHECK_THROWS_AS(train::train(config, data, *backend, inFolder(folder), context), core::Cancelled);
    CHECK(readCheckpoint(folder / "checkpoint").step <= 4);
    const SyntheticData calm(300);
    CHECK(runTraining(config, calm, inFolder(folder, true)).parameters ==
          runTraining(config, calm).parameters);
}

TEST_CASE("A checkpoint of other data, other settings, or none at all is refused with the reason")
{
    const SyntheticData data(200), other(200, 64, "other");
    TrainConfig config = quickConfig();
    config.epochs = 1;
    TemporaryFolder folder;
    CHECK_THROWS_WITH(runTraining(config, data, inFolder(folder, true)), Catch::Contains("no checkpoint"));
    runTraining(config, data, inFolder(folder));
    CHECK_THROWS_WITH(runTraining(config, other, inFolder(folder, true)),
                      Catch::Contains("another training set"));
    TrainConfig changed = config;
    changed.beta = 0.5;
    CHECK_THROWS_WITH(runTraining(changed, data, inFolder(folder, true)), Catch::Contains("beta"));
    changed = config;
    changed.threads = 1;
    CHECK_NOTHROW(runTraining(changed, data, inFolder(folder, true)));
}

TEST_CASE("A damaged checkpoint is refused wherever the damage is")
{
    const SyntheticData data(200);
    TrainConfig config = quickConfig();
    config.epochs = 1;
    TemporaryFolder folder;
    runTraining(config, data, inFolder(folder));
    const std::string whole = core::readText(folder / "checkpoint");
    const auto refused = [&](std::string bytes) {
        core::writeTextAtomically(folder / "checkpoint", bytes);
        CHECK_THROWS_AS(readCheckpoint(folder / "checkpoint"), core::FormatError);
    };
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{7}, std::size_t{90}, whole.size() / 2, whole.size() - 1})
        refused(whole.substr(0, size));
    for (const std::size_t at :
         {std::size_t{2}, std::size_t{9}, std::size_t{40}, whole.size() / 2, whole.size() - 3}) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
        refused(bytes);
    }
    core::writeTextAtomically(folder / "checkpoint", whole);
    CHECK_NOTHROW(readCheckpoint(folder / "checkpoint"));
}

TEST_CASE("A training that diverges stops with a clear error and keeps the last good state")
{
    SyntheticData data(200);
    TrainConfig config = quickConfig();
    config.learningRate = 1.0;
    config.gradientClip = 0.0;
    config.schedule = "constant";
    config.warmup = 0.0;
    for (float& value : data.weight)
        value *= 1e30F;
    TemporaryFolder folder;
    CHECK_THROWS_WITH(runTraining(config, data, inFolder(folder)), Catch::Contains("diverged in epoch"));
    if (std::filesystem::exists(folder / "checkpoint"))
        for (const nn::NamedTensor& tensor : readCheckpoint(folder / "checkpoint").parameters)
            for (const float value : tensor.values)
                REQUIRE(std::isfinite(value));
}

namespace {
/// After some reads the spectra are as uncertain as before, and a thousand times as bright.
class BrighteningData : public SyntheticData
{
public:
    explicit BrighteningData(std::size_t reads)
        : SyntheticData(200)
        , m_reads(reads)
    {
    }
    void read(std::span<const std::size_t> rows, float* fluxOut, float* weightOut) const override
    {
        SyntheticData::read(rows, fluxOut, weightOut);
        if (m_reads > 0)
            --m_reads;
        else
            std::for_each(fluxOut, fluxOut + rows.size() * pixels(), [](float& value) { value *= 1e3F; });
    }

private:
    mutable std::size_t m_reads;
};
} // namespace

TEST_CASE("A training whose loss leaves its course is stopped while its numbers are still finite")
{
    TrainConfig config = quickConfig();
    config.epochs = 200;
    config.batch = 16;
    config.patience = 0;
    constexpr std::size_t kCalmSteps = 500;
    TemporaryFolder folder;
    CHECK_THROWS_WITH(runTraining(config, BrighteningData(kCalmSteps), inFolder(folder)),
                      Catch::Contains("where") && Catch::Contains("was usual") &&
                          Catch::Contains("the last good state is kept"));
    const Checkpoint kept = readCheckpoint(folder / "checkpoint");
    CHECK(kept.step > 200);
    CHECK(kept.step < kCalmSteps + 20);
    CHECK_FALSE(kept.watch.isSuspicious());
}

namespace {
TrainConfig impatientConfig()
{
    TrainConfig config = quickConfig();
    config.epochs = 400;
    config.patience = 3;
    config.schedule = "constant";
    config.learningRate = 0.01;
    config.warmup = 0.0;
    config.betaWarmup = 0.0;
    return config;
}
} // namespace

TEST_CASE("Patience ends the training early with the best epoch's parameters")
{
    const TrainResult result = runTraining(impatientConfig(), SyntheticData(60));
    CHECK(result.stoppedEarly);
    CHECK(result.history.size() == result.bestEpoch + 3);
    double lowest = std::numeric_limits<double>::infinity();
    for (const EpochReport& report : result.history)
        lowest = std::min(lowest, report.validationLoss);
    CHECK(result.history.at(result.bestEpoch - 1).validationLoss == lowest);
}

TEST_CASE("Patience starts after the warm-ups and the best epoch is one of the full beta")
{
    TrainConfig config = impatientConfig();
    config.beta = 5.0; // dear enough that the loss at the final beta rises during the warm-up
    const bool ofBeta = GENERATE(true, false);
    (ofBeta ? config.betaWarmup : config.warmup) = 0.25; // 100 epochs
    const TrainResult result = runTraining(config, SyntheticData(60));
    CHECK(result.stoppedEarly);
    CHECK(result.history.size() >= 103);
    CHECK(result.history.size() == std::max<std::size_t>(result.bestEpoch, 100) + 3);
    for (const EpochReport& report : result.history)
        if (report.beta >= config.beta)
            CHECK(report.validationLoss >= result.history.at(result.bestEpoch - 1).validationLoss);
    CHECK(result.history.at(result.bestEpoch - 1).beta == config.beta);
}

TEST_CASE("A training that never leaves the warm-up of beta gives its last epoch")
{
    TrainConfig config = quickConfig();
    config.betaWarmup = 1.0;
    const TrainResult result = runTraining(config, SyntheticData(60));
    CHECK(result.bestEpoch == config.epochs);
    CHECK_FALSE(result.stoppedEarly);
}

TEST_CASE("An empty training set and a foreign backend are refused")
{
    const TrainConfig config = quickConfig();
    const SyntheticData data(200), nothing(0);
    core::JobContext context;
    const auto backend = backendFor(config, data);
    CHECK_THROWS_AS(train::train(config, nothing, *backend, {}, context), core::UserError);
    TrainConfig wider = config;
    wider.latent = 5;
    CHECK_THROWS_WITH(train::train(wider, data, *backend, {}, context), Catch::Contains("not the one"));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Trainings on devices that have too little memory, are taken away, or keep the training set.
#include "nn/compact_rows.h"
#include "train/checkpoint.h"
#include "train/lost_devices.h"

#include "run_training.h"
#include "synthetic_data.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace voorwerp;
using namespace voorwerp::train;
using namespace voorwerp::train::test;
using voorwerp::test::TemporaryFolder;

namespace {
/// A device with room for so many rows, which become fewer after some steps; it may be taken away, and it may
/// decode and keep rows.
class SmallDevice final : public nn::Backend
{
public:
    SmallDevice(const TrainConfig& config, const TrainingData& data)
        : m_device(backendFor(config, data))
    {
    }
    const nn::ModelConfig& config() const override { return m_device->config(); }
    nn::BackendAttributes attributes() const override
    {
        nn::BackendAttributes attributes = m_device->attributes();
        attributes.largestBatch = announced;
        attributes.decodesRows = decodes;
        return attributes;
    }
    bool keepRows(std::size_t count, std::size_t) override
    {
        room = keeps ? count : 0;
        keptFlux.clear();
        keptWeight.clear();
        return keeps;
    }
    void addKeptRows(const nn::CompactRows& more) override
    {
        keptFlux.insert(keptFlux.end(), more.flux, more.flux + more.rows * more.pixels);
        keptWeight.insert(keptWeight.end(), more.weight, more.weight + more.rows * more.pixels);
        REQUIRE(keptFlux.size() <= room * more.pixels);
    }
    void trainKept(std::span<const std::uint32_t> numbers, const nn::StepOptions& options) override
    {
        const std::size_t pixels = config().pixels;
        std::vector<std::uint16_t> flux;
        std::vector<std::uint8_t> weight;
        for (const std::uint32_t row : numbers)
            for (std::size_t i = row * pixels; i < (row + 1) * pixels; ++i) {
                flux.push_back(keptFlux.at(i));
                weight.push_back(keptWeight.at(i));
            }
        trainCompact({numbers.size(), pixels, flux.data(), weight.data()}, options);
        ++keptSteps;
    }
    void trainStep(const nn::Batch& batch, const nn::StepOptions& options) override
    {
        if (steps == lostAt)
            throw nn::DeviceLost("the driver has gone");
        if (batch.size > (steps < shrinksAt ? announced : shrunk))
            throw nn::OutOfMemory("no room for " + std::to_string(batch.size) + " rows");
        m_device->trainStep(batch, options);
        rows += batch.size;
        ++steps;
    }
    nn::Losses takeLosses() override { return m_device->takeLosses(); }
    nn::Losses evaluate(const nn::Batch& batch, const nn::LossOptions& options) override
    {
        return m_device->evaluate(batch, options);
    }
    void encode(const nn::Batch& batch, float* mean, float* logVariance) override
    {
        m_device->encode(batch, mean, logVariance);
    }
    void decode(const float* latents, std::size_t count, float* flux) override
    {
        m_device->decode(latents, count, flux);
    }
    std::vector<nn::NamedTensor> parameters() const override { return m_device->parameters(); }
    void setParameters(const std::vector<nn::NamedTensor>& tensors) override
    {
        m_device->setParameters(tensors);
    }
    std::vector<nn::NamedTensor> optimiserState() const override { return m_device->optimiserState(); }
    void setOptimiserState(const std::vector<nn::NamedTensor>& tensors) override
    {
        m_device->setOptimiserState(tensors);
    }

    std::size_t announced = 65536, shrunk = 65536;
    std::size_t shrinksAt = 1U << 30U, lostAt = 1U << 30U;
    std::size_t steps = 0, rows = 0, keptSteps = 0;
    bool decodes = false, keeps = false;
    std::size_t room = 0;
    std::vector<std::uint16_t> keptFlux;
    std::vector<std::uint8_t> keptWeight;

private:
    std::unique_ptr<nn::Backend> m_device;
};
} // namespace

TEST_CASE("Too many rows for the device are halved, and each row is still seen once an epoch")
{
    const SyntheticData data(300); // 240 rows to train on, 8 steps of 30
    const TrainConfig config = quickConfig();
    SmallDevice device(config, data);
    device.shrinksAt = 11; // in the second epoch
    device.shrunk = 10;
    std::vector<std::string> log;
    core::JobContext context({}, {}, [&](std::string_view line) { log.emplace_back(line); });
    const TrainResult result = train::train(config, data, device, {}, context);
    CHECK(device.rows == 240 * config.epochs);
    CHECK(device.steps == 8 + 3 + 5 * 4 + 2 * 32);
    REQUIRE(result.history.size() == config.epochs);
    CHECK(result.history.front().batch == 30);
    CHECK(result.history.back().batch == 8);
    CHECK(result.history.back().learningRate < 1e-6); // its schedule still ends with the training
    REQUIRE(log.size() == 2);
    CHECK_THAT(log.back(), Catch::Contains("halved to 8 spectra") && Catch::Contains("no room for 15"));

    device.announced = 7; // known from the start
    CHECK(train::train(config, data, device, {}, context).history.front().batch == 4);
    device.shrinksAt = 0;
    device.shrunk = 0;
    CHECK_THROWS_WITH(train::train(config, data, device, {}, context),
                      Catch::Contains("a batch of 2 is too much"));
}

namespace {
/// Spectra that are in compact form.
class CompactData : public SyntheticData
{
public:
    using SyntheticData::SyntheticData;
    bool hasCompact() const override { return compact; }
    void readCompact(std::span<const std::size_t> rows, std::uint16_t* fluxOut,
                     std::uint8_t* weightOut) const override
    {
        for (const std::size_t row : rows)
            for (std::size_t i = row * pixels(); i < (row + 1) * pixels(); ++i) {
                const nn::CompactPixel pixel = nn::compactPixel(flux[i], weight[i]);
                *fluxOut++ = pixel.flux;
                *weightOut++ = pixel.weight;
            }
    }
    void read(std::span<const std::size_t> rows, float* fluxOut, float* weightOut) const override
    {
        std::vector<std::uint16_t> fluxes(rows.size() * pixels());
        std::vector<std::uint8_t> weights(fluxes.size());
        readCompact(rows, fluxes.data(), weights.data());
        nn::decodeRows({rows.size(), pixels(), fluxes.data(), weights.data()}, fluxOut, weightOut);
    }

    bool compact = true;
};
} // namespace

TEST_CASE("Rows that a device keeps, decodes or gets as floats train to the same bits")
{
    CompactData data(300);
    const TrainConfig config = quickConfig();
    core::JobContext context;
    SmallDevice keeping(config, data), decoding(config, data), plain(config, data);
    keeping.decodes = keeping.keeps = decoding.decodes = true;
    const TrainResult kept = train::train(config, data, keeping, {}, context);
    CHECK(keeping.keptSteps == 32);
    CHECK(keeping.keptFlux.size() == 240 * data.pixels());
    CHECK(kept.history.back().dataWait == 0.0);
    CHECK(train::train(config, data, decoding, {}, context).parameters == kept.parameters);
    CHECK(decoding.keptSteps == 0);
    data.compact = false;
    CHECK(train::train(config, data, plain, {}, context).parameters == kept.parameters);

    data.compact = true;
    SmallDevice shrinking(config, data); // halves its batch, stops, and goes on
    shrinking.decodes = shrinking.keeps = true;
    shrinking.shrinksAt = 3;
    shrinking.shrunk = 20;
    CHECK(train::train(config, data, shrinking, {}, context).history.back().batch == 15);
    TemporaryFolder folder;
    keeping.lostAt = keeping.steps + 13;
    CHECK_THROWS_AS(train::train(config, data, keeping, inFolder(folder), context), nn::DeviceLost);
    keeping.lostAt = 1U << 30U;
    CHECK(train::train(config, data, keeping, inFolder(folder, true), context).parameters == kept.parameters);
}

TEST_CASE("A training whose batch was halved resumes to the same bits")
{
    const SyntheticData data(300);
    const TrainConfig config = quickConfig();
    const auto device = [&] {
        auto made = std::make_unique<SmallDevice>(config, data);
        made->shrinksAt = 11;
        made->shrunk = 20;
        return made;
    };
    core::JobContext context;
    const TrainResult whole = train::train(config, data, *device(), {}, context);
    TemporaryFolder folder;
    const auto lost = device();
    lost->lostAt = 21;
    CHECK_THROWS_AS(train::train(config, data, *lost, inFolder(folder), context), nn::DeviceLost);
    CHECK(readCheckpoint(folder / "checkpoint").halvings == 1);
    const auto other = device(); // that never shrinks
    other->shrinksAt = 1U << 30U;
    CHECK(train::train(config, data, *other, inFolder(folder, true), context).parameters == whole.parameters);
}

TEST_CASE("A batch of 0 is chosen by the rows and the device, and kept on resume")
{
    TrainConfig config = quickConfig();
    config.batch = 0;
    config.epochs = 1;
    core::JobContext context;
    const SyntheticData few(300), more(3000, 8);
    SmallDevice device(config, few), roomy(config, more), tight(config, more);
    CHECK(train::train(config, few, device, {}, context).history.front().batch == 4);
    CHECK(train::train(config, more, roomy, {}, context).history.front().batch == 32);
    tight.announced = 20;
    TemporaryFolder folder;
    CHECK(train::train(config, more, tight, inFolder(folder), context).history.front().batch == 16);
    CHECK(readCheckpoint(folder / "checkpoint").batch == 16);
    CHECK(train::train(config, more, roomy, inFolder(folder, true), context).history.front().batch == 16);
}

TEST_CASE("A training goes on by itself when its device is taken away, a few times")
{
    const SyntheticData data(300);
    const TrainConfig config = quickConfig();
    std::vector<std::string> log;
    core::JobContext context({}, {}, [&](std::string_view line) { log.emplace_back(line); });
    const TrainResult whole = runTraining(config, data);
    std::vector<std::size_t> lostAt; // steps of each device
    std::size_t made = 0;
    const auto makeDevice = [&]() -> std::unique_ptr<nn::Backend> {
        auto device = std::make_unique<SmallDevice>(config, data);
        device->lostAt = made < lostAt.size() ? lostAt[made] : 1U << 30U;
        ++made;
        return device;
    };
    std::unique_ptr<nn::Backend> backend;
    TemporaryFolder folder;
    lostAt = {0, 5, 13}; // before there is a checkpoint, in the first epoch, in a later one
    const TrainResult result =
        trainThroughLostDevices(config, data, makeDevice, backend, inFolder(folder), context);
    CHECK(made == 4);
    CHECK(result.parameters == whole.parameters);
    REQUIRE(result.history.size() == whole.history.size());
    CHECK(result.history.back().trainLoss == whole.history.back().trainLoss);
    CHECK(backend->parameters() == result.parameters);
    CHECK(std::count_if(log.begin(), log.end(), [](const std::string& line) {
              return line.find("the driver has gone") != std::string::npos;
          }) == kDevicesLost);

    made = 0;
    lostAt.assign(10, 2);
    CHECK_THROWS_AS(trainThroughLostDevices(config, data, makeDevice, backend, inFolder(folder), context),
                    nn::DeviceLost);
    CHECK(made == 1 + kDevicesLost);

    made = 0;
    const auto makeOnce = [&] {
        if (made > 0)
            throw nn::ConfigError("no CUDA device can be used");
        return makeDevice();
    };
    CHECK_THROWS_WITH(trainThroughLostDevices(config, data, makeOnce, backend, inFolder(folder), context),
                      Catch::Contains("the device was lost") && Catch::Contains("no CUDA device"));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What only an emulated device can show of the CUDA backend: other orders of threads, captured steps against
// steps that are queued one by one, too little memory, a device that is lost.
#include "nn/backend.h"
#include "nn/emulated_cuda/emulator.h"
#include "nn/test_model.h"

#include <catch2/catch.hpp>

using namespace voorwerp;
using namespace voorwerp::nn;
using voorwerp::nn::test::smallConvModel;
using voorwerp::nn::test::smallModel;
using voorwerp::nn::test::spectra;

namespace {

std::unique_ptr<Backend> device(const ModelConfig& config, Precision precision = Precision::Fp32)
{
    return makeBackend("cuda", config, 1, 1, precision);
}

/// Everything that a graph must not have kept from the step at which it was captured changes.
StepOptions optionsOf(std::uint64_t step)
{
    const float x = static_cast<float>(step);
    StepOptions options;
    options.step = step;
    options.seed = 5 + step;
    options.learningRate = 1e-3F * (1.0F + x);
    options.weightDecay = 0.01F * x;
    options.gradientClip = step % 2 == 0 ? 0.1F : 0.0F;
    options.loss.beta = 0.1F * x;
    options.loss.freeBits = 0.02F * x;
    options.loss.robustScale = 2.0F + x;
    options.augmentation = {9, 0.1F * x, 0.5F};
    options.order = {0.1F + x, 0.2F + x, 1.0F + x};
    options.loss.likelihood = step % 2 == 0 ? Likelihood::Huber : Likelihood::StudentT;
    return options;
}

struct Result
{
    std::vector<NamedTensor> parameters, moments;
    Losses losses;
};

/// Steps on other rows each time, in two sizes.
Result trained(Backend& backend, std::size_t pixels)
{
    for (std::uint64_t step = 0; step < 8; ++step) {
        const auto data = spectra(step % 3 == 2 ? 7 : 20, pixels, static_cast<std::uint32_t>(step + 1));
        backend.trainStep(data.batch(), optionsOf(step));
    }
    return {backend.parameters(), backend.optimiserState(), backend.takeLosses()};
}

void checkSame(const Result& a, const Result& b)
{
    CHECK(a.parameters == b.parameters);
    CHECK(a.moments == b.moments);
    CHECK(a.losses.objective == b.losses.objective);
    CHECK(a.losses.gradientNorm == b.losses.gradientNorm);
}

} // namespace

TEST_CASE("Threads and blocks in any order give the same bits")
{
    const emulated::DeviceScope scope;
    ModelConfig layers = smallModel(61);
    layers.scatter = true;
    const std::pair<Precision, ModelConfig> trials[] = {
        {Precision::Fp32, layers}, {Precision::Bf16, layers}, {Precision::Fp32, smallConvModel(31)}};
    for (const auto& [precision, config] : trials) {
        const Result inOrder = trained(*device(config, precision), config.pixels);
        for (const std::uint64_t seed : {1U, 2U}) {
            emulated::setOrder(seed);
            checkSame(trained(*device(config, precision), config.pixels), inOrder);
        }
        emulated::setOrder(0);
    }
}

TEST_CASE("A captured step gives the bits of one that is queued kernel by kernel")
{
    const ModelConfig config = GENERATE(smallModel(), smallConvModel());
    const std::size_t graphs = emulated::launchedGraphs();
    const auto captured = device(config);
    std::vector<NamedTensor> parameters = captured->parameters(), moments = captured->optimiserState();
    Losses sum;
    for (std::uint64_t step = 0; step < 8; ++step) {
        const auto data =
            spectra(step % 3 == 2 ? 7 : 20, config.pixels, static_cast<std::uint32_t>(step + 1));
        const auto once = device(config); // a shape's first step is not captured
        once->setParameters(parameters);
        once->setOptimiserState(moments);
        once->trainStep(data.batch(), optionsOf(step));
        parameters = once->parameters();
        moments = once->optimiserState();
        sum.objective += once->takeLosses().objective / 8.0;
    }
    CHECK(emulated::launchedGraphs() == graphs);
    const Result replayed = trained(*captured, config.pixels);
    CHECK(emulated::launchedGraphs() == graphs + 6);
    CHECK(replayed.parameters == parameters);
    CHECK(replayed.moments == moments);
    CHECK(replayed.losses.objective == Approx(sum.objective).epsilon(1e-14));
}

TEST_CASE("A step comes out the same without epilogues and batches of cuBLASLt")
{
    const ModelConfig config = smallConvModel(31);
    for (const Precision precision : {Precision::Fp32, Precision::Bf16}) {
        const Result wanted = trained(*device(config, precision), config.pixels);
        for (const auto support : {emulated::Support::NotFound, emulated::Support::Refused}) {
            const emulated::DeviceScope scope;
            emulated::setBatches(support);
            checkSame(trained(*device(config, precision), config.pixels), wanted);
            emulated::setEpilogues(support);
            const Result apart = trained(*device(config, precision), config.pixels);
            CHECK(apart.losses.objective == Approx(wanted.losses.objective).epsilon(1e-5));
            CHECK(apart.losses.gradientNorm == Approx(wanted.losses.gradientNorm).epsilon(1e-4));
        }
    }
}

TEST_CASE("A batch that the device has no memory for changes nothing, and a smaller one goes on")
{
    const emulated::DeviceScope scope;
    const ModelConfig config = smallModel(257);
    const auto backend = device(config);
    StepOptions options;
    const auto small = spectra(16, config.pixels), large = spectra(4000, config.pixels);
    backend->trainStep(small.batch(), options);
    const auto parameters = backend->parameters(), moments = backend->optimiserState();
    emulated::setMemory(emulated::allocatedBytes() + (std::size_t{1} << 20U));
    const std::size_t fits = backend->attributes().largestBatch;
    CHECK(fits >= 16);
    CHECK(fits < 4000);
    options.step = 1;
    CHECK_THROWS_AS(backend->trainStep(large.batch(), options), OutOfMemory);
    CHECK(backend->parameters() == parameters);
    CHECK(backend->optimiserState() == moments);
    const auto most = spectra(fits, config.pixels);
    backend->trainStep(most.batch(), options);
    options.step = 2;
    backend->trainStep(most.batch(), options);
    CHECK(backend->takeLosses().steps == 3);
}

TEST_CASE("Halving a batch until it fits ends not far below what fits")
{
    const ModelConfig config = smallModel(257);
    for (const std::size_t kilobytes : {150U, 300U, 700U, 1500U, 3000U}) {
        const emulated::DeviceScope scope;
        const auto backend = device(config);
        emulated::setMemory(emulated::allocatedBytes() + (kilobytes << 10U));
        const std::size_t fits = backend->attributes().largestBatch;
        std::size_t rows = 4000;
        for (bool done = false; !done;)
            try {
                for (int step = 0; step < 3; ++step) { // the third has both slots, and its graph
                    const auto data = spectra(rows, config.pixels);
                    backend->trainStep(data.batch(), {});
                }
                done = true;
            } catch (const OutOfMemory&) {
                rows /= 2;
                REQUIRE(rows > 0);
            }
        INFO(kilobytes << " kB: " << fits << " rows should fit");
        CHECK(rows > fits / 2);
        CHECK(rows < 2 * fits);
    }
}

TEST_CASE("Evaluation and scoring need no more memory than there is")
{
    const emulated::DeviceScope scope;
    const ModelConfig config = smallModel(257);
    const auto data = spectra(700, config.pixels);
    const auto read = [&](Backend& backend) {
        std::vector<float> flux(data.flux.size());
        backend.reconstruct(data.batch(), flux.data());
        flux.push_back(static_cast<float>(backend.evaluate(data.batch(), {}).objective));
        return flux;
    };
    const std::vector<float> wanted = read(*device(config));
    const auto little = device(config);
    emulated::setMemory(emulated::allocatedBytes() + (std::size_t{600} << 10U));
    const std::vector<float> got = read(*little);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        REQUIRE(got[i] == Approx(wanted[i]).epsilon(1e-4).margin(1e-5));
}

TEST_CASE("A training set is kept where it leaves room for steps")
{
    const emulated::DeviceScope scope;
    const ModelConfig config = smallModel(257);
    const auto backend = device(config);
    emulated::setMemory(emulated::allocatedBytes() + (std::size_t{4} << 20U));
    const std::size_t bytes = emulated::allocatedBytes();
    CHECK(backend->keepRows(1000, 64));
    CHECK(emulated::allocatedBytes() == bytes + 1000 * 257 * 3);
    CHECK(backend->attributes().largestBatch >= 64);
    const auto data = spectra(64, config.pixels);
    backend->trainStep(data.batch(), {});
    CHECK_FALSE(backend->keepRows(5000, 64)); // 3.9 MB of 4
    CHECK_FALSE(backend->keepRows(100000, 64));
    CHECK(backend->keepRows(1000, 64));
}

TEST_CASE("A device that is lost is told as such")
{
    const ModelConfig config = smallModel();
    const auto data = spectra(16, config.pixels);
    for (const cudaError_t error : {cudaErrorECCUncorrectable, cudaErrorDevicesUnavailable}) {
        const emulated::DeviceScope scope;
        const auto backend = device(config);
        backend->trainStep(data.batch(), {});
        emulated::loseDevice(error, 5);
        const auto goOn = [&] {
            backend->trainStep(data.batch(), {});
            backend->takeLosses();
        };
        CHECK_THROWS_AS(goOn(), DeviceLost);
        CHECK_THROWS_AS(backend->parameters(), DeviceLost);
        CHECK_THROWS_AS(backend->trainStep(data.batch(), {}), DeviceLost);
    }
    const auto again = device(config); // the scope brought it back
    again->trainStep(data.batch(), {});
    CHECK(again->takeLosses().steps == 1);
}

TEST_CASE("An old GPU is refused for reduced precision, by name of what is needed")
{
    const emulated::DeviceScope scope;
    emulated::setArchitecture(7, 5);
    CHECK_NOTHROW(device(smallModel()));
    CHECK_THROWS_WITH(device(smallModel(), Precision::Bf16),
                      Catch::StartsWith("bf16 needs a GPU of compute capability 8.0"));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The CUDA backend against the CPU backend. Skips visibly where there is no device (or no CUDA in the build).
// Also compiled with an emulated device (emulated_cuda), which is no test of a GPU.
#include "nn/compact_rows.h"
#include "nn/parity.h"
#include "nn/pytorch_reference.h"
#include "nn/test_model.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>

using namespace voorwerp::nn;
using voorwerp::nn::test::smallConvModel;
using voorwerp::nn::test::smallModel;
using voorwerp::nn::test::spectra;

namespace {

constexpr int kSkipReturnCode = 77;

std::unique_ptr<Backend> cudaOrSkip(const ModelConfig& config, std::uint64_t seed = 1,
                                    Precision precision = Precision::Fp32)
{
    try {
        return makeBackend("cuda", config, seed, 1, precision);
    } catch (const ConfigError& error) {
        std::printf("SKIPPED: %s\n", error.what());
        std::fflush(nullptr);
        std::_Exit(kSkipReturnCode);
    }
}

double worst(const std::vector<float>& a, const std::vector<float>& b)
{
    REQUIRE(a.size() == b.size());
    double difference = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference = std::max(difference, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    return difference;
}

/// Adam's first moments, which are a share of the gradient after one step.
std::vector<float> moments(const Backend& backend)
{
    std::vector<float> all;
    for (const NamedTensor& tensor : backend.optimiserState())
        if (tensor.name.rfind("adam.m.", 0) == 0)
            all.insert(all.end(), tensor.values.begin(), tensor.values.end());
    return all;
}

double largest(const std::vector<float>& values)
{
    return worst(values, std::vector<float>(values.size()));
}

} // namespace

TEST_CASE("CUDA passes the self-check that the automatic choice makes")
{
    cudaOrSkip(smallModel());
    CHECK(parityProblem([](const ModelConfig& config, std::uint64_t seed) {
              return cudaOrSkip(config, seed);
          }).empty());
    CHECK(makeBackend("auto", smallModel(), 1, 1)->attributes().device == "cuda:0");
}

TEST_CASE("CUDA is sound by the device check, in single and in half precision")
{
    const Precision precision = GENERATE(Precision::Fp32, Precision::Bf16);
    cudaOrSkip(smallModel(), 1, precision);
    const DeviceCheck check = checkDevice("cuda", 1, precision);
    for (const Difference& difference : check.differences) {
        INFO(nameOf(precision) << ", " << describe(difference.what) << " " << difference.largest);
        CHECK(difference.isAllowed());
    }
}

TEST_CASE("CUDA and CPU agree after a step for every likelihood and odd sizes")
{
    for (const std::size_t pixels : {std::size_t{1}, std::size_t{13}, std::size_t{257}, std::size_t{1000}})
        for (const std::size_t rows : {std::size_t{1}, std::size_t{5}, std::size_t{300}})
            for (const Likelihood kind : {Likelihood::Gaussian, Likelihood::Huber, Likelihood::StudentT}) {
                const ModelConfig config = smallModel(pixels);
                const auto gpu = cudaOrSkip(config);
                const auto cpu = makeBackend("cpu", config, 1, 1);
                const auto data = spectra(rows, pixels);
                StepOptions options;
                options.loss.likelihood = kind;
                options.loss.freeBits = 0.2F;
                options.weightDecay = 0.1F;
                INFO(pixels << " pixels, " << rows << " rows, likelihood " << static_cast<int>(kind));
                for (Backend* backend : {gpu.get(), cpu.get()})
                    backend->trainStep(data.batch(), options);
                const Losses got = gpu->takeLosses(), want = cpu->takeLosses();
                CHECK(got.objective == Approx(want.objective).epsilon(1e-4).margin(1e-6));
                CHECK(got.kl == Approx(want.kl).epsilon(1e-4).margin(1e-6));
                CHECK(got.gradientNorm == Approx(want.gradientNorm).epsilon(1e-3).margin(1e-6));
            }
}

TEST_CASE("CUDA encodes, decodes and evaluates as the CPU does over many rows")
{
    const ModelConfig config = smallModel(257);
    const auto gpu = cudaOrSkip(config);
    const auto cpu = makeBackend("cpu", config, 1, 1);
    const std::size_t rows = 1100;
    const auto data = spectra(rows, config.pixels);
    std::vector<float> mean[2], logVariance[2], model[2];
    Backend* backends[2] = {gpu.get(), cpu.get()};
    for (int i = 0; i < 2; ++i) {
        mean[i].resize(rows * config.latent);
        logVariance[i].resize(rows * config.latent);
        model[i].resize(rows * config.pixels);
        backends[i]->encode(data.batch(), mean[i].data(), logVariance[i].data());
        backends[i]->decode(mean[1 - i].empty() ? mean[i].data() : mean[0].data(), rows, model[i].data());
    }
    CHECK(worst(mean[0], mean[1]) < 1e-4);
    CHECK(worst(logVariance[0], logVariance[1]) < 1e-4);
    CHECK(worst(model[0], model[1]) < 1e-4);
    CHECK(gpu->evaluate(data.batch(), {}).objective ==
          Approx(cpu->evaluate(data.batch(), {}).objective).epsilon(1e-4));
}

TEST_CASE("CUDA and CPU agree in scatter, augmentation and the order of latents, alone and together")
{
    ModelConfig config = smallModel(61);
    config.decoder = {11};
    for (const int terms : {1, 2, 4, 8, 15}) {
        config.scatter = (terms & 1) != 0;
        StepOptions options;
        options.seed = 11;
        options.augmentation = (terms & 2) != 0 ? Augmentation{9, 0.3F, 0.5F} : Augmentation{};
        options.order.consistency = (terms & 4) != 0 ? 0.7F : 0.0F;
        options.order.similarity = (terms & 8) != 0 ? 0.4F : 0.0F;
        options.order.similaritySlope = 1.3F;
        for (const std::size_t rows : {std::size_t{1}, std::size_t{37}}) {
            INFO("terms " << terms << " rows " << rows);
            CheckBackend both(cudaOrSkip(config), makeBackend("cpu", config, 1, 1));
            const auto data = spectra(rows, config.pixels);
            for (options.step = 0; options.step < 3; ++options.step)
                both.trainStep(data.batch(), options);
            both.evaluate(data.batch(), options.loss);
            for (const Difference& difference : both.differences()) {
                INFO(describe(difference.what) << " " << difference.largest);
                CHECK(difference.largest < difference.allowed / 5.0);
            }
        }
    }
}

TEST_CASE("CUDA and CPU agree in convolutions of several sizes")
{
    ModelConfig wide = smallConvModel(83);
    wide.convolutions = {{5, 7, 1}, {16, 3, 4}, {18, 1, 1}, {34, 11, 2}};
    ModelConfig narrow = smallConvModel(1); // the kernel is wider than the row
    narrow.convolutions = {{3, 5, 2}, {2, 9, 1}};
    for (ModelConfig config : {smallConvModel(61), wide, narrow})
        for (const std::size_t rows : {std::size_t{1}, std::size_t{13}}) {
            INFO("pixels " << config.pixels << " rows " << rows);
            CheckBackend both(cudaOrSkip(config), makeBackend("cpu", config, 1, 1));
            const auto data = spectra(rows, config.pixels);
            StepOptions options;
            options.augmentation.shift = 3;
            options.order.consistency = 0.5F;
            for (options.step = 0; options.step < 3; ++options.step)
                both.trainStep(data.batch(), options);
            std::vector<float> flux(rows * config.pixels);
            both.reconstruct(data.batch(), flux.data());
            for (const Difference& difference : both.differences()) {
                INFO(describe(difference.what) << " " << difference.largest);
                CHECK(difference.largest < difference.allowed / 5.0);
            }
        }
}

// A product that is cut along its inner size could lose the end of it.
TEST_CASE("CUDA counts the last rows of a large odd batch")
{
    ModelConfig layers = smallModel(61);
    layers.hidden = {64, 32};
    for (const ModelConfig& config : {layers, smallConvModel(61)})
        for (const std::size_t rows : {std::size_t{1023}, std::size_t{2079}, std::size_t{4097}}) {
            auto data = spectra(rows, config.pixels);
            std::fill(data.weight.begin(), data.weight.end() - 2 * 61, 0.0F);
            StepOptions options;
            options.loss.beta = 0.0F;
            options.learningRate = 0.0F;
            const auto gpu = cudaOrSkip(config), cpu = makeBackend("cpu", config, 1, 1);
            for (Backend* backend : {gpu.get(), cpu.get()})
                backend->trainStep(data.batch(), options);
            INFO(config.architecture << ", " << rows << " rows");
            CHECK(gpu->takeLosses().gradientNorm == Approx(cpu->takeLosses().gradientNorm).epsilon(1e-3));
            CHECK(worst(moments(*gpu), moments(*cpu)) < 1e-3 * largest(moments(*cpu)));
        }
}

TEST_CASE("CUDA reports the terms that order the latents as the CPU does")
{
    const ModelConfig config = smallModel(61);
    const auto gpu = cudaOrSkip(config), cpu = makeBackend("cpu", config, 1, 1);
    const auto data = spectra(37, config.pixels);
    StepOptions options;
    options.augmentation.shift = 20;
    options.order = {1.0F, 1.0F, 2.0F};
    for (Backend* backend : {gpu.get(), cpu.get()})
        backend->trainStep(data.batch(), options);
    const Losses got = gpu->takeLosses(), want = cpu->takeLosses();
    CHECK(want.consistency > 0.0);
    CHECK(got.consistency == Approx(want.consistency).epsilon(1e-4));
    CHECK(got.similarity == Approx(want.similarity).epsilon(1e-4));
}

// TF32 keeps 10 bits of a factor (5e-4), bfloat16 7 (4e-3); sums of products average the errors.
TEST_CASE("CUDA in reduced precision stays within its rounding of the CPU")
{
    ModelConfig layers = smallModel(257);
    layers.hidden = {70, 33};
    layers.latent = 5;
    const std::pair<Precision, ModelConfig> trials[] = {{Precision::Tf32, layers},
                                                        {Precision::Bf16, layers},
                                                        {Precision::Tf32, smallConvModel(61)},
                                                        {Precision::Bf16, smallConvModel(61)}};
    for (const auto& [precision, config] : trials) {
        const double allowed = precision == Precision::Tf32 ? 2e-3 : 2e-2;
        const auto gpu = cudaOrSkip(config, 1, precision);
        const auto cpu = makeBackend("cpu", config, 1, 1);
        CHECK(gpu->attributes().precision == nameOf(precision));
        const auto data = spectra(65, config.pixels);
        StepOptions options;
        for (options.step = 0; options.step < 5; ++options.step) {
            gpu->setParameters(cpu->parameters());
            gpu->setOptimiserState(cpu->optimiserState());
            for (Backend* backend : {gpu.get(), cpu.get()})
                backend->trainStep(data.batch(), options);
            const Losses got = gpu->takeLosses(), want = cpu->takeLosses();
            INFO(nameOf(precision) << " step " << options.step);
            CHECK(got.objective == Approx(want.objective).epsilon(allowed));
            CHECK(got.gradientNorm == Approx(want.gradientNorm).epsilon(2.0 * allowed));
            CHECK(got.objective != want.objective); // it is another precision
        }
    }
}

TEST_CASE("CUDA in bfloat16 trains to the loss of single precision")
{
    const ModelConfig config = smallModel(61);
    const auto data = spectra(33, config.pixels);
    double end[2] = {};
    for (const Precision precision : {Precision::Fp32, Precision::Bf16}) {
        const auto gpu = cudaOrSkip(config, 1, precision);
        StepOptions options;
        options.loss.beta = 0.01F;
        options.learningRate = 1e-2F;
        const double start = gpu->evaluate(data.batch(), options.loss).objective;
        for (options.step = 0; options.step < 40; ++options.step)
            gpu->trainStep(data.batch(), options);
        double& loss = end[precision == Precision::Bf16 ? 1 : 0];
        loss = gpu->evaluate(data.batch(), options.loss).objective;
        CHECK(loss < 0.9 * start);
    }
    CHECK(end[1] == Approx(end[0]).epsilon(0.05));
}

TEST_CASE("CUDA gives the same bits again, also from exported state")
{
    const ModelConfig config = smallModel(257);
    const auto whole = cudaOrSkip(config), first = cudaOrSkip(config), second = cudaOrSkip(config, 9);
    const auto data = spectra(64, config.pixels);
    StepOptions options;
    const auto steps = [&](Backend& backend, std::uint64_t begin, std::uint64_t end) {
        for (options.step = begin; options.step < end; ++options.step)
            backend.trainStep(data.batch(), options);
    };
    steps(*whole, 0, 8);
    steps(*first, 0, 3);
    second->setParameters(first->parameters());
    second->setOptimiserState(first->optimiserState());
    steps(*second, 3, 8);
    CHECK(second->parameters() == whole->parameters());
}

TEST_CASE("CUDA trains on compact rows, handed over or kept, as on the floats they stand for, to the bit")
{
    const ModelConfig config = smallModel(61);
    const auto data = spectra(50, config.pixels);
    std::vector<std::uint16_t> flux;
    std::vector<std::uint8_t> weight;
    for (std::size_t i = 0; i < data.flux.size(); ++i) {
        const CompactPixel pixel = compactPixel(data.flux[i], data.weight[i]);
        flux.push_back(pixel.flux);
        weight.push_back(pixel.weight);
    }
    const auto rowsFrom = [&](std::size_t first, std::size_t count) {
        return CompactRows{count, config.pixels, flux.data() + first * config.pixels,
                           weight.data() + first * config.pixels};
    };
    const auto plain = cudaOrSkip(config), streamed = cudaOrSkip(config), kept = cudaOrSkip(config);
    REQUIRE(kept->keepRows(50, 20));
    kept->addKeptRows(rowsFrom(0, 31));
    kept->addKeptRows(rowsFrom(31, 19));
    StepOptions options;
    for (options.step = 0; options.step < 5; ++options.step) {
        const std::size_t first = 7 * options.step, count = options.step % 2 == 0 ? 20 : 13;
        std::vector<float> floats[2];
        for (std::vector<float>& values : floats)
            values.resize(count * config.pixels);
        decodeRows(rowsFrom(first, count), floats[0].data(), floats[1].data());
        plain->trainStep({count, floats[0].data(), floats[1].data()}, options);
        streamed->trainCompact(rowsFrom(first, count), options);
        std::vector<std::uint32_t> numbers(count);
        std::iota(numbers.begin(), numbers.end(), static_cast<std::uint32_t>(first));
        kept->trainKept(numbers, options);
    }
    CHECK(streamed->parameters() == plain->parameters());
    CHECK(kept->parameters() == plain->parameters());
    CHECK(kept->takeLosses().objective == plain->takeLosses().objective);
    const std::vector<std::uint32_t> beyond{50};
    CHECK_THROWS_AS(kept->trainKept(beyond, options), ConfigError);
    CHECK_THROWS_AS(kept->addKeptRows(rowsFrom(0, 1)), ConfigError);
    CHECK_THROWS_AS(streamed->trainKept(beyond, options), ConfigError);
}

TEST_CASE("Ten training steps on CUDA give PyTorch's losses and parameters")
{
    const test::PyTorchReference reference = test::pyTorchReference(GENERATE("mlp", "conv"));
    for (const test::PyTorchCase& expected : reference.cases)
        test::checkCase(*cudaOrSkip(reference.config), reference, expected);
}

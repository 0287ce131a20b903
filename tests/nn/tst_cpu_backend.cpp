// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/cpu_backend.h"
#include "nn/philox.h"
#include "nn/test_model.h"

#include <catch2/catch.hpp>

#include <limits>

using namespace voorwerp::nn;
using voorwerp::nn::test::smallModel;
using voorwerp::nn::test::spectra;

namespace {

ModelConfig mediumModel()
{
    ModelConfig config = smallModel(300);
    config.hidden = {320, 40};
    config.latent = 6;
    return config;
}

/// Everything that a model can be.
ModelConfig convModel()
{
    ModelConfig config = test::smallConvModel(300);
    config.scatter = true;
    return config;
}

/// With everything that a step can have.
std::vector<NamedTensor> trained(Backend& backend, std::size_t firstStep, std::size_t steps)
{
    const auto data = spectra(70, backend.config().pixels);
    StepOptions options;
    options.seed = 11;
    options.loss.beta = 0.01F;
    options.order = {0.1F, 0.1F, 1.0F};
    options.augmentation = {40, 0.05F, 0.2F};
    for (std::size_t i = firstStep; i < firstStep + steps; ++i) {
        options.step = i;
        backend.trainStep(data.batch(), options);
    }
    return backend.parameters();
}

const NamedTensor& named(const std::vector<NamedTensor>& tensors, const std::string& name)
{
    for (const NamedTensor& tensor : tensors)
        if (tensor.name == name)
            return tensor;
    throw std::runtime_error("no tensor " + name);
}

} // namespace

TEST_CASE("Adam moves a parameter as computed by hand")
{
    const ModelConfig config = smallModel();
    ThreadPool pool(1);
    Network<double> network(config, doubleKernels(), pool);
    const auto data = spectra(4, config.pixels);
    const std::size_t weight = network.layout().decoder.back().weight;
    const std::size_t bias = network.layout().decoder.back().bias;
    StepOptions options;
    options.learningRate = 0.01F;
    options.weightDecay = 0.1F;
    options.gradientClip = 0.05F;
    network.parameters()[weight] = 0.3;
    double p = 0.3, b = 0.0, m = 0.0, v = 0.0, mb = 0.0, vb = 0.0;
    for (int t = 1; t <= 3; ++t) {
        options.step = static_cast<std::uint64_t>(t - 1);
        network.forward(data.batch(), options, nullptr);
        network.backward(options, nullptr);
        const double norm = network.gradientNorm();
        REQUIRE(norm > 0.05);
        const double g = network.gradient()[weight] * 0.05 / norm;
        const double gb = network.gradient()[bias] * 0.05 / norm;
        const double b1 = static_cast<double>(0.9F), b2 = static_cast<double>(0.999F),
                     lr = static_cast<double>(0.01F);
        const auto move = [&](double gradient, double& first, double& second) {
            first = b1 * first + (1 - b1) * gradient;
            second = b2 * second + (1 - b2) * gradient * gradient;
            return lr * (first / (1 - std::pow(b1, t))) /
                   (std::sqrt(second / (1 - std::pow(b2, t))) + static_cast<double>(1e-8F));
        };
        p = p * (1 - lr * static_cast<double>(0.1F)) - move(g, m, v);
        b -= move(gb, mb, vb);
        network.adam(options, norm);
        CHECK(network.parameters()[weight] == Approx(p).epsilon(1e-9));
        CHECK(network.parameters()[bias] == Approx(b).epsilon(1e-9)); // no decay on biases
    }
}

TEST_CASE("The same seed gives the same bits whatever the number of threads")
{
    for (const ModelConfig& config : {mediumModel(), convModel()}) {
        CpuBackend one(config, 1, 1), again(config, 1, 1), three(config, 1, 3), other(config, 2, 1);
        const auto want = trained(one, 0, 4);
        CHECK(trained(again, 0, 4) == want);
        CHECK(trained(three, 0, 4) == want);
        CHECK_FALSE(trained(other, 0, 4) == want);
    }
}

TEST_CASE("A lower precision of the products changes little, and nothing with the number of threads")
{
    const ModelConfig config = mediumModel();
    CpuBackend plain(config, 1, 1);
    const std::vector<NamedTensor> exact = trained(plain, 0, 4);
    const double objective = plain.takeLosses().objective;
    for (const Precision precision : {Precision::Tf32, Precision::Bf16})
        for (const KernelSet* kernels : usableKernelSets()) {
            INFO(nameOf(precision) << ", " << kernels->name);
            CpuBackend one(config, 1, 1, precision, *kernels), three(config, 1, 3, precision, *kernels);
            const std::vector<NamedTensor> lower = trained(one, 0, 4);
            CHECK(trained(three, 0, 4) == lower);
            CHECK_FALSE(lower == exact);
            CHECK(one.takeLosses().objective ==
                  Approx(objective).epsilon(precision == Precision::Tf32 ? 1e-4 : 2e-2));
            CHECK(one.attributes().precision == nameOf(precision));
        }
}

TEST_CASE("A backend that was given another's state goes on bit-identically")
{
    for (const ModelConfig& config : {mediumModel(), convModel()}) {
        CpuBackend whole(config, 1, 2), first(config, 1, 2), second(config, 99, 2);
        const auto want = trained(whole, 0, 6);
        trained(first, 0, 3);
        second.setParameters(first.parameters());
        second.setOptimiserState(first.optimiserState());
        CHECK(trained(second, 3, 3) == want);
    }
}

TEST_CASE("Convolution weights come and go as PyTorch's Conv1d has them")
{
    const ModelConfig config = test::smallConvModel();
    CpuBackend backend(config, 1, 1);
    auto tensors = backend.parameters();
    CHECK(named(tensors, "conv.1.weight").shape == std::vector<std::size_t>{7, 4, 5});
    for (NamedTensor& tensor : tensors)
        for (std::size_t i = 0; i < tensor.values.size(); ++i)
            tensor.values[i] = static_cast<float>(i);
    backend.setParameters(tensors);
    CHECK(backend.parameters() == tensors);
}

TEST_CASE("A scatter lowers what far pixels cost and learns how much quasars differ")
{
    ModelConfig config = smallModel(40);
    config.scatter = true;
    CpuBackend backend(config, 1, 1);
    // Noise of 0.02 is known, the spectra differ by 0.3 at random: no model can follow.
    std::vector<float> flux, weight(200 * config.pixels, 2500.0F);
    for (std::uint32_t i = 0; i < weight.size(); i += 4) {
        float deviates[4];
        normals4(3, NoiseStream::Order, 0, 0, i, deviates);
        for (const float deviate : deviates)
            flux.push_back(1.0F + 0.3F * deviate);
    }
    const Batch batch{200, flux.data(), weight.data()};
    StepOptions options;
    options.learningRate = 0.02F;
    for (options.step = 0; options.step < 400; ++options.step)
        backend.trainStep(batch, options);
    double sum = 0.0;
    const std::vector<NamedTensor> learned = backend.parameters();
    for (const float value : named(learned, "scatter.log").values)
        sum += std::exp(static_cast<double>(value)) / 40.0;
    CHECK(sum == Approx(0.3).margin(0.05));
}

TEST_CASE("Rows without data and masked values do not reach the results")
{
    const ModelConfig config = GENERATE(smallModel(), test::smallConvModel());
    CpuBackend backend(config, 1, 1);
    auto data = spectra(4, config.pixels); // row 2 has no data
    const Losses before = backend.evaluate(data.batch(), {});
    std::vector<float> mean(4 * config.latent), logVariance(mean.size());
    backend.encode(data.batch(), mean.data(), logVariance.data());
    for (std::size_t i = 0; i < data.flux.size(); ++i)
        if (data.weight[i] == 0.0F)
            data.flux[i] = std::numeric_limits<float>::quiet_NaN();
    const Losses after = backend.evaluate(data.batch(), {});
    CHECK(std::isfinite(after.objective));
    CHECK(after.objective == before.objective);
    std::vector<float> again(mean.size());
    backend.encode(data.batch(), again.data(), logVariance.data());
    CHECK(again == mean);
    StepOptions options;
    backend.trainStep(data.batch(), options);
    CHECK(std::isfinite(backend.takeLosses().objective));
}

TEST_CASE("Evaluate, encode, decode and reconstruct agree with each other over many rows")
{
    const ModelConfig config = smallModel();
    CpuBackend backend(config, 1, 2);
    const std::size_t rows = 1100; // more than two chunks
    const auto data = spectra(rows, config.pixels);
    std::vector<float> model(rows * config.pixels);
    backend.reconstruct(data.batch(), model.data());
    double expected = 0.0;
    for (std::size_t row = 0; row < rows; ++row) {
        double sum = 0.0, count = 0.0;
        for (std::size_t i = row * config.pixels; i < (row + 1) * config.pixels; ++i) {
            const double residual = data.flux[i] - model[i];
            sum += 0.5 * data.weight[i] * residual * residual;
            count += data.weight[i] > 0.0F ? 1.0 : 0.0;
        }
        expected += count > 0.0 ? sum / count / static_cast<double>(rows) : 0.0;
    }
    CHECK(backend.evaluate(data.batch(), {}).reconstruction == Approx(expected).epsilon(1e-5));
}

TEST_CASE("Losses are the means over the steps since they were last taken")
{
    const ModelConfig config = smallModel();
    CpuBackend two(config, 1, 1), single(config, 1, 1);
    trained(two, 0, 2);
    const Losses both = two.takeLosses();
    trained(single, 0, 1);
    const Losses first = single.takeLosses();
    trained(single, 1, 1);
    const Losses second = single.takeLosses();
    CHECK(both.steps == 2);
    CHECK(both.objective == Approx(0.5 * (first.objective + second.objective)));
    CHECK(both.gradientNorm == Approx(0.5 * (first.gradientNorm + second.gradientNorm)));
    CHECK(two.takeLosses().steps == 0);
}

TEST_CASE("Impossible models, foreign tensors and unknown devices are refused with a reason")
{
    ModelConfig config = smallModel();
    config.latent = 0;
    CHECK_THROWS_WITH(makeBackend("cpu", config, 1, 1), Catch::Contains("latent"));
    config = smallModel();
    config.architecture = "conv";
    CHECK_THROWS_WITH(makeBackend("cpu", config, 1, 1), Catch::Contains("needs at least one"));
    config.convolutions = {{4, 4, 1}};
    CHECK_THROWS_WITH(makeBackend("cpu", config, 1, 1), Catch::Contains("must be odd"));
    config.convolutions = {{5, 3, 1}};
    CHECK_THROWS_WITH(makeBackend("cpu", config, 1, 1), Catch::Contains("even number of channels"));
    config.architecture = "transformer";
    CHECK_THROWS_WITH(makeBackend("cpu", config, 1, 1), Catch::Contains("unknown"));
    CHECK_THROWS_WITH(makeBackend("tpu", smallModel(), 1, 1), Catch::Contains("unknown device 'tpu'"));
    const auto backend = makeBackend("cpu", smallModel(), 1, 1);
    auto tensors = backend->parameters();
    tensors.front().name = "stranger";
    CHECK_THROWS_WITH(backend->setParameters(tensors), Catch::Contains("encoder.0.weight"));
    tensors.pop_back();
    CHECK_THROWS_AS(backend->setParameters(tensors), ConfigError);
    CHECK_THROWS_AS(backend->trainStep({0, nullptr, nullptr}, {}), ConfigError);
}

TEST_CASE("The automatic choice gives a backend that computes, and says why when it is the CPU")
{
    const auto backend = makeBackend("auto", smallModel(), 1, 1);
    const BackendAttributes attributes = backend->attributes();
    const bool gpu = attributes.device.rfind("cuda", 0) == 0;
    CHECK(gpu == attributes.reason.empty());
    CHECK(named(backend->parameters(), "encoder.0.weight").shape == std::vector<std::size_t>{9, 26});
}

TEST_CASE("A task's exception reaches the caller of the thread pool")
{
    ThreadPool pool(3);
    CHECK_THROWS_WITH(pool.run(20,
                               [](std::size_t i) {
                                   if (i == 13)
                                       throw Error("thirteen");
                               }),
                      "thirteen");
    std::vector<int> done(50, 0);
    pool.run(done.size(), [&](std::size_t i) { ++done[i]; });
    CHECK(done == std::vector<int>(50, 1));
}

TEST_CASE("A stop request ends a step without a trace and any other work at once")
{
    CpuBackend backend(mediumModel(), 1, 2), calm(mediumModel(), 1, 2);
    trained(calm, 0, 2);
    trained(backend, 0, 1);
    const auto before = backend.parameters();
    std::stop_source stop;
    stop.request_stop();
    backend.setStop(stop.get_token());
    CHECK_THROWS_AS(trained(backend, 1, 1), Stopped);
    const auto data = spectra(70, backend.config().pixels);
    CHECK_THROWS_AS(backend.evaluate(data.batch(), {}), Stopped);
    CHECK(backend.parameters() == before);
    backend.setStop({});
    CHECK(trained(backend, 1, 1) == calm.parameters());
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The gradient of the whole objective against central differences, in double precision, for every tensor and
// every term of the loss; then the float kernels of every instruction set against the double ones.
#include "nn/cpu/network.h"
#include "nn/test_model.h"

#include <catch2/catch.hpp>

#include <string>

using namespace voorwerp::nn;
using voorwerp::nn::test::smallModel;
using voorwerp::nn::test::spectra;

namespace {

template <class T> void fillParameters(Network<T>& network, const ModelConfig& config)
{
    const Layout& layout = network.layout();
    const std::vector<NamedTensor> start = initialParameters(config, 5);
    for (std::size_t i = 0; i < start.size(); ++i)
        for (std::size_t k = 0; k < layout.tensors[i].size; ++k) // biases and input.mean away from 0 too
            network.parameters()[layout.tensors[i].offset + k] =
                static_cast<T>(start[i].values[k] + 0.05F * std::sin(static_cast<float>(k + 3 * i)));
}

struct Case
{
    std::string name;
    StepOptions step;
    bool noise = true;
};

std::vector<Case> lossCases()
{
    StepOptions plain;
    plain.loss.beta = 0.7F;
    std::vector<Case> cases{{"Gaussian and KL", plain}, {"without noise", plain, false}};
    const auto add = [&](const char* name, auto change) {
        cases.push_back({name, plain});
        change(cases.back().step);
    };
    add("reconstruction alone", [](StepOptions& step) { step.loss.beta = 0.0F; });
    add("free bits", [](StepOptions& step) { step.loss.freeBits = 0.3F; });
    add("Huber", [](StepOptions& step) {
        step.loss.likelihood = Likelihood::Huber;
        step.loss.robustScale = 1.5F;
    });
    add("Student", [](StepOptions& step) {
        step.loss.likelihood = Likelihood::StudentT;
        step.loss.robustScale = 4.0F;
    });
    add("augmented", [](StepOptions& step) { step.augmentation = {4, 0.2F, 0.2F}; });
    add("consistency", [](StepOptions& step) {
        step.augmentation = {4, 0.2F, 0.2F};
        step.order.consistency = 0.8F;
    });
    add("similarity", [](StepOptions& step) {
        step.order.similarity = 0.6F;
        step.order.similaritySlope = 1.5F;
    });
    return cases;
}

std::vector<std::pair<std::string, ModelConfig>> models(std::size_t pixels)
{
    const ModelConfig plain = smallModel(pixels);
    ModelConfig scatter = plain, conv = test::smallConvModel(pixels);
    scatter.scatter = true;
    return {{"mlp", plain}, {"mlp with scatter", scatter}, {"conv", conv}};
}

/// Largest |analytic − numeric| of a tensor, relative to the largest numeric value.
double worstError(Network<double>& network, const TensorSlot& slot, const Batch& batch, const Case& c,
                  const double* noise)
{
    constexpr double kStep = 1e-5;
    double worst = 0.0, largest = 0.0;
    std::vector<double> analytic(network.gradient() + slot.offset,
                                 network.gradient() + slot.offset + slot.size);
    for (std::size_t i = 0; i < slot.size; ++i) {
        double& parameter = network.parameters()[slot.offset + i];
        const double kept = parameter;
        parameter = kept + kStep;
        const double up = network.forward(batch, c.step, noise).objective;
        parameter = kept - kStep;
        const double down = network.forward(batch, c.step, noise).objective;
        parameter = kept;
        const double numeric = (up - down) / (2 * kStep);
        worst = std::max(worst, std::abs(numeric - analytic[i]));
        largest = std::max(largest, std::abs(numeric));
    }
    return largest > 0.0 ? worst / largest : worst;
}

} // namespace

TEST_CASE("Gradients of every tensor agree with finite differences for every model and loss")
{
    for (const auto& [name, config] : models(13)) {
        const auto data = spectra(5, config.pixels);
        ThreadPool pool(1);
        Network<double> network(config, doubleKernels(), pool);
        fillParameters(network, config);
        std::vector<double> noise(5 * config.latent);
        fillNoise(3, 17, 5, config.latent, noise.data());
        for (const Case& c : lossCases()) {
            const double* used = c.noise ? noise.data() : nullptr;
            network.forward(data.batch(), c.step, used);
            network.backward(c.step, used);
            for (std::size_t i = 0; i < network.layout().trainedTensors; ++i) {
                INFO(name << ", " << c.name << ", " << network.layout().tensors[i].name);
                CHECK(worstError(network, network.layout().tensors[i], data.batch(), c, used) < 2e-6);
            }
        }
    }
}

TEST_CASE("Float kernels of every instruction set agree with double precision")
{
    const std::size_t rows = 37;
    ThreadPool pool(2);
    for (auto& [name, config] : models(301)) { // no multiple of a vector or a tile
        config.hidden = {70, 33};
        config.latent = 5;
        const auto data = spectra(rows, config.pixels);
        Network<double> exact(config, doubleKernels(), pool);
        fillParameters(exact, config);
        std::vector<double> noise(rows * config.latent);
        std::vector<float> floatNoise(noise.size());
        fillNoise(3, 17, rows, config.latent, noise.data());
        fillNoise(3, 17, rows, config.latent, floatNoise.data());
        for (const Case& c : lossCases()) {
            const Losses want = exact.forward(data.batch(), c.step, c.noise ? noise.data() : nullptr);
            exact.backward(c.step, c.noise ? noise.data() : nullptr);
            const double norm = exact.gradientNorm();
            for (const KernelSet* set : usableKernelSets()) {
                INFO(set->name << ", " << name << ", " << c.name);
                Network<float> network(config, set->fp32, pool);
                fillParameters(network, config);
                const Losses got =
                    network.forward(data.batch(), c.step, c.noise ? floatNoise.data() : nullptr);
                network.backward(c.step, c.noise ? floatNoise.data() : nullptr);
                CHECK(got.objective == Approx(want.objective).epsilon(2e-5));
                CHECK(got.kl == Approx(want.kl).epsilon(2e-5));
                CHECK(got.consistency == Approx(want.consistency).epsilon(1e-4));
                CHECK(got.similarity == Approx(want.similarity).epsilon(1e-4));
                CHECK(network.gradientNorm() == Approx(norm).epsilon(1e-4));
                double worst = 0.0;
                for (std::size_t i = 0; i < network.layout().trained; ++i)
                    worst = std::max(worst, std::abs(network.gradient()[i] - exact.gradient()[i]));
                CHECK(worst < 1e-4 * norm);
            }
        }
    }
}

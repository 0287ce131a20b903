// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// pytorch_mlp.txt and pytorch_conv.txt (made by pytorch_reference.py): ten training steps in PyTorch, and how
// a backend compares.

#include "nn/backend.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace voorwerp::nn::test {

using Tensors = std::map<std::string, std::vector<float>>;

/// One training with its options.
struct PyTorchCase
{
    std::string name;
    StepOptions options;
    std::vector<Losses> steps;
    Tensors end;
};

struct PyTorchReference
{
    ModelConfig config;
    std::size_t rows = 0;
    std::uint64_t seed = 0;
    std::vector<float> flux, weight;
    Tensors start;
    std::vector<PyTorchCase> cases;

    Batch batch() const { return {rows, flux.data(), weight.data()}; }
};

inline std::vector<float> numbersOf(std::istringstream& line)
{
    std::vector<float> numbers;
    for (double number = 0.0; line >> number;)
        numbers.push_back(static_cast<float>(number));
    return numbers;
}

inline PyTorchCase caseOf(std::istringstream& line)
{
    PyTorchCase read;
    std::string likelihood;
    LossOptions& loss = read.options.loss;
    line >> read.name >> likelihood >> loss.robustScale >> loss.beta >> loss.freeBits >>
        read.options.learningRate >> read.options.weightDecay >> read.options.gradientClip >>
        read.options.augmentation.shift >> read.options.augmentation.noiseShare >>
        read.options.order.consistency >> read.options.order.similarity >> read.options.order.similaritySlope;
    loss.likelihood = likelihood == "huber"     ? Likelihood::Huber
                      : likelihood == "student" ? Likelihood::StudentT
                                                : Likelihood::Gaussian;
    return read;
}

inline std::vector<std::size_t> sizesOf(std::istringstream& line)
{
    std::vector<std::size_t> sizes;
    for (std::size_t size = 0; line >> size;)
        sizes.push_back(size);
    return sizes;
}

/// kind: "mlp" or "conv", with a scatter.
inline PyTorchReference pyTorchReference(const std::string& kind)
{
    PyTorchReference reference;
    reference.config.architecture = kind;
    std::ifstream file(VOORWERP_NN_TEST_FOLDER "/pytorch_" + kind + ".txt");
    for (std::string text; std::getline(file, text);) {
        std::istringstream line(text);
        std::string what, name;
        line >> what;
        if (what == "sizes") {
            std::size_t steps = 0;
            line >> reference.config.pixels >> reference.config.latent >> reference.rows >> steps >>
                reference.seed;
        } else if (what == "convolution") {
            ConvBlock& block = reference.config.convolutions.emplace_back();
            line >> block.channels >> block.kernel >> block.pool;
        } else if (what == "hidden") {
            reference.config.hidden = sizesOf(line);
        } else if (what == "decoder") {
            reference.config.decoder = sizesOf(line);
        } else if (what == "scatter") {
            line >> reference.config.scatter;
        } else if (what == "flux") {
            reference.flux = numbersOf(line);
        } else if (what == "weight") {
            reference.weight = numbersOf(line);
        } else if (what == "start" && line >> name) {
            reference.start[name] = numbersOf(line);
        } else if (what == "case") {
            reference.cases.push_back(caseOf(line));
        } else if (what == "step") {
            const std::vector<float> n = numbersOf(line);
            Losses losses;
            losses.objective = n.at(0);
            losses.reconstruction = n.at(1);
            losses.kl = n.at(2);
            losses.consistency = n.at(3);
            losses.similarity = n.at(4);
            losses.gradientNorm = n.at(5);
            losses.steps = 1;
            reference.cases.back().steps.push_back(losses);
        } else if (what == "end" && line >> name) {
            reference.cases.back().end[name] = numbersOf(line);
        }
    }
    return reference;
}

/// Trains as the case did. Losses within 1e-4 of PyTorch's in double precision, parameters within 2e-3 by the
/// norms of tensors: Adam moves one whose gradient is nearly 0 either way.
inline void checkCase(Backend& backend, const PyTorchReference& reference, const PyTorchCase& expected)
{
    INFO("case " << expected.name);
    std::vector<NamedTensor> tensors = parameterShapes(reference.config);
    for (NamedTensor& tensor : tensors)
        tensor.values = reference.start.at(tensor.name);
    backend.setParameters(tensors);
    StepOptions options = expected.options;
    options.seed = reference.seed;
    for (const Losses& step : expected.steps) {
        backend.trainStep(reference.batch(), options);
        const Losses ours = backend.takeLosses();
        INFO("step " << options.step);
        CHECK(ours.objective == Approx(step.objective).epsilon(1e-4));
        CHECK(ours.reconstruction == Approx(step.reconstruction).epsilon(1e-4));
        CHECK(ours.kl == Approx(step.kl).epsilon(1e-4));
        CHECK(ours.consistency == Approx(step.consistency).epsilon(2e-4));
        CHECK(ours.similarity == Approx(step.similarity).epsilon(2e-4));
        CHECK(ours.gradientNorm == Approx(step.gradientNorm).epsilon(1e-4));
        ++options.step;
    }
    for (const NamedTensor& tensor : backend.parameters()) {
        INFO(tensor.name);
        const std::vector<float>& end = expected.end.at(tensor.name);
        REQUIRE(end.size() == tensor.values.size());
        double norm = 0.0, apart = 0.0;
        for (std::size_t i = 0; i < end.size(); ++i) {
            norm += static_cast<double>(end[i]) * static_cast<double>(end[i]);
            apart += std::pow(static_cast<double>(end[i]) - static_cast<double>(tensor.values[i]), 2.0);
        }
        CHECK(std::sqrt(apart) <= 2e-3 * std::sqrt(norm));
    }
}

} // namespace voorwerp::nn::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/parity.h"

#include "nn/cpu/cpu_backend.h"
#include "nn/philox.h"

#include <cmath>

namespace voorwerp::nn {

namespace {

constexpr std::size_t kRows = 33;
constexpr std::size_t kSteps = 10;

ModelConfig smallModel()
{
    ModelConfig config;
    config.pixels = 301; // sizes that are no multiple of a block
    config.hidden = {70, 33};
    config.latent = 5;
    return config;
}

struct Figures
{
    std::vector<double> losses; ///< of each step, then of an evaluation
    std::vector<float> model;   ///< reconstructions
};

Figures figuresOf(Backend& backend)
{
    const std::size_t pixels = backend.config().pixels;
    std::vector<float> flux(kRows * pixels), weight(flux.size());
    for (std::size_t i = 0; i < flux.size(); ++i) {
        float deviates[4];
        normals4(1, NoiseStream::Order, 0, static_cast<std::uint32_t>(i / pixels),
                 static_cast<std::uint32_t>(i % pixels), deviates);
        flux[i] = 1.0F + 0.3F * deviates[0];
        weight[i] = deviates[1] > -1.0F ? 4.0F + deviates[1] : 0.0F;
    }
    const Batch batch{kRows, flux.data(), weight.data()};
    StepOptions options;
    options.loss.beta = 0.1F;
    Figures figures;
    for (options.step = 0; options.step < kSteps; ++options.step) {
        backend.trainStep(batch, options);
        figures.losses.push_back(backend.takeLosses().objective);
    }
    figures.losses.push_back(backend.evaluate(batch, options.loss).objective);
    figures.model.resize(flux.size());
    backend.reconstruct(batch, figures.model.data());
    return figures;
}

} // namespace

std::string parityProblem(const BackendMaker& make)
{
    const ModelConfig config = smallModel();
    const std::unique_ptr<Backend> other = make(config, 1);
    CpuBackend reference(config, 1, 1);
    const Figures want = figuresOf(reference);
    const Figures got = figuresOf(*other);
    for (std::size_t i = 0; i < want.losses.size(); ++i)
        if (!(std::abs(got.losses[i] - want.losses[i]) <= kParityTolerance * std::abs(want.losses[i])))
            return "loss " + std::to_string(got.losses[i]) + " instead of " + std::to_string(want.losses[i]) +
                   " in step " + std::to_string(i);
    for (std::size_t i = 0; i < want.model.size(); ++i)
        if (!(std::abs(got.model[i] - want.model[i]) <= kParityTolerance * (1.0F + std::abs(want.model[i]))))
            return "model flux " + std::to_string(got.model[i]) + " instead of " +
                   std::to_string(want.model[i]);
    return {};
}

} // namespace voorwerp::nn

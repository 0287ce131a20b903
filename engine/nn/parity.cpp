// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/parity.h"

#include "nn/cpu/cpu_backend.h"
#include "nn/cpu/kernel_sets.h"
#include "nn/philox.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace voorwerp::nn {

namespace {

/// One model and what is done with it.
struct Trial
{
    ModelConfig config;
    std::size_t rows = 1;
    StepOptions step;
};

Trial trialOf(std::size_t pixels, std::vector<std::size_t> hidden, std::size_t latent, std::size_t rows,
              Likelihood likelihood)
{
    Trial trial;
    trial.config.pixels = pixels;
    trial.config.hidden = std::move(hidden);
    trial.config.latent = latent;
    trial.rows = rows;
    trial.step.loss = {0.1F, 0.0F, likelihood, 2.5F};
    return trial;
}

/// Convolutions, a scatter, augmentation and both terms that order the latents.
Trial convTrial()
{
    Trial trial = trialOf(143, {21}, 5, 19, Likelihood::Huber);
    trial.config.architecture = "conv";
    trial.config.convolutions = {{6, 5, 3}, {10, 7, 4}, {6, 3, 1}};
    trial.config.decoder = {9, 33};
    trial.config.scatter = true;
    trial.step.augmentation = {20, 0.05F, 0.2F};
    trial.step.order = {0.3F, 0.2F, 1.0F};
    return trial;
}

// Sizes that are no multiple of a block, one row, one pixel, more rows than are worked on at once.
std::vector<Trial> trials()
{
    std::vector<Trial> all{trialOf(301, {70, 33}, 5, 33, Likelihood::Gaussian), convTrial(),
                           trialOf(1, {3}, 1, 1, Likelihood::Gaussian),
                           trialOf(13, {9, 7, 5}, 3, 600, Likelihood::Huber),
                           trialOf(1000, {257}, 32, 65, Likelihood::StudentT)};
    all[3].step.loss.freeBits = 0.05F;
    return all;
}

constexpr std::size_t kSteps = 10;

void run(const Trial& trial, Backend& backend)
{
    const std::size_t pixels = trial.config.pixels;
    std::vector<float> flux(trial.rows * pixels), weight(flux.size());
    for (std::size_t i = 0; i < flux.size(); ++i) {
        float deviates[4];
        normals4(1, NoiseStream::Order, 0, static_cast<std::uint32_t>(i / pixels),
                 static_cast<std::uint32_t>(i % pixels), deviates);
        flux[i] = 1.0F + 0.3F * deviates[0];
        weight[i] = deviates[1] > -1.0F ? 4.0F + deviates[1] : 0.0F;
    }
    const Batch batch{trial.rows, flux.data(), weight.data()};
    StepOptions options = trial.step;
    for (options.step = 0; options.step < kSteps; ++options.step)
        backend.trainStep(batch, options);
    backend.evaluate(batch, options.loss);
    backend.reconstruct(batch, flux.data()); // in place: encoded before it is written
}

std::vector<Difference> differencesOf(const Trial& trial, const BackendMaker& tested,
                                      const BackendMaker& trusted, const std::stop_token& stop)
{
    CheckBackend both(tested(trial.config, 1), trusted(trial.config, 2));
    both.setStop(stop);
    run(trial, both);
    return both.differences();
}

std::unique_ptr<Backend> fastCpu(const ModelConfig& config, std::uint64_t seed)
{
    return std::make_unique<CpuBackend>(config, seed, 1);
}

std::unique_ptr<Backend> plainCpu(const ModelConfig& config, std::uint64_t seed)
{
    return std::make_unique<CpuBackend>(config, seed, 1, Precision::Fp32, *usableKernelSets().front());
}

void merge(std::vector<Difference>& all, const std::vector<Difference>& more)
{
    if (all.empty()) {
        all = more;
        return;
    }
    for (std::size_t i = 0; i < more.size(); ++i)
        all[i].take(more[i].largest, more[i].compared);
}

} // namespace

std::string parityProblem(const BackendMaker& make, const std::string& architecture)
{
    const std::vector<Trial> all = trials();
    const auto trial = std::find_if(
        all.begin(), all.end(), [&](const Trial& one) { return one.config.architecture == architecture; });
    for (const Difference& difference : differencesOf(*trial, make, fastCpu, {}))
        if (!difference.isAllowed()) {
            std::ostringstream text;
            text.precision(2);
            text << describe(difference.what) << ": off by " << difference.largest << " of it, where "
                 << difference.allowed << " is allowed";
            return text.str();
        }
    return {};
}

bool DeviceCheck::isSound() const
{
    return std::all_of(differences.begin(), differences.end(),
                       [](const Difference& difference) { return difference.isAllowed(); });
}

DeviceCheck checkDevice(const std::string& device, int threads, Precision precision,
                        const std::stop_token& stop)
{
    if (device == "auto") {
        try {
            return checkDevice("cuda", threads, precision, stop);
        } catch (const ConfigError&) { // no GPU
            return checkDevice("cpu", threads, precision, stop);
        }
    }
    const BackendMaker tested = [&](const ModelConfig& config, std::uint64_t seed) {
        return makeBackend(device, config, seed, threads, precision);
    };
    const BackendMaker trusted = device == "cpu" ? plainCpu : fastCpu;
    DeviceCheck check;
    for (const Trial& trial : trials())
        merge(check.differences, differencesOf(trial, tested, trusted, stop));
    ModelConfig smallest;
    smallest.pixels = 1;
    check.tested = tested(smallest, 1)->attributes();
    check.trusted = trusted(smallest, 1)->attributes();
    return check;
}

} // namespace voorwerp::nn

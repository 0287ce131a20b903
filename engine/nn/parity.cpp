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
    std::size_t pixels, latent, rows;
    std::vector<std::size_t> hidden;
    Likelihood likelihood;
    float freeBits;
};

// Sizes that are no multiple of a block, one row, one pixel, more rows than are worked on at once.
const std::vector<Trial>& trials()
{
    static const std::vector<Trial> all{
        {301, 5, 33, {70, 33}, Likelihood::Gaussian, 0.0F},
        {1, 1, 1, {3}, Likelihood::Gaussian, 0.0F},
        {13, 3, 600, {9, 7, 5}, Likelihood::Huber, 0.05F},
        {1000, 32, 65, {257}, Likelihood::StudentT, 0.0F},
    };
    return all;
}

constexpr std::size_t kSteps = 10;

void run(const Trial& trial, Backend& backend)
{
    std::vector<float> flux(trial.rows * trial.pixels), weight(flux.size());
    for (std::size_t i = 0; i < flux.size(); ++i) {
        float deviates[4];
        normals4(1, NoiseStream::Order, 0, static_cast<std::uint32_t>(i / trial.pixels),
                 static_cast<std::uint32_t>(i % trial.pixels), deviates);
        flux[i] = 1.0F + 0.3F * deviates[0];
        weight[i] = deviates[1] > -1.0F ? 4.0F + deviates[1] : 0.0F;
    }
    const Batch batch{trial.rows, flux.data(), weight.data()};
    StepOptions options;
    options.loss = {0.1F, trial.freeBits, trial.likelihood, 2.5F};
    for (options.step = 0; options.step < kSteps; ++options.step)
        backend.trainStep(batch, options);
    backend.evaluate(batch, options.loss);
    backend.reconstruct(batch, flux.data()); // in place: encoded before it is written
}

std::vector<Difference> differencesOf(const Trial& trial, const BackendMaker& tested,
                                      const BackendMaker& trusted, const std::stop_token& stop)
{
    ModelConfig config;
    config.pixels = trial.pixels;
    config.hidden = trial.hidden;
    config.latent = trial.latent;
    CheckBackend both(tested(config, 1), trusted(config, 2));
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

std::string parityProblem(const BackendMaker& make)
{
    for (const Difference& difference : differencesOf(trials().front(), make, fastCpu, {}))
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

DeviceCheck checkDevice(const std::string& device, int threads, const std::stop_token& stop)
{
    if (device == "auto") {
        try {
            return checkDevice("cuda", threads, stop);
        } catch (const ConfigError&) { // no GPU
            return checkDevice("cpu", threads, stop);
        }
    }
    const BackendMaker tested = [&](const ModelConfig& config, std::uint64_t seed) {
        return makeBackend(device, config, seed, threads);
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

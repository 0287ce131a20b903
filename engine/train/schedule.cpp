// SPDX-License-Identifier: GPL-3.0-or-later
#include "train/schedule.h"

#include "nn/philox.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace voorwerp::train {

namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kOneCycleStart = 1.0 / 25.0;
constexpr double kOneCycleEnd = 1e-4;

/// From 1 at share 0 to 0 at share 1.
double cosineFall(double share)
{
    return 0.5 * (1.0 + std::cos(kPi * share));
}

} // namespace

double learningRateAt(const TrainConfig& config, std::size_t step, std::size_t steps)
{
    const double done = static_cast<double>(step) + 1.0;
    const double rising = config.warmup * static_cast<double>(steps);
    const bool oneCycle = config.schedule == "one_cycle";
    if (done < rising) {
        const double share = done / rising;
        return config.learningRate *
               (oneCycle ? kOneCycleStart + (1.0 - kOneCycleStart) * (1.0 - cosineFall(share)) : share);
    }
    if (config.schedule == "constant")
        return config.learningRate;
    const double fall = cosineFall((done - rising) / std::fmax(1.0, static_cast<double>(steps) - rising));
    const double end = oneCycle ? kOneCycleEnd : 0.0;
    return config.learningRate * (end + (1.0 - end) * fall);
}

double warmShareAt(const TrainConfig& config, std::size_t step, std::size_t steps)
{
    const double rising = config.betaWarmup * static_cast<double>(steps);
    const double done = static_cast<double>(step);
    return done < rising ? done / rising : 1.0;
}

double betaAt(const TrainConfig& config, std::size_t step, std::size_t steps)
{
    return config.beta * warmShareAt(config, step, steps);
}

std::size_t warmupEpochs(const TrainConfig& config, std::size_t epochSteps)
{
    const bool warms = config.beta > 0.0 || config.consistency > 0.0 || config.similarity > 0.0;
    const double share = std::max(config.warmup, warms ? config.betaWarmup : 0.0);
    const double rising = share * static_cast<double>(epochSteps * config.epochs);
    return static_cast<std::size_t>(std::ceil(rising / static_cast<double>(epochSteps)));
}

std::vector<std::size_t> shuffledRows(std::vector<std::size_t> rows, std::uint64_t seed, std::size_t epoch)
{
    for (std::size_t i = rows.size(); i > 1; --i) {
        const nn::PhiloxBlock bits = nn::philox4x32(
            {{static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i >> 32U),
              static_cast<std::uint32_t>(epoch), static_cast<std::uint32_t>(nn::NoiseStream::Order) << 24U}},
            static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U));
        const std::uint64_t random = (static_cast<std::uint64_t>(bits.word[0]) << 32U) | bits.word[1];
        std::swap(rows[i - 1], rows[random % i]);
    }
    return rows;
}

} // namespace voorwerp::train

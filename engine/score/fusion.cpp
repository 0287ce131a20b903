// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/fusion.h"

#include "core/error.h"
#include "core/row_threads.h"
#include "score/gamma_distribution.h"
#include "score/local_trend.h"
#include "score/neighbours.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace voorwerp::score {
namespace {

constexpr std::size_t kReported = 4096; // points between two reports
constexpr std::size_t kTogether = 16;   // points that a thread takes at once
constexpr double kTailStart = 0.8;      // percentile above which the tail is extrapolated
constexpr double kSmallestSnr = 0.05;

/// Percentile of value among others (itself included), in (0, 1). Above kTailStart it follows an exponential
/// tail whose scale comes from the median and the start of the tail: ranks alone could not tell a strong
/// outlier from the weak ones of a small neighbourhood.
double percentileAmong(float value, std::span<const float> others)
{
    double below = 0.0;
    for (float other : others)
        below += other < value ? 1.0 : other == value ? 0.5 : 0.0;
    const double n = static_cast<double>(others.size());
    const double rank = std::clamp(below / n, 0.5 / n, 1.0 - 0.5 / n);
    if (rank <= kTailStart)
        return rank;
    const double start = quantile(others, kTailStart), median = quantile(others, 0.5);
    const double scale = (start - median) / std::log(0.5 / (1.0 - kTailStart));
    if (!(scale > 0.0))
        return rank;
    return std::max(kTailStart, 1.0 - (1.0 - kTailStart) * std::exp(-(value - start) / scale));
}

PlaneNeighbours conditionPlane(std::span<const float> snr, std::span<const float> z, std::size_t neighbours)
{
    std::vector<double> x(snr.size()), y(snr.size());
    for (std::size_t i = 0; i < snr.size(); ++i) {
        x[i] = std::log10(std::max<double>(kSmallestSnr, std::isfinite(snr[i]) ? snr[i] : 0.0));
        y[i] = std::log1p(std::isfinite(z[i]) ? std::max(0.0F, z[i]) : 0.0F);
    }
    return {x, y, neighbours};
}

struct WeightedComponent
{
    double weight;
    float ComponentScores::*member;
};

/// log10 of 1/(1 − percentile), bounded so that one component cannot outweigh all others for ever.
double surprise(double percentile, std::size_t sample)
{
    const double most = std::log10(2.0 * static_cast<double>(sample)) + 1.0;
    return std::min(most, -std::log10(std::max(1e-300, 1.0 - percentile)));
}

/// Of one spectrum among its neighbours.
float fusedScore(std::span<const ComponentScores> scores, const PlaneNeighbours& plane, std::size_t point,
                 const FusionOptions& options)
{
    const WeightedComponent components[] = {{options.weightChi2, &ComponentScores::chi2},
                                            {options.weightRobust, &ComponentScores::robust},
                                            {options.weightSmoothed, &ComponentScores::smoothed},
                                            {options.weightDensity, &ComponentScores::density},
                                            {options.weightKl, &ComponentScores::kl}};
    const std::vector<std::uint32_t> neighbours = plane.find(point);
    const LocalTrend trend(plane, point, neighbours);
    std::vector<float> others(neighbours.size());
    double sum = 0.0, weights = 0.0;
    for (const WeightedComponent& component : components) {
        if (component.weight <= 0.0)
            continue;
        for (std::size_t k = 0; k < neighbours.size(); ++k)
            others[k] = scores[neighbours[k]].*component.member;
        trend.removeFrom(others);
        const double percentile = percentileAmong(scores[point].*component.member, others);
        sum += component.weight * surprise(percentile, scores.size());
        weights += component.weight;
    }
    const double penalty = 1.0 - options.artefactPenalty * std::clamp(scores[point].artefact, 0.0F, 1.0F);
    return static_cast<float>(weights > 0.0 ? penalty * sum / weights : 0.0);
}

} // namespace

FusedScores fuseScores(std::span<const ComponentScores> scores, std::span<const float> snr,
                       std::span<const float> z, const FusionOptions& options, core::JobContext& context)
{
    const std::size_t n = scores.size();
    context.beginPhase("Ranking", "spectra", static_cast<double>(n));
    const std::size_t neighbours =
        std::min(options.neighbours, std::max<std::size_t>(n / 10, std::min<std::size_t>(n, 50)));
    const PlaneNeighbours plane = conditionPlane(snr, z, neighbours);
    FusedScores fused;
    fused.score.assign(n, 0.0F);
    const std::size_t threads = core::threadCount(options.threads);
    for (std::size_t begin = 0; begin < n; begin += kReported) {
        const std::size_t end = std::min(n, begin + kReported);
        core::forEachRow((end - begin + kTogether - 1) / kTogether, threads, [&](std::size_t block) {
            if (context.stopRequested())
                throw core::Cancelled();
            const std::size_t first = begin + block * kTogether;
            for (std::size_t i = first; i < std::min(end, first + kTogether); ++i)
                fused.score[i] = fusedScore(scores, plane, i, options);
        });
        if (end < n)
            context.advanceTo(static_cast<double>(end));
    }
    context.throwIfStopped();
    fused.pValue = empiricalNullPValues(fused.score);
    context.throwIfStopped();
    fused.qValue = benjaminiHochberg(fused.pValue);
    context.advanceTo(static_cast<double>(n));
    return fused;
}

std::vector<double> empiricalNullPValues(std::span<const float> scores)
{
    std::vector<float> sorted(scores.begin(), scores.end());
    std::sort(sorted.begin(), sorted.end());
    const GammaDistribution null = GammaDistribution::fitToLowerPart(sorted);
    std::vector<double> pValues(scores.size());
    std::transform(scores.begin(), scores.end(), pValues.begin(), [&](float s) { return null.upperTail(s); });
    return pValues;
}

std::vector<double> benjaminiHochberg(std::span<const double> pValues)
{
    std::vector<std::size_t> order(pValues.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return pValues[a] > pValues[b]; });
    std::vector<double> qValues(pValues.size());
    const double n = static_cast<double>(pValues.size());
    double least = 1.0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const double rank = n - static_cast<double>(i);
        least = std::min(least, pValues[order[i]] * n / rank);
        qValues[order[i]] = least;
    }
    return qValues;
}

} // namespace voorwerp::score

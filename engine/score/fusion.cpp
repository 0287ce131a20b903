// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/fusion.h"

#include "core/error.h"
#include "score/gamma_distribution.h"
#include "score/neighbours.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace voorwerp::score {
namespace {

constexpr std::size_t kStopInterval = 2048; // points between two looks at the stop token
constexpr double kTailStart = 0.8;          // percentile above which the tail is extrapolated
constexpr double kSmallestSnr = 0.05;

double quantile(std::vector<float>& values, double share)
{
    const auto middle =
        values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Percentile of value among others (itself included), in (0, 1). Above kTailStart it follows an exponential
/// tail whose scale comes from the median and the start of the tail: ranks alone could not tell a strong
/// outlier from the weak ones of a small neighbourhood.
double percentileAmong(float value, std::vector<float>& others)
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

/// Values of a point's neighbours moved to the place of the point along the plane a + b·dx + c·dy that fits
/// them, outliers clipped in a second pass: most neighbours of a bright quasar are fainter than it, and where
/// scores grow with S/N it would seem strange for its brightness alone.
class LocalTrend
{
public:
    LocalTrend(const PlaneNeighbours& plane, std::size_t point, const std::vector<std::uint32_t>& found)
    {
        for (std::uint32_t j : found) {
            m_dx.push_back(plane.x(j) - plane.x(point));
            m_dy.push_back(plane.y(j) - plane.y(point));
        }
    }

    void removeFrom(std::vector<float>& values) const
    {
        if (values.size() < kFewestForTrend)
            return;
        Eigen::Vector3d fit =
            fitPlane(values, Eigen::Vector3d::Zero(), std::numeric_limits<double>::infinity());
        std::vector<float> sizes(values.size());
        for (int pass = 0; pass < 2; ++pass) {
            for (std::size_t k = 0; k < values.size(); ++k)
                sizes[k] = static_cast<float>(std::abs(values[k] - at(fit, k)));
            fit = fitPlane(values, fit, 3.0 * quantile(sizes, 0.5));
        }
        for (std::size_t k = 0; k < values.size(); ++k)
            values[k] -= static_cast<float>(at(fit, k) - fit[0]);
    }

private:
    static constexpr std::size_t kFewestForTrend = 30;

    double at(const Eigen::Vector3d& fit, std::size_t k) const
    {
        return fit[0] + fit[1] * m_dx[k] + fit[2] * m_dy[k];
    }
    Eigen::Vector3d fitPlane(const std::vector<float>& values, const Eigen::Vector3d& before,
                             double limit) const
    {
        Eigen::Matrix3d normal = Eigen::Matrix3d::Identity() * 1e-6;
        Eigen::Vector3d right = Eigen::Vector3d::Zero();
        for (std::size_t k = 0; k < values.size(); ++k) {
            if (std::abs(values[k] - at(before, k)) > limit)
                continue;
            const Eigen::Vector3d row(1.0, m_dx[k], m_dy[k]);
            normal += row * row.transpose();
            right += row * static_cast<double>(values[k]);
        }
        return normal.ldlt().solve(right);
    }

    std::vector<double> m_dx, m_dy;
};

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

} // namespace

std::vector<float> conditionalPercentiles(std::span<const float> values, std::span<const float> snr,
                                          std::span<const float> z, std::size_t neighbours,
                                          std::stop_token stop)
{
    const PlaneNeighbours plane = conditionPlane(snr, z, neighbours);
    std::vector<float> percentiles(values.size());
    std::vector<std::uint32_t> found;
    std::vector<float> others;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i % kStopInterval == 0 && stop.stop_requested())
            throw core::Cancelled();
        plane.find(i, found);
        others.clear();
        for (std::uint32_t j : found)
            others.push_back(values[j]);
        LocalTrend(plane, i, found).removeFrom(others);
        percentiles[i] = static_cast<float>(percentileAmong(values[i], others));
    }
    return percentiles;
}

FusedScores fuseScores(std::span<const ComponentScores> scores, std::span<const float> snr,
                       std::span<const float> z, const FusionOptions& options, std::stop_token stop)
{
    const WeightedComponent components[] = {{options.weightChi2, &ComponentScores::chi2},
                                            {options.weightRobust, &ComponentScores::robust},
                                            {options.weightSmoothed, &ComponentScores::smoothed},
                                            {options.weightDensity, &ComponentScores::density},
                                            {options.weightKl, &ComponentScores::kl}};
    const std::size_t n = scores.size();
    FusedScores fused;
    fused.score.assign(n, 0.0F);
    const std::size_t neighbours =
        std::min(options.neighbours, std::max<std::size_t>(n / 10, std::min<std::size_t>(n, 50)));
    const PlaneNeighbours plane = conditionPlane(snr, z, neighbours);
    std::vector<std::uint32_t> found;
    std::vector<float> others;
    for (std::size_t i = 0; i < n; ++i) {
        if (i % kStopInterval == 0 && stop.stop_requested())
            throw core::Cancelled();
        plane.find(i, found);
        const LocalTrend trend(plane, i, found);
        double sum = 0.0, weights = 0.0;
        for (const WeightedComponent& component : components) {
            if (component.weight <= 0.0)
                continue;
            others.clear();
            for (std::uint32_t j : found)
                others.push_back(scores[j].*component.member);
            trend.removeFrom(others);
            sum += component.weight * surprise(percentileAmong(scores[i].*component.member, others), n);
            weights += component.weight;
        }
        const double penalty = 1.0 - options.artefactPenalty * std::clamp(scores[i].artefact, 0.0F, 1.0F);
        fused.score[i] = static_cast<float>(weights > 0.0 ? penalty * sum / weights : 0.0);
    }
    fused.pValue = empiricalNullPValues(fused.score);
    fused.qValue = benjaminiHochberg(fused.pValue);
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

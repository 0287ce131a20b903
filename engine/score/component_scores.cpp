// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/component_scores.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace voorwerp::score {
namespace {

constexpr double kClip = 5.0; // σ
constexpr std::array kWidthsKmPerSecond{500.0, 1000.0, 2000.0, 3000.0};

/// (m·w·y)/(m·w·m) over the pixels that keep(pixel) lets through.
template <typename Keep> double amplitudeOf(const ModelledRow& row, double fallback, Keep&& keep)
{
    double my = 0.0, mm = 0.0;
    for (std::size_t i = 0; i < row.flux.size(); ++i) {
        if (row.weight[i] <= 0.0F || !keep(i))
            continue;
        my += static_cast<double>(row.model[i]) * row.weight[i] * row.flux[i];
        mm += static_cast<double>(row.model[i]) * row.weight[i] * row.model[i];
    }
    return mm > 0.0 && my > 0.0 ? my / mm : fallback;
}

} // namespace

double bestAmplitude(const ModelledRow& row)
{
    const double first = amplitudeOf(row, 1.0, [](std::size_t) { return true; });
    return amplitudeOf(row, first, [&](std::size_t i) {
        return std::abs(row.flux[i] - first * row.model[i]) * std::sqrt(row.weight[i]) < kClip;
    });
}

std::vector<float> residualSigma(const ModelledRow& row, double amplitude)
{
    std::vector<float> residual(row.flux.size(), 0.0F);
    const float a = static_cast<float>(amplitude);
    for (std::size_t i = 0; i < residual.size(); ++i) {
        if (row.weight[i] > 0.0F)
            residual[i] = (row.flux[i] - a * row.model[i]) * std::sqrt(row.weight[i]);
    }
    return residual;
}

double reducedChi2(std::span<const float> residual, std::span<const float> weight, double clip)
{
    double sum = 0.0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < residual.size(); ++i) {
        if (weight[i] <= 0.0F)
            continue;
        const double r = clip > 0.0 ? std::clamp<double>(residual[i], -clip, clip) : residual[i];
        sum += r * r;
        ++count;
    }
    return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

std::vector<float> smoothSigma(std::span<const float> residual, std::span<const float> weight,
                               std::size_t width)
{
    const std::size_t n = residual.size(), before = width / 2, after = width - before;
    std::vector<double> sums(n + 1, 0.0);
    std::vector<std::size_t> counts(n + 1, 0);
    for (std::size_t i = 0; i < n; ++i) {
        const bool covered = weight[i] > 0.0F;
        sums[i + 1] = sums[i] + (covered ? residual[i] : 0.0F);
        counts[i + 1] = counts[i] + (covered ? 1 : 0);
    }
    std::vector<float> smoothed(n, 0.0F);
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t first = i > before ? i - before : 0, last = std::min(n, i + after);
        const std::size_t count = counts[last] - counts[first];
        if (2 * count >= width)
            smoothed[i] =
                static_cast<float>((sums[last] - sums[first]) / std::sqrt(static_cast<double>(count)));
    }
    return smoothed;
}

double smoothedScore(std::span<const float> residual, std::span<const float> weight,
                     double kmPerSecondPerPixel)
{
    std::vector<float> clipped(residual.begin(), residual.end());
    for (float& r : clipped)
        r = std::clamp(r, -static_cast<float>(kClip), static_cast<float>(kClip));
    double largest = 0.0;
    for (double width : kWidthsKmPerSecond) {
        const double pixels = std::max(1.0, std::round(width / kmPerSecondPerPixel));
        for (float s : smoothSigma(clipped, weight, static_cast<std::size_t>(pixels)))
            largest = std::max(largest, std::abs(static_cast<double>(s)));
    }
    return largest;
}

double klDivergence(std::span<const float> mean, std::span<const float> logVariance)
{
    double sum = 0.0;
    for (std::size_t i = 0; i < mean.size(); ++i) {
        const double m = mean[i], l = logVariance[i];
        sum += m * m + std::exp(l) - l - 1.0;
    }
    return 0.5 * sum;
}

} // namespace voorwerp::score

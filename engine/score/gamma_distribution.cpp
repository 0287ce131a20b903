// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/gamma_distribution.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace voorwerp::score {
namespace {

constexpr int kIterations = 500;
constexpr double kAccuracy = 1e-13;

double lowerBySeries(double a, double x)
{
    double term = 1.0 / a, sum = term;
    for (int n = 1; n < kIterations && term > kAccuracy * sum; ++n) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * std::exp(-x + a * std::log(x) - std::lgamma(a));
}

double upperByFraction(double a, double x) // Lentz's method
{
    constexpr double kTiny = 1e-300;
    double b = x + 1.0 - a, c = 1.0 / kTiny, d = 1.0 / b, h = d;
    for (int i = 1; i < kIterations; ++i) {
        const double an = -i * (i - a);
        b += 2.0;
        d = an * d + b;
        d = 1.0 / (std::abs(d) < kTiny ? kTiny : d);
        c = b + an / c;
        c = std::abs(c) < kTiny ? kTiny : c;
        const double factor = d * c;
        h *= factor;
        if (std::abs(factor - 1.0) < kAccuracy)
            break;
    }
    return std::exp(-x + a * std::log(x) - std::lgamma(a)) * h;
}

} // namespace

double upperIncompleteGamma(double a, double x)
{
    if (!(x > 0.0))
        return 1.0;
    return x < a + 1.0 ? 1.0 - lowerBySeries(a, x) : upperByFraction(a, x);
}

double GammaDistribution::upperTail(double x) const
{
    return std::clamp(upperIncompleteGamma(shape, x / scale), 1e-300, 1.0);
}

double GammaDistribution::upperQuantile(double tail) const
{
    double low = 0.0, high = shape + 10.0;
    while (upperIncompleteGamma(shape, high) > tail)
        high *= 2.0;
    for (int i = 0; i < 100; ++i) {
        const double middle = 0.5 * (low + high);
        (upperIncompleteGamma(shape, middle) > tail ? low : high) = middle;
    }
    return scale * 0.5 * (low + high);
}

GammaDistribution GammaDistribution::fitToLowerPart(std::span<const float> sorted)
{
    const auto at = [&](double share) {
        return static_cast<double>(
            sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))]);
    };
    const double low = sorted.size() < 8 ? 0.0 : at(0.25), high = sorted.size() < 8 ? 0.0 : at(0.75);
    if (!(low > 0.0 && high > low)) {
        const double sum = std::accumulate(sorted.begin(), sorted.end(), 0.0);
        return {1.0, sum > 0.0 ? sum / static_cast<double>(sorted.size()) : 1.0};
    }
    // The ratio of the two quantiles falls with the shape; bisect in its logarithm.
    double least = std::log(0.05), most = std::log(1e4);
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (least + most);
        const GammaDistribution trial{std::exp(middle), 1.0};
        (trial.upperQuantile(0.25) / trial.upperQuantile(0.75) > high / low ? least : most) = middle;
    }
    GammaDistribution fit{std::exp(0.5 * (least + most)), 1.0};
    fit.scale = high / fit.upperQuantile(0.25);
    return fit;
}

} // namespace voorwerp::score

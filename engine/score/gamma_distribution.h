// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The gamma distribution, with which the bulk of fused scores (means of nearly exponential terms) is
// described.

#include <span>

namespace voorwerp::score {

/// Regularised upper incomplete gamma function Q(a, x), relative accuracy 1e-10 or better (series and
/// continued fraction, Press et al., Numerical Recipes, section 6.2).
double upperIncompleteGamma(double a, double x);

struct GammaDistribution
{
    double shape = 1.0;
    double scale = 1.0;

    /// P(X > x).
    double upperTail(double x) const;
    /// x with P(X > x) = tail, 0 < tail < 1.
    double upperQuantile(double tail) const;
    /// Matches the quantiles at 25 % and 75 % of the (sorted, ascending) sample: a minority of outliers in
    /// the upper tail hardly moves them. Fewer than 8 values, or no spread: shape 1 with the sample's mean.
    static GammaDistribution fitToLowerPart(std::span<const float> sorted);
};

} // namespace voorwerp::score

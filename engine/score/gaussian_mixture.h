// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A Gaussian mixture by expectation-maximisation, for a few thousand points of a few tens of dimensions.

#include "core/job_context.h"

#include <Eigen/Dense>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace voorwerp::score {

struct GaussianComponent
{
    double weight = 1.0;
    Eigen::VectorXd mean;
    Eigen::MatrixXd covariance;
};
using GaussianMixture = std::vector<GaussianComponent>;

/// Smallest sample that is fitted.
inline constexpr std::size_t kFewestRows = 16;

/// Rows of data are points, about standardised. 1, 2, 4 or 8 components: the number with the best likelihood
/// of a fifth of the rows that is held out. Covariances are shrunk towards their diagonal by d/(n_k + d).
/// More than 50,000 rows are thinned. Deterministic for a seed.
GaussianMixture fitGaussianMixture(const Eigen::MatrixXd& data, std::uint64_t seed,
                                   core::JobContext& context);

/// ln Σ exp(values) without overflow.
double logSumExp(const std::vector<double>& values);

} // namespace voorwerp::score

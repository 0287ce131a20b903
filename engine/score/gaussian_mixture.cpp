// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/gaussian_mixture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace voorwerp::score {
namespace {

using Eigen::Index;

constexpr std::size_t kMostRows = 50000;
constexpr int kIterations = 60;
constexpr double kRidge = 1e-3; // of unit variance: keeps latents that nothing uses invertible

/// Log density of each row under each component, weights included: (rows, components).
Eigen::MatrixXd logTerms(const GaussianMixture& mixture, const Eigen::MatrixXd& data)
{
    Eigen::MatrixXd terms(data.rows(), static_cast<Index>(mixture.size()));
    const double twoPi = 0.5 * static_cast<double>(data.cols()) * std::log(2.0 * 3.14159265358979323846);
    for (std::size_t c = 0; c < mixture.size(); ++c) {
        const Eigen::LLT<Eigen::MatrixXd> factor(mixture[c].covariance);
        const Eigen::MatrixXd lower = factor.matrixL();
        const Eigen::MatrixXd white = lower.triangularView<Eigen::Lower>().solve(
            (data.rowwise() - mixture[c].mean.transpose()).transpose());
        const double norm = std::log(mixture[c].weight) - lower.diagonal().array().log().sum() - twoPi;
        terms.col(static_cast<Index>(c)) =
            (norm - 0.5 * white.colwise().squaredNorm().array()).matrix().transpose();
    }
    return terms;
}

Eigen::VectorXd rowLogSum(const Eigen::MatrixXd& terms)
{
    const Eigen::VectorXd largest = terms.rowwise().maxCoeff();
    return largest.array() + (terms.colwise() - largest).array().exp().rowwise().sum().log();
}

GaussianComponent componentOf(const Eigen::MatrixXd& data, const Eigen::VectorXd& share)
{
    const double count = std::max(1e-9, share.sum());
    const double d = static_cast<double>(data.cols());
    GaussianComponent component;
    component.weight = count / static_cast<double>(data.rows());
    component.mean = data.transpose() * share / count;
    const Eigen::MatrixXd centred = data.rowwise() - component.mean.transpose();
    const Eigen::MatrixXd sample = centred.transpose() * share.asDiagonal() * centred / count;
    const double shrink = d / (count + d);
    component.covariance = (1.0 - shrink) * sample;
    component.covariance.diagonal() += shrink * sample.diagonal();
    component.covariance.diagonal().array() += kRidge;
    return component;
}

/// Starts from points far from each other (k-means++), then alternates.
GaussianMixture fitWith(std::size_t components, const Eigen::MatrixXd& data, std::mt19937_64& random,
                        core::JobContext& context)
{
    Eigen::MatrixXd share = Eigen::MatrixXd::Zero(data.rows(), static_cast<Index>(components));
    std::vector<Index> centres{static_cast<Index>(random() % static_cast<std::uint64_t>(data.rows()))};
    Eigen::VectorXd nearest = (data.rowwise() - data.row(centres[0])).rowwise().squaredNorm();
    Eigen::VectorXi owner = Eigen::VectorXi::Zero(data.rows());
    while (centres.size() < components) {
        std::discrete_distribution<Index> pick(nearest.data(), nearest.data() + nearest.size());
        centres.push_back(pick(random));
        const Eigen::VectorXd distance = (data.rowwise() - data.row(centres.back())).rowwise().squaredNorm();
        for (Index i = 0; i < data.rows(); ++i) {
            if (distance[i] < nearest[i]) {
                nearest[i] = distance[i];
                owner[i] = static_cast<int>(centres.size()) - 1;
            }
        }
    }
    for (Index i = 0; i < data.rows(); ++i)
        share(i, owner[i]) = 1.0;

    GaussianMixture mixture(components);
    double before = -std::numeric_limits<double>::infinity();
    for (int iteration = 0; iteration < kIterations; ++iteration) {
        context.throwIfStopped();
        for (std::size_t c = 0; c < components; ++c)
            mixture[c] = componentOf(data, share.col(static_cast<Index>(c)));
        const Eigen::MatrixXd terms = logTerms(mixture, data);
        const Eigen::VectorXd total = rowLogSum(terms);
        share = (terms.colwise() - total).array().exp();
        const double mean = total.mean();
        if (mean - before < 1e-4)
            break;
        before = mean;
    }
    return mixture;
}

} // namespace

double logSumExp(const std::vector<double>& values)
{
    const double largest = *std::max_element(values.begin(), values.end());
    double sum = 0.0;
    for (double value : values)
        sum += std::exp(value - largest);
    return largest + std::log(sum);
}

GaussianMixture fitGaussianMixture(const Eigen::MatrixXd& data, std::uint64_t seed, core::JobContext& context)
{
    std::mt19937_64 random(seed);
    std::vector<Index> order(static_cast<std::size_t>(data.rows()));
    std::iota(order.begin(), order.end(), Index{0});
    for (std::size_t i = order.size() - 1; i > 0; --i)
        std::swap(order[i], order[random() % (i + 1)]);
    order.resize(std::min(order.size(), kMostRows));
    const auto heldOut = static_cast<Index>(order.size() / 5);
    const auto rows = static_cast<Index>(order.size());
    Eigen::MatrixXd mixed(rows, data.cols());
    for (Index i = 0; i < rows; ++i)
        mixed.row(i) = data.row(order[static_cast<std::size_t>(i)]);
    const Eigen::MatrixXd check = mixed.topRows(heldOut), learn = mixed.bottomRows(rows - heldOut);

    std::size_t best = 1;
    double bestLikelihood = -std::numeric_limits<double>::infinity();
    for (std::size_t components = 1; components <= 8; components *= 2) {
        if (learn.rows() < static_cast<Index>(components) * (learn.cols() + 2))
            break;
        const double likelihood =
            rowLogSum(logTerms(fitWith(components, learn, random, context), check)).mean();
        if (likelihood > bestLikelihood) {
            bestLikelihood = likelihood;
            best = components;
        }
    }
    return fitWith(best, mixed, random, context);
}

} // namespace voorwerp::score

// SPDX-License-Identifier: GPL-3.0-or-later
#include "latent/projection.h"

#include <Eigen/Eigenvalues>

namespace voorwerp::latent {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Eigenvectors have no sign of their own: the element of largest magnitude (the first of equals) is made
/// positive.
Eigen::VectorXd withFixedSign(Eigen::VectorXd direction)
{
    Eigen::Index largest = 0;
    for (Eigen::Index i = 1; i < direction.size(); ++i) {
        if (std::abs(direction[i]) > std::abs(direction[largest]) * (1.0 + 1e-9))
            largest = i;
    }
    return direction[largest] < 0.0 ? Eigen::VectorXd(-direction) : direction;
}

} // namespace

PcaProjection fitPca(std::span<const float> latents, std::size_t dimensions)
{
    PcaProjection projection;
    projection.dimensions = dimensions;
    projection.mean.assign(dimensions, 0.0);
    for (auto& direction : projection.directions)
        direction.assign(dimensions, 0.0);
    const std::size_t rows = dimensions == 0 ? 0 : latents.size() / dimensions;
    if (rows == 0)
        return projection;

    const Eigen::Index n = static_cast<Eigen::Index>(rows);
    const Eigen::Index d = static_cast<Eigen::Index>(dimensions);
    const Eigen::Map<const RowMajor> data(latents.data(), n, d);
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(d);
    for (Eigen::Index i = 0; i < n; ++i)
        mean += data.row(i).transpose().cast<double>();
    mean /= static_cast<double>(n);
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(d, d);
    for (Eigen::Index i = 0; i < n; ++i) {
        const Eigen::VectorXd centred = data.row(i).transpose().cast<double>() - mean;
        covariance.selfadjointView<Eigen::Lower>().rankUpdate(centred);
    }
    projection.mean.assign(mean.data(), mean.data() + d);

    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(
        covariance); // ascending, reads the lower half
    const double total = solver.eigenvalues().sum();
    for (Eigen::Index k = 0; k < std::min<Eigen::Index>(2, d); ++k) {
        const double value = solver.eigenvalues()[d - 1 - k];
        if (total <= 0.0 || value <= 1e-12 * total)
            break;
        const Eigen::VectorXd direction = withFixedSign(solver.eigenvectors().col(d - 1 - k));
        projection.directions[k].assign(direction.data(), direction.data() + d);
        projection.varianceShare[k] = value / total;
    }
    return projection;
}

std::vector<float> PcaProjection::apply(std::span<const float> latents) const
{
    const std::size_t rows = dimensions == 0 ? 0 : latents.size() / dimensions;
    std::vector<float> points(2 * rows);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t k = 0; k < 2; ++k) {
            double sum = 0.0;
            for (std::size_t j = 0; j < dimensions; ++j)
                sum += (latents[i * dimensions + j] - mean[j]) * directions[k][j];
            points[2 * i + k] = static_cast<float>(sum);
        }
    }
    return points;
}

std::vector<float> PcaProjection::lift(double x, double y) const
{
    std::vector<float> latent(dimensions);
    for (std::size_t j = 0; j < dimensions; ++j)
        latent[j] = static_cast<float>(mean[j] + x * directions[0][j] + y * directions[1][j]);
    return latent;
}

} // namespace voorwerp::latent

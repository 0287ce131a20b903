// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/latent_density.h"

#include "core/error.h"
#include "score/gaussian_mixture.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::score {
namespace {

const nn::NamedTensor& tensorOf(const std::vector<nn::NamedTensor>& tensors, const std::string& name,
                                const std::vector<std::size_t>& shape)
{
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [&](const auto& tensor) { return tensor.name == name; });
    std::size_t size = 1;
    for (std::size_t length : shape)
        size *= length;
    if (found == tensors.end() || found->shape != shape || found->values.size() != size)
        throw core::FormatError("the latent density's tensor \"" + name +
                                    "\" is missing or has another shape",
                                "Train the model again, or restore its file from a backup.");
    return *found;
}

} // namespace

LatentDensity LatentDensity::fit(std::span<const float> latents, std::size_t latentSize,
                                 std::span<const float> conditions, std::size_t conditionSize,
                                 std::uint64_t seed, core::JobContext& context)
{
    const std::size_t rows = latentSize == 0 ? 0 : latents.size() / latentSize;
    if (rows < kFewestRows)
        throw core::UserError("The latent density needs at least " + std::to_string(kFewestRows) +
                                  " training spectra, there are " + std::to_string(rows) + ".",
                              "Build the training set from a larger selection.");
    LatentDensity density;
    density.m_latentSize = latentSize;
    const std::size_t dimension = latentSize + conditionSize;
    Eigen::MatrixXd data(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(dimension));
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < dimension; ++j)
            data(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
                j < conditionSize ? conditions[i * conditionSize + j]
                                  : latents[i * latentSize + j - conditionSize];
    }
    density.m_shift = data.colwise().mean();
    const Eigen::RowVectorXd centre = density.m_shift;
    density.m_scale = ((data.rowwise() - centre).array().square().colwise().mean().sqrt() + 1e-6).matrix();
    data = (data.rowwise() - centre).array().rowwise() / density.m_scale.array();
    density.m_mixture = fitGaussianMixture(data, seed, context);
    density.prepare();
    return density;
}

void LatentDensity::prepare()
{
    const Eigen::Index k = static_cast<Eigen::Index>(conditionSize());
    m_terms.clear();
    for (const GaussianComponent& component : m_mixture) {
        Term term;
        term.cholesky = component.covariance.llt().matrixL();
        const Eigen::VectorXd logDiagonal = term.cholesky.diagonal().array().log();
        term.logNorm = std::log(component.weight) - logDiagonal.sum();
        term.logNormCondition = std::log(component.weight) - logDiagonal.head(k).sum();
        m_terms.push_back(std::move(term));
    }
}

double LatentDensity::score(std::span<const float> latent, std::span<const float> condition) const
{
    if (empty())
        return 0.0;
    const Eigen::Index k = static_cast<Eigen::Index>(conditionSize());
    Eigen::VectorXd point(m_shift.size());
    for (Eigen::Index j = 0; j < point.size(); ++j) {
        const float value =
            j < k ? condition[static_cast<std::size_t>(j)] : latent[static_cast<std::size_t>(j - k)];
        point[j] = (value - m_shift[j]) / m_scale[j];
    }
    std::vector<double> joint, marginal;
    for (std::size_t c = 0; c < m_terms.size(); ++c) {
        // Conditions come first, so the head of the whitened point belongs to them alone.
        const Eigen::VectorXd white =
            m_terms[c].cholesky.triangularView<Eigen::Lower>().solve(point - m_mixture[c].mean);
        joint.push_back(m_terms[c].logNorm - 0.5 * white.squaredNorm());
        marginal.push_back(m_terms[c].logNormCondition - 0.5 * white.head(k).squaredNorm());
    }
    const double twoPi = 0.5 * static_cast<double>(m_latentSize) * std::log(2.0 * 3.14159265358979323846);
    const double jacobian = m_scale.tail(m_scale.size() - k).array().log().sum(); // of the standardisation
    return logSumExp(marginal) - logSumExp(joint) + twoPi + jacobian;
}

std::vector<nn::NamedTensor> LatentDensity::toTensors() const
{
    if (empty())
        return {};
    const std::size_t k = m_mixture.size(), d = static_cast<std::size_t>(m_shift.size());
    nn::NamedTensor shape{"density.latent_size", {1}, {static_cast<float>(m_latentSize)}};
    nn::NamedTensor shift{"density.shift", {d}, {}}, scale{"density.scale", {d}, {}};
    nn::NamedTensor weights{"density.weights", {k}, {}}, means{"density.means", {k, d}, {}};
    nn::NamedTensor covariances{"density.covariances", {k, d, d}, {}};
    for (std::size_t j = 0; j < d; ++j) {
        shift.values.push_back(static_cast<float>(m_shift[static_cast<Eigen::Index>(j)]));
        scale.values.push_back(static_cast<float>(m_scale[static_cast<Eigen::Index>(j)]));
    }
    for (const GaussianComponent& component : m_mixture) {
        weights.values.push_back(static_cast<float>(component.weight));
        for (Eigen::Index j = 0; j < component.mean.size(); ++j)
            means.values.push_back(static_cast<float>(component.mean[j]));
        for (Eigen::Index i = 0; i < component.covariance.rows(); ++i) {
            for (Eigen::Index j = 0; j < component.covariance.cols(); ++j)
                covariances.values.push_back(static_cast<float>(component.covariance(i, j)));
        }
    }
    return {shape, shift, scale, weights, means, covariances};
}

LatentDensity LatentDensity::fromTensors(const std::vector<nn::NamedTensor>& tensors)
{
    LatentDensity density;
    if (tensors.empty())
        return density;
    const auto sizeOf = [&](const std::string& name) {
        for (const nn::NamedTensor& tensor : tensors) {
            if (tensor.name == name)
                return tensor.values.size();
        }
        return std::size_t{0};
    };
    const std::size_t d = sizeOf("density.shift"), k = sizeOf("density.weights");
    density.m_latentSize = static_cast<std::size_t>(tensorOf(tensors, "density.latent_size", {1}).values[0]);
    const nn::NamedTensor& shift = tensorOf(tensors, "density.shift", {d});
    const nn::NamedTensor& scale = tensorOf(tensors, "density.scale", {d});
    const nn::NamedTensor& weights = tensorOf(tensors, "density.weights", {k});
    const nn::NamedTensor& means = tensorOf(tensors, "density.means", {k, d});
    const nn::NamedTensor& covariances = tensorOf(tensors, "density.covariances", {k, d, d});
    if (k == 0 || density.m_latentSize == 0 || density.m_latentSize > d)
        throw core::FormatError("the latent density's sizes do not fit together",
                                "Train the model again, or restore its file from a backup.");
    const Eigen::Index n = static_cast<Eigen::Index>(d);
    density.m_shift = Eigen::Map<const Eigen::RowVectorXf>(shift.values.data(), n).cast<double>();
    density.m_scale = Eigen::Map<const Eigen::RowVectorXf>(scale.values.data(), n).cast<double>();
    for (std::size_t c = 0; c < k; ++c) {
        GaussianComponent component;
        component.weight = weights.values[c];
        component.mean = Eigen::Map<const Eigen::VectorXf>(means.values.data() + c * d, n).cast<double>();
        component.covariance =
            Eigen::Map<const Eigen::MatrixXf>(covariances.values.data() + c * d * d, n, n).cast<double>();
        density.m_mixture.push_back(std::move(component));
    }
    density.prepare();
    return density;
}

} // namespace voorwerp::score

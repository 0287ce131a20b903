// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How common a latent vector is among those the model was trained on, given z and S/N: a Gaussian mixture
// over (latents, conditions) whose conditional density is evaluated. Stored in the model file as tensors.
// A value; const functions may be called from several threads.

#include "core/job_context.h"
#include "nn/backend.h"
#include "score/gaussian_mixture.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace voorwerp::score {

class LatentDensity
{
public:
    /// No density: score() is 0.
    LatentDensity() = default;

    /// Fits by expectation-maximisation with shrunk covariances; the number of components (1 to 8) is the
    /// one with the best likelihood of rows held out. latents (rows, latentSize) and conditions (rows,
    /// conditionSize) are row-major. Deterministic for a seed. Throws UserError with fewer than 16 rows.
    static LatentDensity fit(std::span<const float> latents, std::size_t latentSize,
                             std::span<const float> conditions, std::size_t conditionSize, std::uint64_t seed,
                             core::JobContext& context);

    /// −ln p(latent | condition) [nat].
    double score(std::span<const float> latent, std::span<const float> condition) const;

    bool empty() const { return m_mixture.empty(); }
    std::size_t latentSize() const { return m_latentSize; }
    std::size_t conditionSize() const { return static_cast<std::size_t>(m_shift.size()) - m_latentSize; }
    std::size_t components() const { return m_mixture.size(); }

    std::vector<nn::NamedTensor> toTensors() const;
    /// Throws FormatError when a tensor is missing or has another shape. No tensors: an empty density.
    static LatentDensity fromTensors(const std::vector<nn::NamedTensor>& tensors);

private:
    struct Term ///< what evaluating a component needs
    {
        Eigen::MatrixXd cholesky;      ///< lower factor of the covariance
        double logNorm = 0.0;          ///< ln weight − ½ ln|Σ|
        double logNormCondition = 0.0; ///< the same of the conditions alone
    };
    void prepare();

    std::size_t m_latentSize = 0;
    Eigen::RowVectorXd m_shift, m_scale; ///< standardisation; conditions first, then latents
    GaussianMixture m_mixture;           ///< of standardised points
    std::vector<Term> m_terms;
};

} // namespace voorwerp::score

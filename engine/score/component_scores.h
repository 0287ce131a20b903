// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What is unusual about one spectrum, each kind of unusual as a number of its own. Larger is stranger. They
// are compared with those of spectra of the same S/N and z in fusion.h.

#include <cstddef>
#include <span>
#include <vector>

namespace voorwerp::score {

/// All finite. The names are those of the catalogue's columns.
struct ComponentScores
{
    float chi2 = 0.0F;     ///< χ²/ν of the reconstruction, ν = pixels with data
    float robust = 0.0F;   ///< the same with each pixel clipped at 5 σ
    float smoothed = 0.0F; ///< largest significance of the residual smoothed over 500–3000 km/s [σ]
    float density = 0.0F;  ///< −ln p(latents | z, S/N) among the training latents
    float kl = 0.0F;       ///< KL of the encoding from the prior [nat]
    float artefact = 0.0F; ///< 0 (sky) to 1 (instrument), see artefact.h

    bool operator==(const ComponentScores&) const = default;
};

/// A rest-frame row and its model, same length.
struct ModelledRow
{
    std::span<const float> flux;
    std::span<const float> weight; ///< 0 = no data
    std::span<const float> model;
};

/// Maximum-likelihood factor of the model, (m·w·y)/(m·w·m), pixels beyond 5 σ of it counted down in a second
/// pass; 1 where it is not defined.
double bestAmplitude(const ModelledRow& row);

/// (flux − amplitude·model)·sqrt(weight) [σ]; 0 where there is no data.
std::vector<float> residualSigma(const ModelledRow& row, double amplitude);

/// χ²/ν of a residual, each pixel clipped at ±clip σ (0 = not clipped). covered[i] > 0: pixel counts.
double reducedChi2(std::span<const float> residual, std::span<const float> weight, double clip);

/// Residual summed over a box of `width` pixels around each, in units of its own noise: Σr/√n over the n
/// pixels with data; 0 where fewer than half of the box have data.
std::vector<float> smoothSigma(std::span<const float> residual, std::span<const float> weight,
                               std::size_t width);

/// Largest |smoothed residual| over boxes of 500 to 3,000 km/s, pixels clipped at ±5 σ before, so that single
/// spikes do not count.
double smoothedScore(std::span<const float> residual, std::span<const float> weight,
                     double kmPerSecondPerPixel);

/// ½ Σ (μ² + σ² − ln σ² − 1).
double klDivergence(std::span<const float> mean, std::span<const float> logVariance);

} // namespace voorwerp::score

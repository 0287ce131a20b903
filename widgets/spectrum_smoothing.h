// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Smoothing for the eye: a Gaussian weighted by inverse variance, as in DESI's prospect (kernel ±2σ).

#include <span>
#include <vector>

namespace voorwerp::widgets {

/// flux_i = Σ k_ij ivar_j flux_j / Σ k_ij ivar_j; NaN where no pixel in reach has ivar > 0. A constant
/// spectrum stays constant up to rounding, pixels with ivar 0 have no influence. sigmaPixels <= 0: the input,
/// NaN where ivar is 0.
std::vector<float> smoothFlux(std::span<const float> flux, std::span<const float> ivar, double sigmaPixels);

/// The 1σ noise of smoothFlux's result: sqrt(Σ k² ivar) / Σ k ivar; NaN where there is nothing.
std::vector<float> smoothedSigma(std::span<const float> ivar, double sigmaPixels);

/// Plain Gaussian mean of finite values (for residuals in σ: divided so that pure noise keeps unit variance).
std::vector<float> smoothResidual(std::span<const float> residualSigma, double sigmaPixels);

} // namespace voorwerp::widgets

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Launchers of the kernels in kernels.cu, each the twin of a loop in nn/cpu. All pointers are on the device;
// all sums have a fixed order. Each launcher checks the launch and throws DeviceError.

#include "nn/backend.h"

#include <cstddef>
#include <cstdint>

struct CUstream_st;

namespace voorwerp::nn::cuda {

using StreamHandle = CUstream_st*;

/// Running sums on the device, read by takeLosses() and evaluate().
struct LossSums
{
    double objective, reconstruction, kl, gradientNorm;
};

/// input (rows, 2·pixels) and 1/Σ[w>0] of each row (0 where nothing is seen).
void launchPrepareInput(std::size_t rows, std::size_t pixels, const float* flux, const float* weight,
                        const float* mean, float clip, float* input, float* inverseCount,
                        StreamHandle stream);
void launchAddBias(std::size_t rows, std::size_t columns, const float* bias, float* values,
                   StreamHandle stream);
void launchAddBiasSilu(std::size_t rows, std::size_t columns, const float* bias, float* pre, float* out,
                       StreamHandle stream);
void launchSiluBackward(std::size_t count, const float* pre, float* gradient, StreamHandle stream);
void launchColumnSum(std::size_t rows, std::size_t columns, const float* values, float* sums,
                     StreamHandle stream);

/// How latents are drawn. Without noise z = mean.
struct LatentNoise
{
    bool used;
    std::uint64_t seed, step;
};
/// From the head (rows, 2·latent): z and the KL of each row and dimension, both (rows, latent).
void launchLatents(std::size_t rows, std::size_t latent, const float* head, LatentNoise noise, float* z,
                   float* kl, StreamHandle stream);
/// Mean KL of each dimension (double), and whether it is above the free bits.
void launchKlMeans(std::size_t rows, std::size_t latent, const float* kl, float freeBits, double* means,
                   int* charged, StreamHandle stream);
/// Gradient by the head's output from the gradient by z.
void launchLatentGradient(std::size_t rows, std::size_t latent, const float* head, LatentNoise noise,
                          float beta, const int* charged, const float* byZ, float* byHead,
                          StreamHandle stream);

/// Σρ/Σ[w>0] of each row into rowLoss; model (rows, pixels) becomes the gradient of the batch mean.
void launchLikelihood(std::size_t rows, std::size_t pixels, const float* flux, const float* weight,
                      const float* inverseCount, const LossOptions& options, float* model, double* rowLoss,
                      StreamHandle stream);
/// sums += share · (means over the rows).
void launchAddLosses(std::size_t rows, std::size_t latent, const double* rowLoss, const double* klMeans,
                     const int* charged, const LossOptions& options, double share, LossSums* sums,
                     StreamHandle stream);

/// How many doubles launchGradientNorm needs in parts.
constexpr std::size_t kNormParts = 512;
/// L2 norm into *norm, and added to sums->gradientNorm.
void launchGradientNorm(std::size_t count, const float* gradient, double* parts, double* norm, LossSums* sums,
                        StreamHandle stream);

struct AdamStep
{
    float beta1, beta2;
    float rate;        ///< learning rate / (1 − β1^t)
    float secondScale; ///< 1 / sqrt(1 − β2^t)
    float epsilon;
    float keep; ///< 1 − learning rate · weight decay
    float clip; ///< 0 = no limit
};
void launchAdam(std::size_t count, const AdamStep& step, const double* norm, const float* gradient,
                float* parameter, float* first, float* second, StreamHandle stream);

} // namespace voorwerp::nn::cuda

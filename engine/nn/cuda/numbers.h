// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What changes from one step to the next, in one struct on the device that kernels read: a captured step can
// then be replayed as it is.

#include "nn/backend.h"

#include <cstdint>

namespace voorwerp::nn::cuda {

struct AdamNumbers
{
    float beta1 = 0.0F, beta2 = 0.0F;
    float rate = 0.0F;        ///< learning rate / (1 − β1^t)
    float secondScale = 0.0F; ///< 1 / sqrt(1 − β2^t)
    float epsilon = 0.0F;
    float keep = 1.0F; ///< of weights: 1 − learning rate · weight decay
    float clip = 0.0F; ///< 0 = no limit
};

struct StepNumbers
{
    const float* flux = nullptr; ///< (rows, pixels) on the device
    const float* weight = nullptr;
    std::uint64_t seed = 0, step = 0;
    bool drawn = false; ///< latents have noise; else z = mean
    double share = 1.0; ///< of these rows in LossSums
    LossOptions loss;
    OrderOptions order;
    Augmentation augmentation;
    AdamNumbers adam;
};

/// Of a training step.
StepNumbers numbersOf(const StepOptions& options);

/// Running sums on the device, read by takeLosses() and evaluate().
struct LossSums
{
    double objective, reconstruction, kl, consistency, similarity, gradientNorm;
};

} // namespace voorwerp::nn::cuda

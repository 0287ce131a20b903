// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Launchers of the kernels in likelihood.cu: the reconstruction's loss and gradient, and the sums of losses.
// Each is the twin of a loop in nn/cpu. All pointers are on the device; launchers throw DeviceError when the
// launch fails.

#include "nn/cuda/device.h"
#include "nn/cuda/numbers.h"
#include "nn/cuda/operand.h"

#include <cstddef>

namespace voorwerp::nn::cuda {

struct LikelihoodShape
{
    std::size_t rows = 0, pixels = 0;
    std::size_t stride = 0; ///< of rows of the model and all gradients
};
/// Gradients and what they are made of. Null: there is none.
struct LikelihoodData
{
    const float* inverseCount = nullptr;
    const float* model = nullptr;
    const float* moreByModel = nullptr; ///< added to byModel
    const float* scatterLog = nullptr;  ///< of each pixel
    float* byScatterLog = nullptr;      ///< (rows, stride)
    double* rowLoss = nullptr;          ///< Σρ/Σ[w>0]
};
/// byModel, the gradient of the batch mean, may be the model; zeros behind each row.
void launchLikelihood(const LikelihoodShape& shape, const StepNumbers* numbers, const LikelihoodData& data,
                      Operand byModel, cudaStream_t stream);

/// What a step's losses are made of. Terms that are off are null.
struct LossParts
{
    const double* rowLoss = nullptr;     ///< (rows)
    const double* klMeans = nullptr;     ///< (latent)
    const int* charged = nullptr;        ///< (latent)
    const double* consistency = nullptr; ///< (rows), to be averaged
    const double* similarity = nullptr;  ///< (rows), to be averaged
};
/// sums += share · (means over the rows).
void launchAddLosses(std::size_t rows, std::size_t latent, const StepNumbers* numbers, const LossParts& parts,
                     LossSums* sums, cudaStream_t stream);

} // namespace voorwerp::nn::cuda

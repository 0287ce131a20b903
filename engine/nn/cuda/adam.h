// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Launchers of the kernels in adam.cu: the gradient's norm and the update of all parameters at once. All
// pointers are on the device; launchers throw DeviceError when the launch fails.

#include "nn/cuda/device.h"
#include "nn/cuda/numbers.h"
#include "nn/cuda/operand.h"

#include <cstddef>

namespace voorwerp::nn::cuda {

/// How many doubles launchGradientNorm may need in parts.
constexpr std::size_t kNormParts = 512;
/// L2 norm into *norm, and added to sums->gradientNorm.
void launchGradientNorm(std::size_t count, const float* gradient, double* parts, double* norm, LossSums* sums,
                        cudaStream_t stream);

/// Arenas of count floats.
struct AdamData
{
    std::size_t count = 0;
    std::size_t weights = 0; ///< the first of them decay
    const double* norm = nullptr;
    const float* gradient = nullptr;
    float* parameter = nullptr;
    float* first = nullptr;
    float* second = nullptr;
    Operand operand; ///< gets the new weights; may be parameter
};
void launchAdam(const AdamData& data, const StepNumbers* numbers, cudaStream_t stream);

} // namespace voorwerp::nn::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Launchers of the kernels in activation.cu: what is done between two products. Matrices are row-major; all
// pointers are on the device; launchers throw DeviceError when the launch fails.

#include "nn/cuda/device.h"
#include "nn/cuda/operand.h"

#include <cstddef>

namespace voorwerp::nn::cuda {

/// out = silu(pre)
void launchSilu(std::size_t count, const float* pre, Operand out, cudaStream_t stream);
/// out = gradient · silu'(pre); out may be the gradient.
void launchSiluBackward(std::size_t count, const float* pre, const float* gradient, Operand out,
                        cudaStream_t stream);
/// values (rows, columns) += bias
void launchAddBias(std::size_t rows, std::size_t columns, const float* bias, float* values,
                   cudaStream_t stream);
/// sums (columns) = Σ_row values[row·stride + column]
void launchColumnSum(std::size_t rows, std::size_t columns, std::size_t stride, Operand values, float* sums,
                     cudaStream_t stream);
/// to (rows, stride) = from (rows, columns), zeros behind each row.
void launchToOperand(std::size_t rows, std::size_t columns, std::size_t stride, const float* from, Operand to,
                     cudaStream_t stream);

} // namespace voorwerp::nn::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Launchers of the kernels in conv.cu: what a convolutional block does beside products, twins of
// nn/cpu/conv_kernels_body.h. Matrices are channels-last, (rows, positions, channels); all pointers are on
// the device; launchers throw DeviceError when the launch fails.

#include "nn/cuda/device.h"
#include "nn/cuda/operand.h"

#include <cstddef>
#include <cstdint>

namespace voorwerp::nn::cuda {

/// A block's output, before and after pooling.
struct ConvShape
{
    std::size_t rows = 0;
    std::size_t channels = 0;
    std::size_t positions = 0;
    std::size_t stride = 0; ///< positions from one row to the next, of the convolution's output and gradient
    std::size_t pool = 1;
    std::size_t pooled = 0; ///< ⌈positions/pool⌉
};

/// The convolution's output and what normalises it: normal = (raw − mean)·inverse, mean and inverse (rows,
/// channels).
struct Normalised
{
    const float* raw = nullptr;
    float* mean = nullptr;
    float* inverse = nullptr;
};
/// Writes mean and inverse.
void launchNormalise(const ConvShape& shape, const Normalised& normal, cudaStream_t stream);

/// Where rows of positions lie between zeros: margin positions before each row and what is left of stride
/// behind it; tail positions behind the last row.
struct Spaced
{
    Operand data;
    std::size_t margin = 0, stride = 0, tail = 0;
};
/// out: the largest silu(normal) of each window; largest (rows, pooled, channels): which one it was.
void launchSiluPool(const ConvShape& shape, const Normalised& normal, const Spaced& out,
                    std::uint8_t* largest, cudaStream_t stream);

/// The gradient by a block's output.
struct PooledGradient
{
    const float* data = nullptr;
    std::size_t stride = 0; ///< positions from one row to the next
    const std::uint8_t* largest = nullptr;
};
/// gradient by the convolution's output, spaced; sums: scratch, (rows, 2, channels).
void launchBlockBackward(const ConvShape& shape, const Normalised& normal, const PooledGradient& pooled,
                         float* sums, const Spaced& gradient, cudaStream_t stream);

/// Attention pooling: channel j < half summed over the positions with the softmax of channel half + j.
struct AttentionShape
{
    std::size_t rows = 0, positions = 0;
    std::size_t channels = 0; ///< of the values, zeros behind the first 2·half
    std::size_t half = 0;
    std::size_t features = 0; ///< width of out, zeros behind the first half
};
/// What the softmax is made of, (rows, half) each, and out once more as floats (rows, features).
struct AttentionState
{
    float* highest = nullptr;
    float* sum = nullptr;
    float* features = nullptr;
};
void launchAttend(const AttentionShape& shape, const float* values, const AttentionState& state, Operand out,
                  cudaStream_t stream);
/// gradient (rows, positions, channels) by the values.
void launchAttendBackward(const AttentionShape& shape, const float* values, const AttentionState& state,
                          const float* byFeatures, float* gradient, cudaStream_t stream);

/// to (in, kernel, out) = from (out, kernel reversed, in)
void launchFlip(std::size_t in, std::size_t kernel, std::size_t out, const float* from, Operand to,
                cudaStream_t stream);

} // namespace voorwerp::nn::cuda

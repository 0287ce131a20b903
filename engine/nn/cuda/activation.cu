// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/activation.h"
#include "nn/cuda/block.cuh"

namespace voorwerp::nn::cuda {

namespace {

template <class T> __global__ void silu(std::size_t count, const float* pre, T* out)
{
    for (std::size_t i = firstIndex(); i < count; i += indexStride())
        store(out + i, pre[i] * sigmoid(pre[i]));
}

template <class T>
__global__ void siluBackward(std::size_t count, const float* pre, const float* gradient, T* out)
{
    for (std::size_t i = firstIndex(); i < count; i += indexStride()) {
        const float share = sigmoid(pre[i]);
        store(out + i, gradient[i] * share * (1.0F + pre[i] * (1.0F - share)));
    }
}

__global__ void addBias(std::size_t count, std::size_t columns, const float* bias, float* values)
{
    for (std::size_t i = firstIndex(); i < count; i += indexStride())
        values[i] += bias[i % columns];
}

/// A block sums one warp's width of columns, each of its warps every so many rows.
template <class T>
__global__ void columnSum(std::size_t rows, std::size_t columns, std::size_t stride, const T* values,
                          float* sums)
{
    constexpr unsigned kWarps = kBlock / kWarp;
    __shared__ float part[kWarps][kWarp];
    const unsigned lane = threadIdx.x % kWarp, warp = threadIdx.x / kWarp;
    const std::size_t column = static_cast<std::size_t>(blockIdx.x) * kWarp + lane;
    float sum = 0.0F;
    for (std::size_t row = warp; row < rows && column < columns; row += kWarps)
        sum += load(values + row * stride + column);
    part[warp][lane] = sum;
    __syncthreads();
    if (warp != 0 || column >= columns)
        return;
    for (unsigned other = 1; other < kWarps; ++other)
        sum += part[other][lane];
    sums[column] = sum;
}

template <class T>
__global__ void toOperand(std::size_t count, std::size_t columns, std::size_t stride, const float* from,
                          T* to)
{
    for (std::size_t i = firstIndex(); i < count; i += indexStride()) {
        const std::size_t row = i / stride, column = i % stride;
        store(to + i, column < columns ? from[row * columns + column] : 0.0F);
    }
}

} // namespace

void launchSilu(std::size_t count, const float* pre, Operand out, cudaStream_t stream)
{
    withType(out, [&]<class T>(T* data) {
        launch("silu", silu<T>, gridFor(count), kBlock, stream, count, pre, data);
    });
}

void launchSiluBackward(std::size_t count, const float* pre, const float* gradient, Operand out,
                        cudaStream_t stream)
{
    withType(out, [&]<class T>(T* data) {
        launch("siluBackward", siluBackward<T>, gridFor(count), kBlock, stream, count, pre, gradient, data);
    });
}

void launchAddBias(std::size_t rows, std::size_t columns, const float* bias, float* values,
                   cudaStream_t stream)
{
    launch("addBias", addBias, gridFor(rows * columns), kBlock, stream, rows * columns, columns, bias,
           values);
}

void launchColumnSum(std::size_t rows, std::size_t columns, std::size_t stride, Operand values, float* sums,
                     cudaStream_t stream)
{
    withType(values, [&]<class T>(T* data) {
        launch("columnSum", columnSum<T>, (columns + kWarp - 1) / kWarp, kBlock, stream, rows, columns,
               stride, data, sums);
    });
}

void launchToOperand(std::size_t rows, std::size_t columns, std::size_t stride, const float* from, Operand to,
                     cudaStream_t stream)
{
    withType(to, [&]<class T>(T* data) {
        launch("toOperand", toOperand<T>, gridFor(rows * stride), kBlock, stream, rows * stride, columns,
               stride, from, data);
    });
}

} // namespace voorwerp::nn::cuda

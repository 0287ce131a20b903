// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What kernels share: sizes of grids, loops over elements, and sums over a block in a fixed order (no atomics
// anywhere, so the same inputs give the same bits).

#include "nn/cuda/launch.cuh"
#include "nn/cuda/operand.h"

#include <cuda_bf16.h>

#include <algorithm>
#include <cstddef>
#include <type_traits>

namespace voorwerp::nn::cuda {

constexpr unsigned kBlock = 256; ///< threads of every kernel
constexpr unsigned kWarp = 32;
constexpr std::size_t kMaxGrid = 65535;

/// Blocks for count elements, each thread taking one or, in a very large grid, several.
inline std::size_t gridFor(std::size_t count)
{
    return std::min(kMaxGrid, (count + kBlock - 1) / kBlock);
}

/// Calls work with the operand's data as what it points to.
template <class Work> void withType(const Operand& operand, Work work)
{
    if (operand.bf16)
        work(static_cast<__nv_bfloat16*>(operand.data));
    else
        work(static_cast<float*>(operand.data));
}

__device__ inline std::size_t firstIndex()
{
    return static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

__device__ inline std::size_t indexStride()
{
    return static_cast<std::size_t>(gridDim.x) * blockDim.x;
}

__device__ inline void store(float* to, float value)
{
    *to = value;
}

__device__ inline void store(__nv_bfloat16* to, float value)
{
    *to = __float2bfloat16_rn(value);
}

__device__ inline float load(const float* from)
{
    return *from;
}

__device__ inline float load(const __nv_bfloat16* from)
{
    return __bfloat162float(*from);
}

__device__ inline float sigmoid(float x)
{
    return 1.0F / (1.0F + expf(-x));
}

/// combine() over the block in a fixed order, the result in every thread. All threads must call it.
template <class T, class Combine> __device__ T blockReduce(T value, Combine combine)
{
    __shared__ T part[kBlock / kWarp];
    for (int distance = kWarp / 2; distance > 0; distance /= 2)
        value = combine(value, __shfl_xor_sync(0xFFFFFFFFU, value, distance));
    if (threadIdx.x % kWarp == 0)
        part[threadIdx.x / kWarp] = value;
    __syncthreads();
    T all = part[0];
    for (unsigned warp = 1; warp < kBlock / kWarp; ++warp)
        all = combine(all, part[warp]);
    __syncthreads();
    return all;
}

template <class T> __device__ T blockSum(T value)
{
    return blockReduce(value, [](T a, T b) { return a + b; });
}

} // namespace voorwerp::nn::cuda

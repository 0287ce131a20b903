// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Included before every .cu file that is compiled for the CPU: what nvcc knows by itself. Blocks run one
// after another, so __shared__ memory can be static.

#include <cuda_runtime_api.h>

#include <math.h>

#include <cstdint>
#include <cstring>

#undef __shared__
#define __shared__ static

extern dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace voorwerp::emulated {
void syncThreads();
/// Gives the value of another lane of the warp; all lanes must take part.
std::uint64_t shuffle(std::uint64_t bits, unsigned lane);
unsigned laneOfThread();
} // namespace voorwerp::emulated

inline void __syncthreads()
{
    voorwerp::emulated::syncThreads();
}

template <class T> T __shfl_xor_sync(unsigned /*mask*/, T value, unsigned distance)
{
    static_assert(sizeof(T) <= sizeof(std::uint64_t));
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    bits = voorwerp::emulated::shuffle(bits, voorwerp::emulated::laneOfThread() ^ distance);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

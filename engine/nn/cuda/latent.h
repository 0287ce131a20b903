// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Launchers of the kernels in latent.cu: drawing latents, their divergence and their gradient. Each is the
// twin of a loop in nn/cpu/network.cpp. All pointers are on the device; launchers throw DeviceError when the
// launch fails.

#include "nn/cuda/device.h"
#include "nn/cuda/numbers.h"
#include "nn/cuda/operand.h"

#include <cstddef>

namespace voorwerp::nn::cuda {

struct LatentShape
{
    std::size_t rows = 0;
    std::size_t latent = 0;
    std::size_t headStride = 0; ///< of rows of (mean, log variance, zeros)
    std::size_t stride = 0;     ///< of rows of z, zeros behind each
};

/// z, again as an operand, and the KL of each row and dimension (rows, latent). operand may be z.
void launchLatents(const LatentShape& shape, const StepNumbers* numbers, const float* head, float* z,
                   Operand operand, float* kl, cudaStream_t stream);
/// Mean KL of each dimension, and whether it is above the free bits.
void launchKlMeans(const LatentShape& shape, const StepNumbers* numbers, const float* kl, double* means,
                   int* charged, cudaStream_t stream);
/// Gradient by the head's rows from the gradient by z. consistencySlope: by row, or null where there are no
/// augmented twins; with them, head and byHead have 2·rows.
void launchLatentGradient(const LatentShape& shape, const StepNumbers* numbers, const float* head,
                          const int* charged, const float* byZ, const float* consistencySlope, Operand byHead,
                          cudaStream_t stream);

} // namespace voorwerp::nn::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Launchers of the kernels in order.cu: the terms of OrderOptions, twins of nn/cpu/order_terms.cpp. All
// pointers are on the device; launchers throw DeviceError when the launch fails.

#include "nn/cuda/device.h"
#include "nn/cuda/numbers.h"

#include <cstddef>

namespace voorwerp::nn::cuda {

/// Of head (2·rows, stride), the second half of its rows of augmented twins: the term of each row, and what
/// its gradient by the twin's mean is in units of (s' − s), weight included.
void launchConsistency(std::size_t rows, std::size_t latent, std::size_t stride, const StepNumbers* numbers,
                       const float* head, double* terms, float* slopes, cudaStream_t stream);

/// Pairs of rows, matrices (rows, stride).
struct PairShape
{
    std::size_t rows = 0, stride = 0;
    std::size_t latent = 0, pixels = 0;
};
/// From products of latents and of models with each other: the term of each row, and the matrix of dterm/dd,
/// weight included, its row sums less itself, to multiply latents and models with.
void launchSimilarity(const PairShape& shape, const StepNumbers* numbers, const float* latents,
                      const float* models, double* terms, float* slopes, cudaStream_t stream);

} // namespace voorwerp::nn::cuda

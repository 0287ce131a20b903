// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Launchers of the kernels in input.cu: the numbers of a step, and what the encoder sees. Each is the twin of
// a loop in nn/cpu. All pointers are on the device; launchers throw DeviceError when the launch fails.

#include "nn/cuda/device.h"
#include "nn/cuda/numbers.h"
#include "nn/cuda/operand.h"

#include <cstddef>

namespace voorwerp::nn::cuda {

/// *to = numbers, which are copied when this is called.
void launchSetNumbers(const StepNumbers& numbers, StepNumbers* to, cudaStream_t stream);

/// What the encoder sees of each pixel, a value and its coverage, and where it lies; the rest is zeros.
struct InputShape
{
    std::size_t rows = 0;    ///< of the batch
    std::size_t encoded = 0; ///< these, or these and their augmented twins behind them
    bool augmented = false;  ///< there are no others than augmented ones, where encoded = rows
    std::size_t pixels = 0;
    // In elements:
    std::size_t stride = 0;   ///< from one row to the next
    std::size_t first = 0;    ///< of a row's first value
    std::size_t step = 1;     ///< from one pixel to the next
    std::size_t coverage = 0; ///< from a value to its coverage
    std::size_t tail = 0;     ///< behind the last row
};
/// input, and 1/Σ[w>0] of each row of the batch (0 where nothing is seen).
void launchPrepareInput(const InputShape& shape, const StepNumbers* numbers, const float* mean, float clip,
                        Operand input, float* inverseCount, cudaStream_t stream);

} // namespace voorwerp::nn::cuda

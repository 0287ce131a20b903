// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one place where a kernel starts. Tests put another file in its place (tests/nn/emulated_cuda).

#include "nn/cuda/device.h"

namespace voorwerp::nn::cuda {

/// Starts kernel(arguments...) on the stream and throws DeviceError when that failed.
template <class... Parameters, class... Arguments>
void launch(const char* name, void (*kernel)(Parameters...), std::size_t grid, unsigned block,
            cudaStream_t stream, Arguments... arguments)
{
    kernel<<<static_cast<unsigned>(grid), block, 0, stream>>>(static_cast<Parameters>(arguments)...);
    check(cudaGetLastError(), name);
}

} // namespace voorwerp::nn::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// In the place of engine/nn/cuda/launch.cuh: the one place where a kernel starts.

#include "nn/cuda/device.h"
#include "nn/emulated_cuda/emulator.h"

namespace voorwerp::nn::cuda {

template <class... Parameters, class... Arguments>
void launch(const char* name, void (*kernel)(Parameters...), std::size_t grid, unsigned block,
            cudaStream_t stream, Arguments... arguments)
{
    if (grid < 1 || grid > 0x7FFFFFFFU || block < 1 || block > 1024)
        emulated::mistake("invalid configuration of a launch", name);
    emulated::enqueue(stream, name, [=] {
        emulated::runGrid(name, static_cast<unsigned>(grid), block,
                          [&] { kernel(static_cast<Parameters>(arguments)...); });
    });
    check(cudaGetLastError(), name);
}

} // namespace voorwerp::nn::cuda

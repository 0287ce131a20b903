// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Matrices that go into products, in the precision of their factors.

#include "nn/cuda/device.h"

#include <cstdint>

namespace voorwerp::nn::cuda {

/// On the device: float, or bfloat16 where products are computed so.
struct Operand
{
    void* data = nullptr;
    bool bf16 = false;

    /// So many elements behind.
    Operand at(std::size_t elements) const
    {
        return {static_cast<char*>(data) + elements * (bf16 ? 2 : 4), bf16};
    }
};

/// Memory of one: whoever sizes it uses one of the two.
struct OperandBuffer
{
    Buffer<float> floats;
    Buffer<std::uint16_t> halves; ///< bfloat16

    Operand operand(bool bf16) { return bf16 ? Operand{halves.data(), true} : Operand{floats.data(), false}; }
};

} // namespace voorwerp::nn::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace voorwerp::nn::cuda {

/// A matrix on the device that goes into products: float, or bfloat16 where products are computed so.
struct Operand
{
    void* data = nullptr;
    bool bf16 = false;
};

} // namespace voorwerp::nn::cuda

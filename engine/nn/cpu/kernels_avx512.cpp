// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels for x86-64-v4 (AVX-512 F, BW, CD, DQ, VL). CMakeLists.txt sets the flags of this file.
#define VOORWERP_NN_ISA avx512
#define Eigen EigenAvx512
#include "nn/cpu/kernels_body.h"

#include "nn/cpu/kernel_sets.h"

namespace voorwerp::nn {

namespace {
constexpr Kernels<float> withAmx()
{
    Kernels<float> kernels = avx512::kTable<float>;
    kernels.gemm = amxGemm;
    return kernels;
}
} // namespace

const KernelSet kAvx512Kernels{"AVX-512", avx512::kTable<float>};
constinit const KernelSet kAmxKernels{"AVX-512 + AMX", withAmx()};

} // namespace voorwerp::nn

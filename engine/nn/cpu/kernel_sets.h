// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The kernel tables that are compiled in, for kernel_sets.cpp only.

#include "nn/cpu/kernels.h"

namespace voorwerp::nn {

extern const KernelSet kBaselineKernels;
extern const Kernels<double> kDoubleKernels;
#ifdef __x86_64__
extern const KernelSet kAvx2Kernels;
extern const KernelSet kAvx512Kernels;
extern const KernelSet kAmxKernels; ///< AVX-512's, with amxGemm
void amxGemm(const Gemm<float>& problem);
#endif

} // namespace voorwerp::nn

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
extern const KernelSet kAmxKernels; ///< AVX-512's, with the two below
void amxGemm(const Gemm<float>& problem);
extern const PackedGemm<float> kAmxPackedGemm;
#endif

} // namespace voorwerp::nn

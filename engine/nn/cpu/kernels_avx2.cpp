// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels for x86-64-v3 (AVX2, FMA). CMakeLists.txt sets the flags of this file.
#define VOORWERP_NN_ISA avx2
#define Eigen EigenAvx2
#include "nn/cpu/kernels_body.h"

#include "nn/cpu/kernel_sets.h"

namespace voorwerp::nn {
const KernelSet kAvx2Kernels{"AVX2", avx2::kTable<float>};
} // namespace voorwerp::nn

// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels for any CPU of the architecture, and the double-precision ones.
#define VOORWERP_NN_ISA baseline
#define Eigen EigenBaseline
#include "nn/cpu/kernels_body.h"

#include "nn/cpu/kernel_sets.h"

namespace voorwerp::nn {
const KernelSet kBaselineKernels{"baseline", baseline::kTable<float>};
const Kernels<double> kDoubleKernels = baseline::kTable<double>;
} // namespace voorwerp::nn

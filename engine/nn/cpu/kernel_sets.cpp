// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/kernel_sets.h"

namespace voorwerp::nn {

std::vector<const KernelSet*> usableKernelSets()
{
    std::vector<const KernelSet*> sets{&kBaselineKernels};
#ifdef __x86_64__
    if (__builtin_cpu_supports("x86-64-v3"))
        sets.push_back(&kAvx2Kernels);
    if (__builtin_cpu_supports("x86-64-v4"))
        sets.push_back(&kAvx512Kernels);
#endif
    return sets;
}

const KernelSet& bestKernelSet()
{
    return *usableKernelSets().back();
}

const Kernels<double>& doubleKernels()
{
    return kDoubleKernels;
}

} // namespace voorwerp::nn

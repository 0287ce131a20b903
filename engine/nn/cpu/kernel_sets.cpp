// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/kernel_sets.h"

#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace voorwerp::nn {

#ifdef __x86_64__
namespace {
/// Linux lets a process use tiles once it has asked (Documentation/x86/xstate.rst).
bool hasAmx()
{
#ifdef __linux__
    constexpr long kRequestPermission = 0x1023; // ARCH_REQ_XCOMP_PERM
    constexpr long kTileData = 18;              // XFEATURE_XTILE_DATA
    static const bool permitted = __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("amx-bf16") &&
                                  syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
    return permitted;
#else
    return false;
#endif
}
} // namespace
#endif

std::vector<const KernelSet*> usableKernelSets()
{
    std::vector<const KernelSet*> sets{&kBaselineKernels};
#ifdef __x86_64__
    if (__builtin_cpu_supports("x86-64-v3"))
        sets.push_back(&kAvx2Kernels);
    if (__builtin_cpu_supports("x86-64-v4"))
        sets.push_back(&kAvx512Kernels);
    if (hasAmx())
        sets.push_back(&kAmxKernels);
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

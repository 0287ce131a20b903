// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/cpu_backend.h"
#include "nn/pytorch_reference.h"

using namespace voorwerp::nn;
using namespace voorwerp::nn::test;

TEST_CASE("Ten training steps give PyTorch's losses and parameters, with every instruction set")
{
    const PyTorchReference reference = pyTorchReference();
    REQUIRE(reference.cases.size() == 3);
    for (const KernelSet* kernels : usableKernelSets())
        for (const PyTorchCase& expected : reference.cases) {
            INFO(kernels->name);
            REQUIRE(expected.steps.size() == 10);
            CpuBackend backend(reference.config, 1, 2, Precision::Fp32, *kernels);
            checkCase(backend, reference, expected);
        }
}

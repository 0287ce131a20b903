// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/cpu_backend.h"
#include "nn/pytorch_reference.h"

using namespace voorwerp::nn;
using namespace voorwerp::nn::test;

TEST_CASE("Ten training steps give PyTorch's losses and parameters, with every instruction set")
{
    const PyTorchReference reference = pyTorchReference(GENERATE("mlp", "conv"));
    REQUIRE(reference.cases.size() == 5);
    for (const KernelSet* kernels : usableKernelSets())
        for (const PyTorchCase& expected : reference.cases) {
            INFO(reference.config.architecture << " " << kernels->name);
            REQUIRE(expected.steps.size() == 10);
            CpuBackend backend(reference.config, 1, 2, Precision::Fp32, *kernels);
            checkCase(backend, reference, expected);
        }
}

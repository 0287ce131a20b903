// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/block.cuh"
#include "nn/cuda/input.h"

namespace voorwerp::nn::cuda {

namespace {

__global__ void setNumbers(StepNumbers numbers, StepNumbers* to)
{
    if (threadIdx.x == 0)
        *to = numbers;
}

template <class T>
__global__ void prepareInput(InputShape shape, const StepNumbers* numbers, const float* mean, float clip,
                             T* input, float* inverseCount)
{
    const std::size_t row = blockIdx.x % shape.rows;
    const float* flux = numbers->flux + row * shape.pixels;
    const float* weight = numbers->weight + row * shape.pixels;
    T* values = input + blockIdx.x * shape.stride;
    T* coverage = values + shape.pixels;
    int seen = 0;
    for (std::size_t i = threadIdx.x; i < shape.pixels; i += blockDim.x) {
        const bool good = weight[i] > 0.0F;
        float value = flux[i] - mean[i];
        value = value > clip ? clip : (value < -clip ? -clip : value);
        store(values + i, good ? value : 0.0F);
        store(coverage + i, good ? 1.0F : 0.0F);
        seen += good ? 1 : 0;
    }
    for (std::size_t i = 2 * shape.pixels + threadIdx.x; i < shape.stride; i += blockDim.x)
        store(values + i, 0.0F);
    const int count = blockSum(seen);
    if (threadIdx.x == 0 && blockIdx.x < shape.rows)
        inverseCount[row] = count > 0 ? 1.0F / static_cast<float>(count) : 0.0F;
}

} // namespace

void launchSetNumbers(const StepNumbers& numbers, StepNumbers* to, cudaStream_t stream)
{
    launch("setNumbers", setNumbers, 1, kWarp, stream, numbers, to);
}

void launchPrepareInput(const InputShape& shape, const StepNumbers* numbers, const float* mean, float clip,
                        Operand input, float* inverseCount, cudaStream_t stream)
{
    withType(input, [&]<class T>(T* data) {
        launch("prepareInput", prepareInput<T>, shape.encoded, kBlock, stream, shape, numbers, mean, clip,
               data, inverseCount);
    });
}

} // namespace voorwerp::nn::cuda

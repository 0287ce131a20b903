// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/adam.h"
#include "nn/cuda/block.cuh"

namespace voorwerp::nn::cuda {

namespace {

__global__ void squareParts(std::size_t count, const float* values, double* parts)
{
    double sum = 0.0;
    for (std::size_t i = firstIndex(); i < count; i += indexStride())
        sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    sum = blockSum(sum);
    if (threadIdx.x == 0)
        parts[blockIdx.x] = sum;
}

__global__ void normOfParts(std::size_t count, const double* parts, double* norm, LossSums* sums)
{
    double sum = 0.0;
    for (std::size_t i = threadIdx.x; i < count; i += blockDim.x)
        sum += parts[i];
    sum = blockSum(sum);
    if (threadIdx.x == 0) {
        *norm = sqrt(sum);
        sums->gradientNorm += *norm;
    }
}

template <class T> __global__ void adam(AdamData data, const StepNumbers* numbers, T* operand)
{
    const AdamNumbers c = numbers->adam;
    const double length = *data.norm, clip = static_cast<double>(c.clip);
    const float gradientScale = clip > 0.0 && length > clip ? static_cast<float>(clip / length) : 1.0F;
    for (std::size_t i = firstIndex(); i < data.count; i += indexStride()) {
        const float g = gradientScale * data.gradient[i];
        const float m = c.beta1 * data.first[i] + (1.0F - c.beta1) * g;
        const float v = c.beta2 * data.second[i] + (1.0F - c.beta2) * g * g;
        const float keep = i < data.weights ? c.keep : 1.0F;
        const float updated = keep * data.parameter[i] - c.rate * m / (sqrtf(v) * c.secondScale + c.epsilon);
        data.first[i] = m;
        data.second[i] = v;
        data.parameter[i] = updated;
        if (i < data.weights)
            store(operand + i, updated);
    }
}

} // namespace

void launchGradientNorm(std::size_t count, const float* gradient, double* parts, double* norm, LossSums* sums,
                        cudaStream_t stream)
{
    const std::size_t used = std::min(kNormParts, gridFor(count));
    launch("squareParts", squareParts, used, kBlock, stream, count, gradient, parts);
    launch("normOfParts", normOfParts, 1, kBlock, stream, used, parts, norm, sums);
}

void launchAdam(const AdamData& data, const StepNumbers* numbers, cudaStream_t stream)
{
    withType(data.operand, [&]<class T>(T* operand) {
        launch("adam", adam<T>, gridFor(data.count), kBlock, stream, data, numbers, operand);
    });
}

} // namespace voorwerp::nn::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/batch_chunks.h"
#include "nn/cuda/block.cuh"
#include "nn/cuda/latent.h"
#include "nn/philox.h"

namespace voorwerp::nn::cuda {

namespace {

__device__ float clamped(float logVariance)
{
    return logVariance > kLogVarianceLimit
               ? kLogVarianceLimit
               : (logVariance < -kLogVarianceLimit ? -kLogVarianceLimit : logVariance);
}

__device__ float deviate(const StepNumbers* numbers, std::size_t row, std::size_t dimension)
{
    float four[4];
    normals4(numbers->seed, NoiseStream::Latent, numbers->step, static_cast<std::uint32_t>(row),
             static_cast<std::uint32_t>(dimension / 4), four);
    return four[dimension % 4];
}

template <class T>
__global__ void latents(LatentShape shape, const StepNumbers* numbers, const float* head, float* z,
                        T* operand, float* kl)
{
    for (std::size_t i = firstIndex(); i < shape.rows * shape.stride; i += indexStride()) {
        const std::size_t row = i / shape.stride, j = i % shape.stride;
        float value = 0.0F;
        if (j < shape.latent) {
            const float mean = head[row * shape.headStride + j];
            const float logVariance = clamped(head[row * shape.headStride + shape.latent + j]);
            const float deviation = expf(0.5F * logVariance);
            value = numbers->drawn ? mean + deviation * deviate(numbers, row, j) : mean;
            kl[row * shape.latent + j] = 0.5F * (deviation * deviation + mean * mean - 1.0F - logVariance);
        }
        z[i] = value;
        store(operand + i, value);
    }
}

__global__ void klMeans(LatentShape shape, const StepNumbers* numbers, const float* kl, double* means,
                        int* charged)
{
    double sum = 0.0;
    for (std::size_t row = threadIdx.x; row < shape.rows; row += blockDim.x)
        sum += static_cast<double>(kl[row * shape.latent + blockIdx.x]);
    const double mean = blockSum(sum) / static_cast<double>(shape.rows);
    if (threadIdx.x == 0) {
        means[blockIdx.x] = mean;
        charged[blockIdx.x] = mean >= static_cast<double>(numbers->loss.freeBits) ? 1 : 0;
    }
}

/// One row of the head: the gradient by mean and log variance of dimension j.
template <class T>
__device__ void latentGradientOf(const LatentShape& shape, const StepNumbers* numbers, const float* head,
                                 std::size_t row, std::size_t j, bool isCharged, float byZ, float pull,
                                 T* byHead)
{
    const float mean = head[j], logVariance = head[shape.latent + j];
    const float scale = isCharged ? numbers->loss.beta / static_cast<float>(shape.rows) : 0.0F;
    const float deviation = expf(0.5F * clamped(logVariance));
    float byLogVariance = scale * 0.5F * (deviation * deviation - 1.0F);
    if (numbers->drawn)
        byLogVariance += byZ * 0.5F * deviation * deviate(numbers, row, j);
    store(byHead + j, byZ + scale * mean + pull);
    store(byHead + shape.latent + j, fabsf(logVariance) < kLogVarianceLimit ? byLogVariance : 0.0F);
}

template <class T>
__global__ void latentGradient(LatentShape shape, const StepNumbers* numbers, const float* head,
                               const int* charged, const float* byZ, const float* consistencySlope, T* byHead)
{
    const std::size_t twin = shape.rows * shape.headStride;
    for (std::size_t i = firstIndex(); i < twin; i += indexStride()) {
        const std::size_t row = i / shape.headStride, j = i % shape.headStride;
        const float* own = head + row * shape.headStride;
        T* by = byHead + row * shape.headStride;
        if (consistencySlope != nullptr) // of the twin: its mean alone has a gradient
            store(byHead + twin + i,
                  j < shape.latent ? consistencySlope[row] * (head[twin + i] - own[j]) : 0.0F);
        if (j < shape.latent) {
            const float pull =
                consistencySlope != nullptr ? consistencySlope[row] * (own[j] - head[twin + i]) : 0.0F;
            latentGradientOf(shape, numbers, own, row, j, charged[j] != 0, byZ[row * shape.stride + j], pull,
                             by);
        } else if (j >= 2 * shape.latent) {
            store(by + j, 0.0F);
        }
    }
}

} // namespace

void launchLatents(const LatentShape& shape, const StepNumbers* numbers, const float* head, float* z,
                   Operand operand, float* kl, cudaStream_t stream)
{
    withType(operand, [&]<class T>(T* data) {
        launch("latents", latents<T>, gridFor(shape.rows * shape.stride), kBlock, stream, shape, numbers,
               head, z, data, kl);
    });
}

void launchKlMeans(const LatentShape& shape, const StepNumbers* numbers, const float* kl, double* means,
                   int* charged, cudaStream_t stream)
{
    launch("klMeans", klMeans, shape.latent, kBlock, stream, shape, numbers, kl, means, charged);
}

void launchLatentGradient(const LatentShape& shape, const StepNumbers* numbers, const float* head,
                          const int* charged, const float* byZ, const float* consistencySlope, Operand byHead,
                          cudaStream_t stream)
{
    withType(byHead, [&]<class T>(T* data) {
        launch("latentGradient", latentGradient<T>, gridFor(shape.rows * shape.headStride), kBlock, stream,
               shape, numbers, head, charged, byZ, consistencySlope, data);
    });
}

} // namespace voorwerp::nn::cuda

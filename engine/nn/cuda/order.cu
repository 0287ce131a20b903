// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/block.cuh"
#include "nn/cuda/order.h"

namespace voorwerp::nn::cuda {

namespace {

__device__ double sigmoidOf(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

__global__ void consistency(std::size_t rows, std::size_t latent, std::size_t stride,
                            const StepNumbers* numbers, const float* head, double* terms, float* slopes)
{
    const double width = kConsistencyScale * static_cast<double>(latent);
    for (std::size_t row = firstIndex(); row < rows; row += indexStride()) {
        const float* mean = head + row * stride;
        const float* twin = head + (rows + row) * stride;
        double sum = 0.0;
        for (std::size_t j = 0; j < latent; ++j) {
            const double apart = static_cast<double>(twin[j]) - static_cast<double>(mean[j]);
            sum += apart * apart;
        }
        const double s = sigmoidOf(sum / width);
        const double weight = static_cast<double>(numbers->order.consistency) / static_cast<double>(rows);
        terms[row] = s - 0.5;
        slopes[row] = static_cast<float>(weight * 2.0 / width * s * (1.0 - s));
    }
}

/// |x_i − x_j|² from the products of all pairs, of which one half is used: the other may be rounded apart.
__device__ double apart(const float* products, std::size_t stride, std::size_t i, std::size_t j)
{
    const float between = i > j ? products[i * stride + j] : products[j * stride + i];
    return static_cast<double>(products[i * stride + i] + products[j * stride + j] - 2.0F * between);
}

/// A block for each row i.
__global__ void similarity(PairShape shape, const StepNumbers* numbers, const float* latents,
                           const float* models, double* terms, float* slopes)
{
    const std::size_t i = blockIdx.x;
    const double slope = static_cast<double>(numbers->order.similaritySlope);
    double term = 0.0;
    float changes = 0.0F;
    for (std::size_t j = threadIdx.x; j < shape.rows; j += blockDim.x) {
        if (j == i)
            continue;
        const double d = slope * (apart(latents, shape.stride, i, j) / static_cast<double>(shape.latent) -
                                  kSimilarityScale * apart(models, shape.stride, i, j) /
                                      static_cast<double>(shape.pixels));
        const double above = sigmoidOf(d - 0.5 * kSimilarityWidth);
        const double below = sigmoidOf(-d - 0.5 * kSimilarityWidth);
        term += above + below;
        const float change = numbers->order.similarity *
                             static_cast<float>(slope * (above * (1.0 - above) - below * (1.0 - below)));
        slopes[i * shape.stride + j] = -change;
        changes += change;
    }
    term = blockSum(term);
    changes = blockSum(changes);
    if (threadIdx.x == 0) {
        terms[i] = term;
        slopes[i * shape.stride + i] = changes;
    }
}

} // namespace

void launchConsistency(std::size_t rows, std::size_t latent, std::size_t stride, const StepNumbers* numbers,
                       const float* head, double* terms, float* slopes, cudaStream_t stream)
{
    launch("consistency", consistency, gridFor(rows), kBlock, stream, rows, latent, stride, numbers, head,
           terms, slopes);
}

void launchSimilarity(const PairShape& shape, const StepNumbers* numbers, const float* latents,
                      const float* models, double* terms, float* slopes, cudaStream_t stream)
{
    launch("similarity", similarity, shape.rows, kBlock, stream, shape, numbers, latents, models, terms,
           slopes);
}

} // namespace voorwerp::nn::cuda

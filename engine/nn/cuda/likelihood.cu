// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/block.cuh"
#include "nn/cuda/likelihood.h"

namespace voorwerp::nn::cuda {

namespace {

/// ρ and dρ/dmodel of one pixel, d = model − flux.
__device__ void pixelLoss(const LossOptions& options, float d, float w, float& rho, float& slope)
{
    const float s = options.robustScale;
    if (options.likelihood == Likelihood::Huber) {
        const float root = sqrtf(w);
        const float r = root * d;
        const float inside = fminf(fabsf(r), s);
        rho = inside * (fabsf(r) - 0.5F * inside);
        slope = root * copysignf(inside, r);
    } else if (options.likelihood == Likelihood::StudentT) {
        const float chi2 = w * d * d;
        rho = 0.5F * (s + 1.0F) * log1pf(chi2 / s);
        slope = (s + 1.0F) * w * d / (s + chi2);
    } else {
        slope = w * d;
        rho = 0.5F * slope * d;
    }
}

/// The same with the model's own scatter: its gradient by the logarithm goes to byScatterLog.
__device__ void scatteredPixelLoss(const LossOptions& options, float d, float w, float scatterLog, float& rho,
                                   float& slope, float& byScatterLog)
{
    const float ratio = w * expf(2.0F * scatterLog);
    pixelLoss(options, d, w / (1.0F + ratio), rho, slope);
    rho += 0.5F * log1pf(ratio);
    byScatterLog = ratio / (1.0F + ratio) * (1.0F - slope * d);
}

template <class T>
__global__ void likelihood(LikelihoodShape shape, const StepNumbers* numbers, LikelihoodData data, T* byModel)
{
    const std::size_t row = blockIdx.x, first = row * shape.stride;
    const float* flux = numbers->flux + row * shape.pixels;
    const float* weight = numbers->weight + row * shape.pixels;
    const LossOptions options = numbers->loss;
    const float scale = data.inverseCount[row] / static_cast<float>(shape.rows);
    double sum = 0.0;
    for (std::size_t i = threadIdx.x; i < shape.stride; i += blockDim.x) {
        const float w = i < shape.pixels ? weight[i] : 0.0F;
        float rho = 0.0F, slope = 0.0F, byScatterLog = 0.0F;
        if (w > 0.0F && data.scatterLog != nullptr)
            scatteredPixelLoss(options, data.model[first + i] - flux[i], w, data.scatterLog[i], rho, slope,
                               byScatterLog);
        else if (w > 0.0F)
            pixelLoss(options, data.model[first + i] - flux[i], w, rho, slope);
        sum += static_cast<double>(rho);
        const float more = data.moreByModel != nullptr ? data.moreByModel[first + i] : 0.0F;
        store(byModel + first + i, scale * slope + more);
        if (data.byScatterLog != nullptr)
            data.byScatterLog[first + i] = scale * byScatterLog;
    }
    sum = blockSum(sum);
    if (threadIdx.x == 0)
        data.rowLoss[row] = sum * static_cast<double>(data.inverseCount[row]);
}

/// Mean over the block's threads' shares; 0 for null.
__device__ double meanOf(const double* values, std::size_t count)
{
    double sum = 0.0;
    for (std::size_t i = threadIdx.x; values != nullptr && i < count; i += blockDim.x)
        sum += values[i] / static_cast<double>(count);
    return blockSum(sum);
}

__global__ void addLosses(std::size_t rows, std::size_t latent, const StepNumbers* numbers, LossParts parts,
                          LossSums* sums)
{
    const double loss = meanOf(parts.rowLoss, rows);
    const double consistency = meanOf(parts.consistency, rows), similarity = meanOf(parts.similarity, rows);
    double kl = 0.0, cost = 0.0;
    for (std::size_t j = threadIdx.x; j < latent; j += blockDim.x) {
        const double mean = parts.klMeans[j];
        kl += mean;
        cost += parts.charged[j] != 0 || isnan(mean) ? mean : static_cast<double>(numbers->loss.freeBits);
    }
    kl = blockSum(kl);
    cost = blockSum(cost);
    if (threadIdx.x == 0) {
        const double share = numbers->share;
        const double order = static_cast<double>(numbers->order.consistency) * consistency +
                             static_cast<double>(numbers->order.similarity) * similarity;
        sums->objective += share * (loss + static_cast<double>(numbers->loss.beta) * cost + order);
        sums->reconstruction += share * loss;
        sums->kl += share * kl;
        sums->consistency += share * consistency;
        sums->similarity += share * similarity;
    }
}

} // namespace

void launchLikelihood(const LikelihoodShape& shape, const StepNumbers* numbers, const LikelihoodData& data,
                      Operand byModel, cudaStream_t stream)
{
    withType(byModel, [&]<class T>(T* typed) {
        launch("likelihood", likelihood<T>, shape.rows, kBlock, stream, shape, numbers, data, typed);
    });
}

void launchAddLosses(std::size_t rows, std::size_t latent, const StepNumbers* numbers, const LossParts& parts,
                     LossSums* sums, cudaStream_t stream)
{
    launch("addLosses", addLosses, 1, kBlock, stream, rows, latent, numbers, parts, sums);
}

} // namespace voorwerp::nn::cuda

// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels of the CUDA backend and their launchers. Each is the twin of a loop in nn/cpu (kernels_body.h,
// network.cpp), where the formulas have their references. No atomics: every sum has a fixed order, so the
// same inputs give the same bits.
#include "nn/batch_chunks.h"
#include "nn/cuda/device.h"
#include "nn/cuda/kernels.h"
#include "nn/philox.h"

#include <algorithm>

namespace voorwerp::nn::cuda {

namespace {

constexpr int kBlock = 256;
constexpr std::size_t kMaxGrid = 65535;

unsigned gridFor(std::size_t count)
{
    return static_cast<unsigned>(std::min(kMaxGrid, (count + kBlock - 1) / kBlock));
}

void checkLaunch(const char* kernel)
{
    check(cudaGetLastError(), kernel);
}

// Device helpers
// ---------------------------------------------------------------------------------------------

__device__ std::size_t firstIndex()
{
    return static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

__device__ std::size_t indexStride()
{
    return static_cast<std::size_t>(gridDim.x) * blockDim.x;
}

/// Sum over the block in a fixed order; the result is valid in every thread.
template <class T> __device__ T blockSum(T value)
{
    __shared__ T part[kBlock];
    part[threadIdx.x] = value;
    __syncthreads();
    for (unsigned half = kBlock / 2; half > 0; half /= 2) {
        if (threadIdx.x < half)
            part[threadIdx.x] += part[threadIdx.x + half];
        __syncthreads();
    }
    const T sum = part[0];
    __syncthreads();
    return sum;
}

__device__ float clampedLogVariance(float value)
{
    return value > kLogVarianceLimit ? kLogVarianceLimit
                                     : (value < -kLogVarianceLimit ? -kLogVarianceLimit : value);
}

__device__ float deviate(LatentNoise noise, std::size_t row, std::size_t dimension)
{
    float four[4];
    normals4(noise.seed, NoiseStream::Latent, noise.step, static_cast<std::uint32_t>(row),
             static_cast<std::uint32_t>(dimension / 4), four);
    return four[dimension % 4];
}

// Kernels
// ----------------------------------------------------------------------------------------------------

__global__ void prepareInput(std::size_t pixels, const float* flux, const float* weight, const float* mean,
                             float clip, float* input, float* inverseCount)
{
    const std::size_t row = blockIdx.x;
    int seen = 0;
    for (std::size_t i = threadIdx.x; i < pixels; i += blockDim.x) {
        const bool good = weight[row * pixels + i] > 0.0F;
        float value = flux[row * pixels + i] - mean[i];
        value = value > clip ? clip : (value < -clip ? -clip : value);
        input[row * 2 * pixels + i] = good ? value : 0.0F;
        input[row * 2 * pixels + pixels + i] = good ? 1.0F : 0.0F;
        seen += good ? 1 : 0;
    }
    const int count = blockSum(seen);
    if (threadIdx.x == 0)
        inverseCount[row] = count > 0 ? 1.0F / static_cast<float>(count) : 0.0F;
}

__global__ void addBias(std::size_t count, std::size_t columns, const float* bias, float* values)
{
    for (std::size_t i = firstIndex(); i < count; i += indexStride())
        values[i] += bias[i % columns];
}

__global__ void addBiasSilu(std::size_t count, std::size_t columns, const float* bias, float* pre, float* out)
{
    for (std::size_t i = firstIndex(); i < count; i += indexStride()) {
        const float value = pre[i] + bias[i % columns];
        pre[i] = value;
        out[i] = value / (1.0F + expf(-value));
    }
}

__global__ void siluBackward(std::size_t count, const float* pre, float* gradient)
{
    for (std::size_t i = firstIndex(); i < count; i += indexStride()) {
        const float sigmoid = 1.0F / (1.0F + expf(-pre[i]));
        gradient[i] *= sigmoid * (1.0F + pre[i] * (1.0F - sigmoid));
    }
}

__global__ void columnSum(std::size_t rows, std::size_t columns, const float* values, float* sums)
{
    for (std::size_t column = firstIndex(); column < columns; column += indexStride()) {
        float sum = 0.0F;
        for (std::size_t row = 0; row < rows; ++row)
            sum += values[row * columns + column];
        sums[column] = sum;
    }
}

__global__ void latents(std::size_t rows, std::size_t latent, const float* head, LatentNoise noise, float* z,
                        float* kl)
{
    for (std::size_t i = firstIndex(); i < rows * latent; i += indexStride()) {
        const std::size_t row = i / latent;
        const float mean = head[row * latent + i];
        const float logVariance = clampedLogVariance(head[row * latent + i + latent]);
        const float deviation = expf(0.5F * logVariance);
        z[i] = noise.used ? mean + deviation * deviate(noise, row, i % latent) : mean;
        kl[i] = 0.5F * (deviation * deviation + mean * mean - 1.0F - logVariance);
    }
}

__global__ void klMeans(std::size_t rows, std::size_t latent, const float* kl, float freeBits, double* means,
                        int* charged)
{
    double sum = 0.0;
    for (std::size_t row = threadIdx.x; row < rows; row += blockDim.x)
        sum += static_cast<double>(kl[row * latent + blockIdx.x]);
    const double mean = blockSum(sum) / static_cast<double>(rows);
    if (threadIdx.x == 0) {
        means[blockIdx.x] = mean;
        charged[blockIdx.x] = mean >= static_cast<double>(freeBits) ? 1 : 0;
    }
}

__global__ void latentGradient(std::size_t rows, std::size_t latent, const float* head, LatentNoise noise,
                               float beta, const int* charged, const float* byZ, float* byHead)
{
    for (std::size_t i = firstIndex(); i < rows * latent; i += indexStride()) {
        const std::size_t row = i / latent;
        const std::size_t at = row * latent + i;
        const float scale = charged[i % latent] != 0 ? beta / static_cast<float>(rows) : 0.0F;
        const float logVariance = clampedLogVariance(head[at + latent]);
        const float deviation = expf(0.5F * logVariance);
        float byLogVariance = scale * 0.5F * (deviation * deviation - 1.0F);
        if (noise.used)
            byLogVariance += byZ[i] * 0.5F * deviation * deviate(noise, row, i % latent);
        byHead[at] = byZ[i] + scale * head[at];
        byHead[at + latent] = fabsf(head[at + latent]) < kLogVarianceLimit ? byLogVariance : 0.0F;
    }
}

/// ρ and dρ/dmodel of one pixel.
__device__ void pixelLoss(Likelihood kind, float s, float d, float w, float& rho, float& slope)
{
    if (kind == Likelihood::Huber) {
        const float root = sqrtf(w);
        const float r = root * d;
        const float inside = fminf(fabsf(r), s);
        rho = inside * (fabsf(r) - 0.5F * inside);
        slope = root * copysignf(inside, r);
    } else if (kind == Likelihood::StudentT) {
        const float chi2 = w * d * d;
        rho = 0.5F * (s + 1.0F) * log1pf(chi2 / s);
        slope = (s + 1.0F) * w * d / (s + chi2);
    } else {
        slope = w * d;
        rho = 0.5F * slope * d;
    }
}

__global__ void likelihood(std::size_t rows, std::size_t pixels, const float* flux, const float* weight,
                           const float* inverseCount, Likelihood kind, float robustScale, float* model,
                           double* rowLoss)
{
    const std::size_t row = blockIdx.x;
    const float scale = inverseCount[row] / static_cast<float>(rows);
    double sum = 0.0;
    for (std::size_t i = row * pixels + threadIdx.x; i < (row + 1) * pixels; i += blockDim.x) {
        const float w = weight[i];
        float rho = 0.0F, slope = 0.0F;
        if (w > 0.0F)
            pixelLoss(kind, robustScale, model[i] - flux[i], w, rho, slope);
        sum += static_cast<double>(rho);
        model[i] = scale * slope;
    }
    sum = blockSum(sum);
    if (threadIdx.x == 0)
        rowLoss[row] = sum * static_cast<double>(inverseCount[row]);
}

__global__ void addLosses(std::size_t rows, std::size_t latent, const double* rowLoss, const double* klMean,
                          const int* charged, float beta, float freeBits, double share, LossSums* sums)
{
    double loss = 0.0, kl = 0.0, cost = 0.0;
    for (std::size_t row = threadIdx.x; row < rows; row += blockDim.x)
        loss += rowLoss[row] / static_cast<double>(rows);
    for (std::size_t j = threadIdx.x; j < latent; j += blockDim.x) {
        kl += klMean[j];
        cost += charged[j] != 0 || isnan(klMean[j]) ? klMean[j] : static_cast<double>(freeBits);
    }
    loss = blockSum(loss);
    kl = blockSum(kl);
    cost = blockSum(cost);
    if (threadIdx.x == 0) {
        sums->objective += share * (loss + static_cast<double>(beta) * cost);
        sums->reconstruction += share * loss;
        sums->kl += share * kl;
    }
}

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

__global__ void adam(std::size_t count, AdamStep c, const double* norm, const float* gradient,
                     float* parameter, float* first, float* second)
{
    const double length = *norm;
    const double clip = static_cast<double>(c.clip);
    const float gradientScale = clip > 0.0 && length > clip ? static_cast<float>(clip / length) : 1.0F;
    for (std::size_t i = firstIndex(); i < count; i += indexStride()) {
        const float g = gradientScale * gradient[i];
        const float m = c.beta1 * first[i] + (1.0F - c.beta1) * g;
        const float v = c.beta2 * second[i] + (1.0F - c.beta2) * g * g;
        first[i] = m;
        second[i] = v;
        parameter[i] = c.keep * parameter[i] - c.rate * m / (sqrtf(v) * c.secondScale + c.epsilon);
    }
}

} // namespace

// Launchers
// --------------------------------------------------------------------------------------------------

void launchPrepareInput(std::size_t rows, std::size_t pixels, const float* flux, const float* weight,
                        const float* mean, float clip, float* input, float* inverseCount, StreamHandle stream)
{
    prepareInput<<<static_cast<unsigned>(rows), kBlock, 0, stream>>>(pixels, flux, weight, mean, clip, input,
                                                                     inverseCount);
    checkLaunch("prepareInput");
}

void launchAddBias(std::size_t rows, std::size_t columns, const float* bias, float* values,
                   StreamHandle stream)
{
    addBias<<<gridFor(rows * columns), kBlock, 0, stream>>>(rows * columns, columns, bias, values);
    checkLaunch("addBias");
}

void launchAddBiasSilu(std::size_t rows, std::size_t columns, const float* bias, float* pre, float* out,
                       StreamHandle stream)
{
    addBiasSilu<<<gridFor(rows * columns), kBlock, 0, stream>>>(rows * columns, columns, bias, pre, out);
    checkLaunch("addBiasSilu");
}

void launchSiluBackward(std::size_t count, const float* pre, float* gradient, StreamHandle stream)
{
    siluBackward<<<gridFor(count), kBlock, 0, stream>>>(count, pre, gradient);
    checkLaunch("siluBackward");
}

void launchColumnSum(std::size_t rows, std::size_t columns, const float* values, float* sums,
                     StreamHandle stream)
{
    columnSum<<<gridFor(columns), kBlock, 0, stream>>>(rows, columns, values, sums);
    checkLaunch("columnSum");
}

void launchLatents(std::size_t rows, std::size_t latent, const float* head, LatentNoise noise, float* z,
                   float* kl, StreamHandle stream)
{
    latents<<<gridFor(rows * latent), kBlock, 0, stream>>>(rows, latent, head, noise, z, kl);
    checkLaunch("latents");
}

void launchKlMeans(std::size_t rows, std::size_t latent, const float* kl, float freeBits, double* means,
                   int* charged, StreamHandle stream)
{
    klMeans<<<static_cast<unsigned>(latent), kBlock, 0, stream>>>(rows, latent, kl, freeBits, means, charged);
    checkLaunch("klMeans");
}

void launchLatentGradient(std::size_t rows, std::size_t latent, const float* head, LatentNoise noise,
                          float beta, const int* charged, const float* byZ, float* byHead,
                          StreamHandle stream)
{
    latentGradient<<<gridFor(rows * latent), kBlock, 0, stream>>>(rows, latent, head, noise, beta, charged,
                                                                  byZ, byHead);
    checkLaunch("latentGradient");
}

void launchLikelihood(std::size_t rows, std::size_t pixels, const float* flux, const float* weight,
                      const float* inverseCount, const LossOptions& options, float* model, double* rowLoss,
                      StreamHandle stream)
{
    likelihood<<<static_cast<unsigned>(rows), kBlock, 0, stream>>>(
        rows, pixels, flux, weight, inverseCount, options.likelihood, options.robustScale, model, rowLoss);
    checkLaunch("likelihood");
}

void launchAddLosses(std::size_t rows, std::size_t latent, const double* rowLoss, const double* klMean,
                     const int* charged, const LossOptions& options, double share, LossSums* sums,
                     StreamHandle stream)
{
    addLosses<<<1, kBlock, 0, stream>>>(rows, latent, rowLoss, klMean, charged, options.beta,
                                        options.freeBits, share, sums);
    checkLaunch("addLosses");
}

void launchGradientNorm(std::size_t count, const float* gradient, double* parts, double* norm, LossSums* sums,
                        StreamHandle stream)
{
    squareParts<<<static_cast<unsigned>(kNormParts), kBlock, 0, stream>>>(count, gradient, parts);
    checkLaunch("squareParts");
    normOfParts<<<1, kBlock, 0, stream>>>(kNormParts, parts, norm, sums);
    checkLaunch("normOfParts");
}

void launchAdam(std::size_t count, const AdamStep& step, const double* norm, const float* gradient,
                float* parameter, float* first, float* second, StreamHandle stream)
{
    adam<<<gridFor(count), kBlock, 0, stream>>>(count, step, norm, gradient, parameter, first, second);
    checkLaunch("adam");
}

} // namespace voorwerp::nn::cuda

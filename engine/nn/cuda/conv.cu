// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/block.cuh"
#include "nn/cuda/conv.h"
#include "nn/model_config.h"

namespace voorwerp::nn::cuda {

namespace {

constexpr unsigned kWarps = kBlock / kWarp;

/// A block works on one row and a warp's width of channels; each of its warps takes every kWarps-th position.
struct Columns
{
    std::size_t row, channel;
    unsigned lane, warp;
};

__device__ Columns columnsOf(std::size_t channels)
{
    const std::size_t groups = (channels + kWarp - 1) / kWarp;
    const unsigned lane = threadIdx.x % kWarp;
    return {blockIdx.x / groups, blockIdx.x % groups * kWarp + lane, lane, threadIdx.x / kWarp};
}

std::size_t columnGrid(std::size_t rows, std::size_t channels)
{
    return rows * ((channels + kWarp - 1) / kWarp);
}

/// combine() over the block's warps, lane by lane, in a fixed order, in every warp.
template <class Combine> __device__ float warpsReduce(float value, const Columns& at, Combine combine)
{
    __shared__ float part[kWarps][kWarp];
    part[at.warp][at.lane] = value;
    __syncthreads();
    float all = part[0][at.lane];
    for (unsigned other = 1; other < kWarps; ++other)
        all = combine(all, part[other][at.lane]);
    __syncthreads();
    return all;
}

__device__ float warpsSum(float value, const Columns& at)
{
    return warpsReduce(value, at, [](float a, float b) { return a + b; });
}

__global__ void normalise(ConvShape shape, Normalised normal)
{
    const Columns at = columnsOf(shape.channels);
    const bool used = at.channel < shape.channels;
    const float* raw = normal.raw + at.row * shape.stride * shape.channels + at.channel;
    const std::size_t end = used ? shape.positions : 0;
    const float share = 1.0F / static_cast<float>(shape.positions);
    float sum = 0.0F;
    for (std::size_t p = at.warp; p < end; p += kWarps)
        sum += raw[p * shape.channels];
    const float mean = warpsSum(sum, at) * share;
    float squares = 0.0F;
    for (std::size_t p = at.warp; p < end; p += kWarps) {
        const float apart = raw[p * shape.channels] - mean;
        squares += apart * apart;
    }
    const float variance = warpsSum(squares, at) * share;
    if (at.warp == 0 && used) {
        normal.mean[at.row * shape.channels + at.channel] = mean;
        normal.inverse[at.row * shape.channels + at.channel] =
            1.0F / sqrtf(variance + static_cast<float>(kNormEpsilon));
    }
}

__device__ float normalAt(const ConvShape& shape, const Normalised& normal, std::size_t row, std::size_t p,
                          std::size_t channel)
{
    const std::size_t column = row * shape.channels + channel;
    const float raw = normal.raw[(row * shape.stride + p) * shape.channels + channel];
    return (raw - normal.mean[column]) * normal.inverse[column];
}

template <class T>
__global__ void siluPool(ConvShape shape, Normalised normal, Spaced spaced, T* out, std::uint8_t* largest)
{
    const std::size_t count = (shape.rows * spaced.stride + spaced.tail) * shape.channels;
    for (std::size_t i = firstIndex(); i < count; i += indexStride()) {
        const std::size_t channel = i % shape.channels, position = i / shape.channels;
        const std::size_t row = position / spaced.stride, place = position % spaced.stride;
        if (row >= shape.rows || place < spaced.margin || place - spaced.margin >= shape.pooled) {
            store(out + i, 0.0F);
            continue;
        }
        const std::size_t window = place - spaced.margin, begin = window * shape.pool;
        float best = 0.0F;
        std::uint8_t which = 0;
        for (std::size_t k = 0; k < shape.pool && begin + k < shape.positions; ++k) {
            const float x = normalAt(shape, normal, row, begin + k, channel);
            const float value = x * sigmoid(x);
            if (k == 0 || value > best) {
                best = value;
                which = static_cast<std::uint8_t>(k);
            }
        }
        store(out + i, best);
        largest[(row * shape.pooled + window) * shape.channels + channel] = which;
    }
}

/// Gradient by the normalised value.
__device__ float byNormal(const ConvShape& shape, const PooledGradient& pooled, float x, std::size_t row,
                          std::size_t p, std::size_t channel)
{
    const std::size_t window = p / shape.pool;
    if (pooled.largest[(row * shape.pooled + window) * shape.channels + channel] != p % shape.pool)
        return 0.0F;
    const float share = sigmoid(x);
    return share * (1.0F + x * (1.0F - share)) *
           pooled.data[(row * pooled.stride + window) * shape.channels + channel];
}

/// Over the positions: of the gradient by the normalised values, and of its product with them.
__global__ void normalSums(ConvShape shape, Normalised normal, PooledGradient pooled, float* sums)
{
    const Columns at = columnsOf(shape.channels);
    const std::size_t end = at.channel < shape.channels ? shape.positions : 0;
    float sum = 0.0F, along = 0.0F;
    for (std::size_t p = at.warp; p < end; p += kWarps) {
        const float x = normalAt(shape, normal, at.row, p, at.channel);
        const float gradient = byNormal(shape, pooled, x, at.row, p, at.channel);
        sum += gradient;
        along += gradient * x;
    }
    sum = warpsSum(sum, at);
    along = warpsSum(along, at);
    if (at.warp == 0 && at.channel < shape.channels) {
        sums[2 * at.row * shape.channels + at.channel] = sum;
        sums[(2 * at.row + 1) * shape.channels + at.channel] = along;
    }
}

template <class T>
__global__ void blockBackward(ConvShape shape, Normalised normal, PooledGradient pooled, const float* sums,
                              Spaced spaced, T* gradient)
{
    const std::size_t count = (shape.rows * spaced.stride + spaced.tail) * shape.channels;
    const float share = 1.0F / static_cast<float>(shape.positions);
    for (std::size_t i = firstIndex(); i < count; i += indexStride()) {
        const std::size_t channel = i % shape.channels, position = i / shape.channels;
        const std::size_t row = position / spaced.stride, place = position % spaced.stride;
        float value = 0.0F;
        if (row < shape.rows && place >= spaced.margin && place - spaced.margin < shape.positions) {
            const std::size_t p = place - spaced.margin;
            const float x = normalAt(shape, normal, row, p, channel);
            const float* sum = sums + 2 * row * shape.channels + channel;
            value =
                normal.inverse[row * shape.channels + channel] *
                (byNormal(shape, pooled, x, row, p, channel) - share * (sum[0] + x * sum[shape.channels]));
        }
        store(gradient + i, value);
    }
}

template <class T>
__global__ void attend(AttentionShape shape, const float* values, AttentionState state, T* out)
{
    const Columns at = columnsOf(shape.features);
    const bool used = at.channel < shape.half;
    const float* seen = values + at.row * shape.positions * shape.channels + at.channel;
    const float* logit = seen + shape.half;
    const std::size_t end = used ? shape.positions : 0;
    float highest = used ? logit[0] : 0.0F;
    for (std::size_t p = at.warp; p < end; p += kWarps)
        highest = fmaxf(highest, logit[p * shape.channels]);
    highest = warpsReduce(highest, at, [](float a, float b) { return fmaxf(a, b); });
    float sum = 0.0F, weighted = 0.0F;
    for (std::size_t p = at.warp; p < end; p += kWarps) {
        const float share = expf(logit[p * shape.channels] - highest);
        sum += share;
        weighted += share * seen[p * shape.channels];
    }
    sum = warpsSum(sum, at);
    weighted = warpsSum(weighted, at);
    if (at.warp != 0 || at.channel >= shape.features)
        return;
    const std::size_t feature = at.row * shape.features + at.channel;
    const float value = used ? weighted / sum : 0.0F;
    state.features[feature] = value;
    store(out + feature, value);
    if (used) {
        state.highest[at.row * shape.half + at.channel] = highest;
        state.sum[at.row * shape.half + at.channel] = sum;
    }
}

__global__ void attendBackward(AttentionShape shape, const float* values, AttentionState state,
                               const float* byFeatures, float* gradient)
{
    const std::size_t count = shape.rows * shape.positions * shape.channels;
    for (std::size_t i = firstIndex(); i < count; i += indexStride()) {
        const std::size_t channel = i % shape.channels, row = i / shape.channels / shape.positions;
        if (channel >= 2 * shape.half) {
            gradient[i] = 0.0F;
            continue;
        }
        const bool isLogit = channel >= shape.half;
        const std::size_t j = isLogit ? channel - shape.half : channel, first = i - channel;
        const std::size_t feature = row * shape.features + j, softmax = row * shape.half + j;
        const float share =
            expf(values[first + shape.half + j] - state.highest[softmax]) / state.sum[softmax];
        const float bySeen = byFeatures[feature] * share;
        gradient[i] = isLogit ? bySeen * (values[first + j] - state.features[feature]) : bySeen;
    }
}

template <class T>
__global__ void flip(std::size_t in, std::size_t kernel, std::size_t out, const float* from, T* to)
{
    for (std::size_t i = firstIndex(); i < in * kernel * out; i += indexStride()) {
        const std::size_t o = i % out, tap = i / out % kernel, c = i / out / kernel;
        store(to + i, from[(o * kernel + kernel - 1 - tap) * in + c]);
    }
}

} // namespace

void launchNormalise(const ConvShape& shape, const Normalised& normal, cudaStream_t stream)
{
    launch("normalise", normalise, columnGrid(shape.rows, shape.channels), kBlock, stream, shape, normal);
}

void launchSiluPool(const ConvShape& shape, const Normalised& normal, const Spaced& out,
                    std::uint8_t* largest, cudaStream_t stream)
{
    const std::size_t count = (shape.rows * out.stride + out.tail) * shape.channels;
    withType(out.data, [&]<class T>(T* data) {
        launch("siluPool", siluPool<T>, gridFor(count), kBlock, stream, shape, normal, out, data, largest);
    });
}

void launchBlockBackward(const ConvShape& shape, const Normalised& normal, const PooledGradient& pooled,
                         float* sums, const Spaced& gradient, cudaStream_t stream)
{
    launch("normalSums", normalSums, columnGrid(shape.rows, shape.channels), kBlock, stream, shape, normal,
           pooled, sums);
    const std::size_t count = (shape.rows * gradient.stride + gradient.tail) * shape.channels;
    withType(gradient.data, [&]<class T>(T* data) {
        launch("blockBackward", blockBackward<T>, gridFor(count), kBlock, stream, shape, normal, pooled, sums,
               gradient, data);
    });
}

void launchAttend(const AttentionShape& shape, const float* values, const AttentionState& state, Operand out,
                  cudaStream_t stream)
{
    withType(out, [&]<class T>(T* data) {
        launch("attend", attend<T>, columnGrid(shape.rows, shape.features), kBlock, stream, shape, values,
               state, data);
    });
}

void launchAttendBackward(const AttentionShape& shape, const float* values, const AttentionState& state,
                          const float* byFeatures, float* gradient, cudaStream_t stream)
{
    const std::size_t count = shape.rows * shape.positions * shape.channels;
    launch("attendBackward", attendBackward, gridFor(count), kBlock, stream, shape, values, state, byFeatures,
           gradient);
}

void launchFlip(std::size_t in, std::size_t kernel, std::size_t out, const float* from, Operand to,
                cudaStream_t stream)
{
    withType(to, [&]<class T>(T* data) {
        launch("flip", flip<T>, gridFor(in * kernel * out), kBlock, stream, in, kernel, out, from, data);
    });
}

} // namespace voorwerp::nn::cuda

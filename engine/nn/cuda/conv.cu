// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/block.cuh"
#include "nn/cuda/conv.h"
#include "nn/model_config.h"

namespace voorwerp::nn::cuda {

namespace {

constexpr unsigned kWarps = kBlock / kWarp;

/// What a block works on: a row, a warp's width of channels, and positions [begin, end), of which each of its
/// warps takes every kWarps-th. Divisions are of 32 bits, and once a thread: they are slow on a GPU.
struct Part
{
    unsigned row, channel;
    unsigned begin, end;
    unsigned lane, warp;
};

unsigned groupsOf(std::size_t channels)
{
    return static_cast<unsigned>((channels + kWarp - 1) / kWarp);
}

/// segments: of the positions, one a block.
__device__ Part partOf(std::size_t channels, std::size_t positions, unsigned segments)
{
    const unsigned groups = (static_cast<unsigned>(channels) + kWarp - 1) / kWarp;
    const unsigned lane = threadIdx.x % kWarp, block = blockIdx.x / groups;
    const unsigned all = static_cast<unsigned>(positions), length = (all + segments - 1) / segments;
    const unsigned begin = block % segments * length;
    return {block / segments,
            blockIdx.x % groups * kWarp + lane,
            begin,
            begin + length < all ? begin + length : all,
            lane,
            threadIdx.x / kWarp};
}

constexpr std::size_t kSegment = 64; ///< positions a block, where it need not see all of a row

unsigned segmentsOf(std::size_t positions)
{
    return static_cast<unsigned>((positions + kSegment - 1) / kSegment);
}

/// combine() over the block's warps, lane by lane, in a fixed order, in every warp.
template <class Combine> __device__ float warpsReduce(float value, const Part& at, Combine combine)
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

__device__ float warpsSum(float value, const Part& at)
{
    return warpsReduce(value, at, [](float a, float b) { return a + b; });
}

__global__ void normalise(ConvShape shape, Normalised normal)
{
    const Part at = partOf(shape.channels, shape.positions, 1);
    const bool used = at.channel < shape.channels;
    const float* raw = normal.raw + at.row * shape.stride * shape.channels + at.channel;
    const unsigned end = used ? at.end : 0;
    const float share = 1.0F / static_cast<float>(shape.positions);
    float sum = 0.0F;
    for (unsigned p = at.warp; p < end; p += kWarps)
        sum += raw[p * shape.channels];
    const float mean = warpsSum(sum, at) * share;
    float squares = 0.0F;
    for (unsigned p = at.warp; p < end; p += kWarps) {
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

/// One channel of a row.
struct Channel
{
    const float* raw;
    float mean, inverse;
    std::size_t step; ///< from one position to the next

    __device__ float normal(unsigned position) const { return (raw[position * step] - mean) * inverse; }
};

__device__ Channel channelOf(const ConvShape& shape, const Normalised& normal, const Part& at)
{
    const std::size_t column = at.row * shape.channels + at.channel;
    return {normal.raw + at.row * shape.stride * shape.channels + at.channel, normal.mean[column],
            normal.inverse[column], shape.channels};
}

/// Zeros for what lies behind the last row. All threads of the block may call it.
template <class T>
__device__ void clearTail(const ConvShape& shape, const Spaced& spaced, const Part& at, T* data)
{
    const std::size_t begin = shape.rows * spaced.stride;
    if (at.row + 1 == shape.rows && at.begin == 0)
        for (std::size_t p = at.warp; p < spaced.tail; p += kWarps)
            store(data + (begin + p) * shape.channels + at.channel, 0.0F);
}

template <class T>
__global__ void siluPool(ConvShape shape, Normalised normal, Spaced spaced, unsigned segments, T* out,
                         std::uint8_t* largest)
{
    const Part at = partOf(shape.channels, spaced.stride, segments);
    if (at.channel >= shape.channels)
        return;
    const Channel channel = channelOf(shape, normal, at);
    const unsigned pool = static_cast<unsigned>(shape.pool), margin = static_cast<unsigned>(spaced.margin);
    for (unsigned place = at.begin + at.warp; place < at.end; place += kWarps) {
        const bool isWindow = place >= margin && place - margin < shape.pooled;
        const unsigned window = isWindow ? place - margin : 0, begin = window * pool;
        float best = 0.0F;
        unsigned which = 0;
        for (unsigned k = 0; isWindow && k < pool && begin + k < shape.positions; ++k) {
            const float x = channel.normal(begin + k);
            const float value = x * sigmoid(x);
            which = k == 0 || value > best ? k : which;
            best = k == 0 || value > best ? value : best;
        }
        store(out + (at.row * spaced.stride + place) * shape.channels + at.channel, best);
        if (isWindow)
            largest[(at.row * shape.pooled + window) * shape.channels + at.channel] =
                static_cast<std::uint8_t>(which);
    }
    clearTail(shape, spaced, at, out);
}

/// Gradient by the normalised value x at a position.
__device__ float byNormal(const ConvShape& shape, const PooledGradient& pooled, const Part& at, float x,
                          unsigned position)
{
    const unsigned pool = static_cast<unsigned>(shape.pool), window = position / pool;
    if (pooled.largest[(at.row * shape.pooled + window) * shape.channels + at.channel] !=
        position - window * pool)
        return 0.0F;
    const float share = sigmoid(x);
    return share * (1.0F + x * (1.0F - share)) *
           pooled.data[(at.row * pooled.stride + window) * shape.channels + at.channel];
}

/// Over the positions: of the gradient by the normalised values, and of its product with them.
__global__ void normalSums(ConvShape shape, Normalised normal, PooledGradient pooled, float* sums)
{
    const Part at = partOf(shape.channels, shape.positions, 1);
    const bool used = at.channel < shape.channels;
    const Channel channel = used ? channelOf(shape, normal, at) : Channel{};
    const unsigned end = used ? at.end : 0;
    float sum = 0.0F, along = 0.0F;
    for (unsigned p = at.warp; p < end; p += kWarps) {
        const float x = channel.normal(p);
        const float gradient = byNormal(shape, pooled, at, x, p);
        sum += gradient;
        along += gradient * x;
    }
    sum = warpsSum(sum, at);
    along = warpsSum(along, at);
    if (at.warp == 0 && used) {
        float* own = sums + 2 * at.row * shape.channels + at.channel;
        own[0] = sum;
        own[shape.channels] = along;
    }
}

template <class T>
__global__ void blockBackward(ConvShape shape, Normalised normal, PooledGradient pooled, const float* sums,
                              Spaced spaced, unsigned segments, T* gradient)
{
    const Part at = partOf(shape.channels, spaced.stride, segments);
    if (at.channel >= shape.channels)
        return;
    const Channel channel = channelOf(shape, normal, at);
    const float* own = sums + 2 * at.row * shape.channels + at.channel;
    const float share = 1.0F / static_cast<float>(shape.positions);
    const float sum = own[0], along = own[shape.channels];
    const unsigned margin = static_cast<unsigned>(spaced.margin);
    for (unsigned place = at.begin + at.warp; place < at.end; place += kWarps) {
        float value = 0.0F;
        if (place >= margin && place - margin < shape.positions) {
            const float x = channel.normal(place - margin);
            value = channel.inverse *
                    (byNormal(shape, pooled, at, x, place - margin) - share * (sum + x * along));
        }
        store(gradient + (at.row * spaced.stride + place) * shape.channels + at.channel, value);
    }
    clearTail(shape, spaced, at, gradient);
}

template <class T>
__global__ void attend(AttentionShape shape, const float* values, AttentionState state, T* out)
{
    const Part at = partOf(shape.features, shape.positions, 1);
    const bool used = at.channel < shape.half;
    const float* seen = values + at.row * shape.positions * shape.channels + at.channel;
    const float* logit = seen + shape.half;
    const unsigned end = used ? at.end : 0;
    float highest = used ? logit[0] : 0.0F;
    for (unsigned p = at.warp; p < end; p += kWarps)
        highest = fmaxf(highest, logit[p * shape.channels]);
    highest = warpsReduce(highest, at, [](float a, float b) { return fmaxf(a, b); });
    float sum = 0.0F, weighted = 0.0F;
    for (unsigned p = at.warp; p < end; p += kWarps) {
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
                               const float* byFeatures, unsigned segments, float* gradient)
{
    const Part at = partOf(shape.channels, shape.positions, segments);
    if (at.channel >= shape.channels)
        return;
    const bool used = at.channel < 2 * shape.half, isLogit = at.channel >= shape.half;
    const std::size_t j = !used ? 0 : (isLogit ? at.channel - shape.half : at.channel);
    const std::size_t feature = at.row * shape.features + j, softmax = at.row * shape.half + j;
    const float highest = state.highest[softmax], sum = state.sum[softmax];
    const float by = byFeatures[feature], mean = state.features[feature];
    for (unsigned p = at.begin + at.warp; p < at.end; p += kWarps) {
        const std::size_t first = (at.row * shape.positions + p) * shape.channels;
        const float bySeen = by * expf(values[first + shape.half + j] - highest) / sum;
        const float value = isLogit ? bySeen * (values[first + j] - mean) : bySeen;
        gradient[first + at.channel] = used ? value : 0.0F;
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
    launch("normalise", normalise, shape.rows * groupsOf(shape.channels), kBlock, stream, shape, normal);
}

void launchSiluPool(const ConvShape& shape, const Normalised& normal, const Spaced& out,
                    std::uint8_t* largest, cudaStream_t stream)
{
    const unsigned segments = segmentsOf(out.stride);
    withType(out.data, [&]<class T>(T* data) {
        launch("siluPool", siluPool<T>, shape.rows * segments * groupsOf(shape.channels), kBlock, stream,
               shape, normal, out, segments, data, largest);
    });
}

void launchBlockBackward(const ConvShape& shape, const Normalised& normal, const PooledGradient& pooled,
                         float* sums, const Spaced& gradient, cudaStream_t stream)
{
    const std::size_t groups = groupsOf(shape.channels);
    launch("normalSums", normalSums, shape.rows * groups, kBlock, stream, shape, normal, pooled, sums);
    const unsigned segments = segmentsOf(gradient.stride);
    withType(gradient.data, [&]<class T>(T* data) {
        launch("blockBackward", blockBackward<T>, shape.rows * segments * groups, kBlock, stream, shape,
               normal, pooled, sums, gradient, segments, data);
    });
}

void launchAttend(const AttentionShape& shape, const float* values, const AttentionState& state, Operand out,
                  cudaStream_t stream)
{
    withType(out, [&]<class T>(T* data) {
        launch("attend", attend<T>, shape.rows * groupsOf(shape.features), kBlock, stream, shape, values,
               state, data);
    });
}

void launchAttendBackward(const AttentionShape& shape, const float* values, const AttentionState& state,
                          const float* byFeatures, float* gradient, cudaStream_t stream)
{
    const unsigned segments = segmentsOf(shape.positions);
    launch("attendBackward", attendBackward, shape.rows * segments * groupsOf(shape.channels), kBlock, stream,
           shape, values, state, byFeatures, segments, gradient);
}

void launchFlip(std::size_t in, std::size_t kernel, std::size_t out, const float* from, Operand to,
                cudaStream_t stream)
{
    withType(to, [&]<class T>(T* data) {
        launch("flip", flip<T>, gridFor(in * kernel * out), kBlock, stream, in, kernel, out, from, data);
    });
}

} // namespace voorwerp::nn::cuda

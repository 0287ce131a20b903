// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/augmentation.h"
#include "nn/cuda/block.cuh"
#include "nn/cuda/input.h"

namespace voorwerp::nn::cuda {

namespace {

__global__ void setNumbers(StepNumbers numbers, StepNumbers* to)
{
    if (threadIdx.x == 0)
        *to = numbers;
}

/// What the encoder is shown of a row, and with how much noise.
struct View
{
    PixelRange kept;
    float deviation = 0.0F; ///< of a noisy pixel
};

/// As augmentRow() has it. All threads of the block must call it.
__device__ View augmentedView(const StepNumbers* numbers, std::size_t pixels, std::size_t row,
                              const float* flux, const float* weight)
{
    unsigned long long begin = pixels, end = 0;
    float largest = 0.0F;
    for (std::size_t i = threadIdx.x; i < pixels; i += blockDim.x)
        if (weight[i] > 0.0F) {
            begin = i < begin ? i : begin;
            end = i + 1 > end ? i + 1 : end;
            largest = fmaxf(largest, flux[i]);
        }
    const auto smaller = [](auto a, auto b) { return a < b ? a : b; };
    const auto larger = [](auto a, auto b) { return a < b ? b : a; };
    begin = blockReduce(begin, smaller);
    end = blockReduce(end, larger);
    largest = blockReduce(largest, larger);
    const Augmentation& how = numbers->augmentation;
    return {
        shiftedRange({begin, end}, how.shift, numbers->seed, numbers->step, static_cast<std::uint32_t>(row)),
        how.noiseLevel * largest};
}

__device__ float noiseOf(const StepNumbers* numbers, std::size_t row, std::size_t pixel)
{
    const float share = numbers->augmentation.noiseShare;
    return share > 0.0F ? pixelNoise(share, numbers->seed, numbers->step, static_cast<std::uint32_t>(row),
                                     static_cast<std::uint32_t>(pixel))
                        : 0.0F;
}

/// The pixel whose value or coverage is an element of a row; none where it is not below the pixels.
/// (Divisions of 64 bits are slow on a GPU.)
__device__ unsigned pixelOf(const InputShape& shape, unsigned element, std::size_t first)
{
    const unsigned behind = element - static_cast<unsigned>(first), step = static_cast<unsigned>(shape.step);
    const bool there = element >= first && behind % step == 0;
    return there ? behind / step : static_cast<unsigned>(shape.pixels);
}

template <class T>
__global__ void prepareInput(InputShape shape, const StepNumbers* numbers, const float* mean, float clip,
                             T* input, float* inverseCount)
{
    const std::size_t row = blockIdx.x % shape.rows, pixels = shape.pixels;
    const float* flux = numbers->flux + row * pixels;
    const float* weight = numbers->weight + row * pixels;
    const bool changed = shape.encoded > shape.rows ? blockIdx.x >= shape.rows : shape.augmented;
    const View view = changed ? augmentedView(numbers, pixels, row, flux, weight) : View{{0, pixels}, 0.0F};
    const auto isShown = [&](std::size_t i) {
        return weight[i] > 0.0F && i >= view.kept.begin && i < view.kept.end;
    };
    T* out = input + blockIdx.x * shape.stride;
    int seen = 0;
    for (unsigned element = threadIdx.x; element < shape.stride; element += blockDim.x) {
        float written = 0.0F;
        unsigned i = pixelOf(shape, element, shape.first);
        if (i < pixels && isShown(i)) {
            const float noise = changed ? view.deviation * noiseOf(numbers, row, i) : 0.0F;
            const float value = flux[i] + noise - mean[i];
            written = value > clip ? clip : (value < -clip ? -clip : value);
        } else if (i >= pixels) {
            i = pixelOf(shape, element, shape.first + shape.coverage);
            written = i < pixels && isShown(i) ? 1.0F : 0.0F;
            seen += i < pixels && weight[i] > 0.0F ? 1 : 0;
        }
        store(out + element, written);
    }
    for (std::size_t i = threadIdx.x; i < shape.tail && blockIdx.x + 1 == shape.encoded; i += blockDim.x)
        store(out + shape.stride + i, 0.0F);
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/cuda/row_kernels.h"

#include "core/rank_selection.h"
#include "dataset/pixel_math.h"
#include "nn/cuda/block.cuh"

#include <limits>

namespace voorwerp::dataset::cuda {

namespace {

using core::orderedBits;
using nn::cuda::blockSum;
using nn::cuda::kBlock;

constexpr std::size_t kObserved = core::DesiGrid::kPixels;
constexpr std::size_t kGuardBlocks = (kObserved + kGuardBlock - 1) / kGuardBlock;
constexpr std::uint32_t kNoData = 0xFFFFFFFFU; ///< behind the ordered bits of all floats

/// What would stand at a rank among numbers of which so many lie below a bound.
template <class CountBelow> __device__ std::uint32_t numberOfRank(std::uint32_t rank, CountBelow countBelow)
{
    std::uint32_t number = 0;
    for (std::uint32_t bit = 0x80000000U; bit != 0; bit >>= 1U)
        if (countBelow(number | bit) <= rank)
            number |= bit;
    return number;
}

/// Median of count floats that orderedOf gives the ordered bits of, kNoData where there is none. All threads
/// of the block must call it.
template <class OrderedOf> __device__ DeviceMedian medianOfBlock(std::size_t count, OrderedOf orderedOf)
{
    const auto countBelow = [&](std::uint32_t bound) {
        std::uint32_t below = 0;
        for (std::size_t i = threadIdx.x; i < count; i += blockDim.x)
            below += orderedOf(i) < bound ? 1 : 0;
        return blockSum(below);
    };
    const std::uint32_t used = countBelow(kNoData);
    if (used == 0)
        return {0.0F, 0};
    return {core::floatOfOrderedBits(numberOfRank(used / 2, countBelow)), used};
}

/// What ivar must not be below in a block of the guard. 0 where no pixel of it can be: no median is above the
/// largest value, and so it is nearly everywhere.
__device__ float guardLimit(const RecipeOnDevice& recipe, const float* ivar, std::size_t block)
{
    const std::size_t begin = block * kGuardBlock;
    const GuardRange around = guardRange(begin, recipe.guardHalfWidth);
    float least = std::numeric_limits<float>::max(), largest = 0.0F;
    for (std::size_t i = begin; i < begin + kGuardBlock && i < kObserved; ++i)
        least = ivar[i] > 0.0F && ivar[i] < least ? ivar[i] : least;
    std::uint32_t positive = 0;
    for (std::size_t i = around.first; i < around.last; i += kGuardStep) {
        positive += ivar[i] > 0.0F ? 1 : 0;
        largest = ivar[i] > largest ? ivar[i] : largest;
    }
    if (!(least < recipe.guardFraction * largest))
        return 0.0F;
    const std::uint32_t median = numberOfRank(positive / 2, [&](std::uint32_t bound) {
        std::uint32_t below = 0;
        for (std::size_t i = around.first; i < around.last; i += kGuardStep)
            below += ivar[i] > 0.0F && orderedBits(ivar[i]) < bound ? 1 : 0;
        return below;
    });
    return recipe.guardFraction * core::floatOfOrderedBits(median);
}

__global__ void selectRows(RecipeOnDevice recipe, RowArrays arrays)
{
    __shared__ float limits[kGuardBlocks];
    float* flux = arrays.observedFlux + blockIdx.x * kObserved;
    float* ivar = arrays.observedIvar + blockIdx.x * kObserved;
    for (std::size_t i = threadIdx.x; i < kObserved; i += blockDim.x)
        ivar[i] = isUsable(flux[i], ivar[i], recipe.leastIvar[i]) ? ivar[i] : 0.0F;
    __syncthreads();
    for (std::size_t block = threadIdx.x; block < kGuardBlocks; block += blockDim.x)
        limits[block] = recipe.guardFraction > 0.0F ? guardLimit(recipe, ivar, block) : 0.0F;
    __syncthreads();
    const float exponent = arrays.plans[blockIdx.x].dustExponent;
    for (std::size_t i = threadIdx.x; i < kObserved; i += blockDim.x) {
        const float usable = ivar[i] < limits[i / kGuardBlock] ? 0.0F : ivar[i];
        const float factor = exponential(exponent * recipe.extinction[i]);
        flux[i] = usable > 0.0F ? flux[i] * factor : 0.0F;
        ivar[i] = usable / (factor * factor);
    }
}

__global__ void takeMedians(RowArrays arrays)
{
    const std::size_t row = blockIdx.x / kMostWindows, window = blockIdx.x % kMostWindows;
    const std::size_t begin = row * kObserved + arrays.plans[row].windowBegin[window];
    const float* flux = arrays.observedFlux + begin;
    const float* ivar = arrays.observedIvar + begin;
    const DeviceMedian median = medianOfBlock(arrays.plans[row].windowCount[window], [=](std::size_t i) {
        return ivar[i] > 0.0F ? orderedBits(flux[i]) : kNoData;
    });
    if (threadIdx.x == 0)
        arrays.facts[row].windows[window] = median;
}

/// Sums of an output pixel, from the first input pixel to the last.
struct PixelSums
{
    double weight = 0.0, flux = 0.0;

    __device__ void add(double weightHere, float fluxHere)
    {
        weight += weightHere;
        flux += weightHere * fluxHere;
    }
};

/// The output pixel between two positions in the input, as dataset/rebin.cpp has it.
__device__ PixelSums sumsBetween(double lower, double upper, const float* flux, const float* ivar)
{
    PixelSums sums;
    if (!(lower < kObserved))
        return sums;
    const auto first = static_cast<std::size_t>(lower);
    std::size_t last = static_cast<std::size_t>(upper);
    last = last > first ? last : first + 1;
    const auto firstEnd = static_cast<double>(first + 1);
    sums.add(((upper < firstEnd ? upper : firstEnd) - lower) * ivar[first], flux[first]);
    for (std::size_t i = first + 1; i < last; ++i)
        sums.add(ivar[i], flux[i]);
    const double lastPart = upper - static_cast<double>(last);
    if (lastPart > 0.0)
        sums.add(lastPart * ivar[last], flux[last]);
    return sums;
}

__global__ void rebinRows(RecipeOnDevice recipe, RowArrays arrays)
{
    const std::size_t row = blockIdx.x, to = row * recipe.pixels;
    const double z = arrays.plans[row].z;
    std::uint32_t good = 0;
    for (std::size_t i = threadIdx.x; i < recipe.pixels; i += blockDim.x) {
        const PixelSums sums =
            sumsBetween(edgePosition(recipe.restEdges[i], z, kObserved),
                        edgePosition(recipe.restEdges[i + 1], z, kObserved),
                        arrays.observedFlux + row * kObserved, arrays.observedIvar + row * kObserved);
        const bool hasData = sums.weight > 0.0;
        const float weight = hasData ? static_cast<float>(sums.weight) : 0.0F;
        arrays.restWeight[to + i] = weight;
        arrays.restFlux[to + i] = hasData ? static_cast<float>(sums.flux / sums.weight) : 0.0F;
        good += weight > 0.0F ? 1 : 0;
    }
    good = blockSum(good);
    if (threadIdx.x == 0)
        arrays.facts[row].good = good;
}

/// sums[i] = values[0] + … + values[i − 1], added one after the other as the CPU does, by one thread: the
/// same bits are worth more than the microseconds. All threads of the block must call it.
__device__ void sumUp(std::size_t count, const float* values, double* sums)
{
    __shared__ double tile[kBlock];
    double sum = 0.0;
    for (std::size_t first = 0; first < count; first += kBlock) {
        const std::size_t i = first + threadIdx.x;
        tile[threadIdx.x] = i < count ? values[i] : 0.0;
        __syncthreads();
        if (threadIdx.x == 0)
            for (unsigned k = 0; k < kBlock; ++k)
                tile[k] = sum += tile[k];
        __syncthreads();
        if (i < count)
            sums[i + 1] = tile[threadIdx.x];
        __syncthreads();
    }
    if (threadIdx.x == 0)
        sums[0] = 0.0;
    __syncthreads();
}

/// Weight of a pixel of the result: normalised, and with the error of the model, a share of the mean flux
/// around.
__device__ float finalWeight(std::size_t i, const RecipeOnDevice& recipe, const float* weight, float scale2,
                             const double* sums)
{
    const float plain = weight[i] * scale2;
    if (!(recipe.modelErrorFloor > 0.0))
        return plain;
    const std::size_t begin = i > kFloorHalfWidth ? i - kFloorHalfWidth : 0;
    const std::size_t end = i + kFloorHalfWidth < recipe.pixels ? i + kFloorHalfWidth + 1 : recipe.pixels;
    double count = 0.0;
    for (std::size_t k = begin; k < end; ++k)
        count += weight[k] * scale2 > 0.0F ? 1.0 : 0.0;
    return withErrorAdded(plain, recipe.modelErrorFloor * (sums[end] - sums[begin]) / count);
}

__global__ void finishRows(RecipeOnDevice recipe, RowArrays arrays)
{
    const std::size_t row = blockIdx.x, from = row * recipe.pixels;
    const float scale = arrays.scales[row];
    if (scale == 0.0F)
        return;
    float* flux = arrays.flux + from;
    float* weight = arrays.weight + from;
    double* sums = arrays.sums + row * (recipe.pixels + 1);
    for (std::size_t i = threadIdx.x; i < recipe.pixels; i += blockDim.x)
        flux[i] = arrays.restFlux[from + i] / scale;
    __syncthreads();
    if (recipe.modelErrorFloor > 0.0)
        sumUp(recipe.pixels, flux, sums);
    for (std::size_t i = threadIdx.x; i < recipe.pixels; i += blockDim.x)
        weight[i] = finalWeight(i, recipe, arrays.restWeight + from, scale * scale, sums);
    __syncthreads();
    const DeviceMedian snr = medianOfBlock(recipe.pixels, [=](std::size_t i) {
        return weight[i] > 0.0F ? orderedBits(flux[i] * sqrtf(weight[i])) : kNoData;
    });
    if (threadIdx.x == 0)
        arrays.snr[row] = snr.value;
}

} // namespace

void launchSelect(const RecipeOnDevice& recipe, const RowArrays& arrays, cudaStream_t stream)
{
    nn::cuda::launch("selectRows", selectRows, arrays.rows, kBlock, stream, recipe, arrays);
}

void launchMedians(const RowArrays& arrays, cudaStream_t stream)
{
    nn::cuda::launch("takeMedians", takeMedians, arrays.rows * kMostWindows, kBlock, stream, arrays);
}

void launchRebin(const RecipeOnDevice& recipe, const RowArrays& arrays, cudaStream_t stream)
{
    nn::cuda::launch("rebinRows", rebinRows, arrays.rows, kBlock, stream, recipe, arrays);
}

void launchFinish(const RecipeOnDevice& recipe, const RowArrays& arrays, cudaStream_t stream)
{
    nn::cuda::launch("finishRows", finishRows, arrays.rows, kBlock, stream, recipe, arrays);
}

} // namespace voorwerp::dataset::cuda

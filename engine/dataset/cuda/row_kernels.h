// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The steps of Preprocessor::apply() for many rows on a device, a block of threads for each. All pointers are
// to the device's memory; arrays are row-major.

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace voorwerp::dataset::cuda {

constexpr std::size_t kMostWindows = 2; ///< that normalise a row

/// What all rows share.
struct RecipeOnDevice
{
    const float* leastIvar = nullptr;  ///< on DesiGrid, as extinction
    const float* extinction = nullptr; ///< A(λ)/E(B−V)
    const double* restEdges = nullptr; ///< (pixels + 1) [Å]
    std::size_t pixels = 0;            ///< of the rest-frame grid
    std::size_t guardHalfWidth = 0;    ///< observed pixels
    float guardFraction = 0.0F;        ///< 0 = off
    double modelErrorFloor = 0.0;      ///< 0 = off
};

/// What is to be done with a row.
struct RowPlan
{
    double z = 0.0;
    float dustExponent = 0.0F;
    std::uint32_t windowBegin[kMostWindows] = {}, windowCount[kMostWindows] = {}; ///< observed pixels
};

struct DeviceMedian
{
    float value;
    std::uint32_t count; ///< values that it is the median of
};

/// What decides whether a row is rejected, and its normalisation.
struct RowFacts
{
    DeviceMedian windows[kMostWindows];
    std::uint32_t good; ///< rest-frame pixels with data
};

/// The rows that are worked on together.
struct RowArrays
{
    std::size_t rows = 0;
    const RowPlan* plans = nullptr;
    RowFacts* facts = nullptr;
    /// (rows, DesiGrid::kPixels): as observed, with ivar NaN where masked; from the first step on dereddened,
    /// and 0 where they are not usable.
    float *observedFlux = nullptr, *observedIvar = nullptr;
    float *restFlux = nullptr, *restWeight = nullptr; ///< (rows, pixels), not normalised
    const float* scales = nullptr;                    ///< normalisation of each row; 0: it is rejected
    double* sums = nullptr;                           ///< (rows, pixels + 1), of the normalised flux before
    float *flux = nullptr, *weight = nullptr;         ///< (rows, pixels): the result, not for rejected ones
    float* snr = nullptr;
};

/// Usable ivar and dereddening.
void launchSelect(const RecipeOnDevice& recipe, const RowArrays& arrays, cudaStream_t stream);
/// Medians in the windows.
void launchMedians(const RowArrays& arrays, cudaStream_t stream);
/// Rebinning, and how many pixels have data.
void launchRebin(const RecipeOnDevice& recipe, const RowArrays& arrays, cudaStream_t stream);
/// Normalisation by the scales, model-error floor, median S/N.
void launchFinish(const RecipeOnDevice& recipe, const RowArrays& arrays, cudaStream_t stream);

} // namespace voorwerp::dataset::cuda

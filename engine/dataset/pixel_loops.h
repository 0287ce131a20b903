// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The loops of the preprocessing over all pixels, each compiled for several instruction sets; the best that
// the CPU has is taken at run time. All give the same bits: nothing is reordered or fused (CMakeLists.txt),
// so that a training set does not depend on the machine that built it.

#include <cstddef>
#include <cstdint>

namespace voorwerp::dataset {

/// usable = ivar where nothing is wrong: no bit in mask, flux and ivar finite, ivar > least; 0 elsewhere.
void selectUsable(std::size_t count, const float* flux, const float* ivar, const std::uint32_t* mask,
                  const float* least, float* usable);

/// out = ivar where it is above 0, the largest float elsewhere.
void largestWhereNone(std::size_t count, const float* ivar, float* out);

/// out = core::orderedBits() of values where weight is above 0, behind all of them elsewhere. Returns
/// how many have data.
std::uint32_t orderWhereData(std::size_t count, const float* values, const float* weight, std::uint32_t* out);

/// snr = flux·sqrt(weight)
void signalToNoise(std::size_t count, const float* flux, const float* weight, float* snr);

/// out = exp(scale·values), by exponential() of pixel_math.h.
void exponentials(std::size_t count, float scale, const float* values, float* out);

/// out = flux·factor where ivar > 0, else 0; ivar /= factor².
void scaleFlux(std::size_t count, const float* flux, const float* factor, float* ivar, float* out);

/// Positions of rest-frame edges [Å] in input pixels of DesiGrid, where pixel i covers [i, i + 1), within
/// 0..end; and the pixels they are in.
void edgePositions(std::size_t count, const double* restEdges, double z, double end, double* positions,
                   int* pixels);

/// weight = 1/(1/weight + error²) where it is above 0, with error = floor·(mean of the flux around).
/// sums and counts: running sums of flux and of pixels with data, one more than pixels, with `half` values
/// more at either end.
void addErrorInQuadrature(std::size_t count, std::size_t half, double floor, const double* sums,
                          const double* counts, float* weight);

} // namespace voorwerp::dataset

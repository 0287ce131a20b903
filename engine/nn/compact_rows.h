// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Rows of spectra in three bytes a pixel instead of eight, for training sets larger than the memory: flux as
// IEEE half, weight as one byte. Coding and decoding are the same on every CPU and GPU, to the bit.
//
// Flux: nearest half (even on a tie), relative error up to 2^-11 from 2^-14 on, absolute 2^-25 below.
// Weight: code 0 is exactly "no data"; code c = 8·e + m stands for 2^(e − 12)·(1 + m/8), from 2.7e-4 (code 1)
// to 9.8e5 (code 255): the nearest in steps of an eighth of the octave, relative error up to 1/17 (3 % of a
// σ). Over the pixels of a spectrum these average out: its reduced χ² changes by 0.3 % (rms; README.md of
// dataset).
// What does not fit errs on the safe side. Above the largest weight: the largest. Below half of the step
// under the smallest (noise above 62 times the normalisation): no data. Flux beyond half's 65,504 or not
// finite: no data.

#include "nn/philox.h" // VOORWERP_NN_HOST_DEVICE

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace voorwerp::nn {

/// Row-major (rows, pixels), not owned.
struct CompactRows
{
    std::size_t rows = 0;
    std::size_t pixels = 0;
    const std::uint16_t* flux = nullptr;  ///< bits of IEEE half; 0 where weight is 0
    const std::uint8_t* weight = nullptr; ///< codes of inverse variance; 0 = no data
};

struct CompactPixel
{
    std::uint16_t flux = 0;
    std::uint8_t weight = 0;
};

VOORWERP_NN_HOST_DEVICE inline std::uint32_t bitsOfFloat(float value)
{
    std::uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

VOORWERP_NN_HOST_DEVICE inline float floatOfBits(std::uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Exact for every half, subnormal, infinite and NaN too. No branch. (Needs subnormal floats: not with
/// flush-to-zero.)
VOORWERP_NN_HOST_DEVICE inline float floatOfHalf(std::uint16_t half)
{
    const std::uint32_t bits = half;
    // The exponent in half's bias, put right by a multiplication: it normalises subnormals by the way.
    const float size = floatOfBits((bits & 0x7FFFU) << 13U) * 0x1p112F;
    const std::uint32_t notFinite = (bits & 0x7C00U) == 0x7C00U ? 0x7F800000U : 0U;
    return floatOfBits(bitsOfFloat(size) | notFinite | (bits & 0x8000U) << 16U);
}

/// The nearest half, even on a tie; infinite from 65,520 on, NaN stays NaN.
VOORWERP_NN_HOST_DEVICE inline std::uint16_t halfOfFloat(float value)
{
    const std::uint32_t bits = bitsOfFloat(value), size = bits & 0x7FFFFFFFU;
    const std::uint32_t notFinite = size > 0x7F800000U ? 0x7E00U : 0x7C00U;
    // Below 2^-14 a half is a whole multiple of 2^-24, the step of floats in [1/2, 1): the sum rounds to it.
    const std::uint32_t subnormal = bitsOfFloat(floatOfBits(size) + 0.5F) - 0x3F000000U;
    const std::uint32_t normal = (size - 0x38000000U + 0xFFFU + (size >> 13U & 1U)) >> 13U;
    const std::uint32_t half = size >= 0x47800000U ? notFinite : size < 0x38800000U ? subnormal : normal;
    return static_cast<std::uint16_t>(half | (bits >> 16U & 0x8000U));
}

constexpr std::uint32_t kWeightCodeShift = 20;                 ///< float's bits to an eighth of an octave
constexpr std::uint32_t kWeightCodeOrigin = (127U - 12U) << 3; ///< code 0 would be 2^-12

VOORWERP_NN_HOST_DEVICE inline float weightOfCode(std::uint8_t code)
{
    const std::uint32_t bits = (code + kWeightCodeOrigin) << kWeightCodeShift;
    return floatOfBits(code != 0 ? bits : 0U);
}

/// 0 for what is not above 0 or is NaN.
VOORWERP_NN_HOST_DEVICE inline std::uint8_t codeOfWeight(float weight)
{
    constexpr float kLeast = 0x1.1p-12F; // half a step below code 1
    const std::uint32_t rounded = (bitsOfFloat(weight) + (1U << (kWeightCodeShift - 1))) >> kWeightCodeShift;
    const std::uint32_t code = rounded - kWeightCodeOrigin;
    return static_cast<std::uint8_t>(weight >= kLeast ? (code < 255U ? code : 255U) : 0U);
}

VOORWERP_NN_HOST_DEVICE inline CompactPixel compactPixel(float flux, float weight)
{
    const std::uint16_t half = halfOfFloat(flux);
    const std::uint8_t code = codeOfWeight(weight);
    const bool good = (half & 0x7FFFU) < 0x7C00U && code != 0;
    return {good ? half : std::uint16_t{0}, good ? code : std::uint8_t{0}};
}

/// Flux and weight, each (rows, pixels), as a float training set would hold them.
inline void decodeRows(const CompactRows& compact, float* flux, float* weight)
{
    const std::size_t count = compact.rows * compact.pixels;
    for (std::size_t i = 0; i < count; ++i)
        flux[i] = floatOfHalf(compact.flux[i]);
    for (std::size_t i = 0; i < count; ++i)
        weight[i] = weightOfCode(compact.weight[i]);
}

} // namespace voorwerp::nn

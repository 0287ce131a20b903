// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Philox4x32-10, the counter-based random number generator of Salmon, Moraes, Dror & Shaw, "Parallel random
// numbers: as easy as 1, 2, 3" (SC 2011). A number depends on its key and counter alone, so it is the same on
// whatever thread or device computes it. Checked against the known answers of the authors' Random123.

#include <cmath>
#include <cstdint>

#ifdef __CUDACC__
#define VOORWERP_NN_HOST_DEVICE __host__ __device__
#else
#define VOORWERP_NN_HOST_DEVICE
#endif

namespace voorwerp::nn {

struct PhiloxBlock
{
    std::uint32_t word[4];
};

VOORWERP_NN_HOST_DEVICE inline PhiloxBlock philox4x32(PhiloxBlock counter, std::uint32_t key0,
                                                      std::uint32_t key1)
{
    constexpr std::uint64_t kMultiplier0 = 0xD2511F53U;
    constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57U;
    constexpr std::uint32_t kWeyl0 = 0x9E3779B9U;
    constexpr std::uint32_t kWeyl1 = 0xBB67AE85U;
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product0 = kMultiplier0 * counter.word[0];
        const std::uint64_t product1 = kMultiplier1 * counter.word[2];
        counter = {{static_cast<std::uint32_t>(product1 >> 32U) ^ counter.word[1] ^ key0,
                    static_cast<std::uint32_t>(product1),
                    static_cast<std::uint32_t>(product0 >> 32U) ^ counter.word[3] ^ key1,
                    static_cast<std::uint32_t>(product0)}};
        key0 += kWeyl0;
        key1 += kWeyl1;
    }
    return counter;
}

/// What the numbers are for: streams that never overlap.
enum class NoiseStream : std::uint32_t { Latent = 0, Parameters = 1, Order = 2, Augmentation = 3 };

/// 128 random bits of (seed, stream, step, row, block). step must be below 2^56.
VOORWERP_NN_HOST_DEVICE inline PhiloxBlock
randomBits(std::uint64_t seed, NoiseStream stream, std::uint64_t step, std::uint32_t row, std::uint32_t block)
{
    const PhiloxBlock counter{
        {block, row, static_cast<std::uint32_t>(step),
         static_cast<std::uint32_t>(step >> 32U) | (static_cast<std::uint32_t>(stream) << 24U)}};
    return philox4x32(counter, static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U));
}

/// Four standard normal deviates (Box & Muller 1958) of them. |values| < 5.9.
VOORWERP_NN_HOST_DEVICE inline void normals4(std::uint64_t seed, NoiseStream stream, std::uint64_t step,
                                             std::uint32_t row, std::uint32_t block, float out[4])
{
    const PhiloxBlock bits = randomBits(seed, stream, step, row, block);
    constexpr float kScale = 1.0F / 16777216.0F; // 2^-24
    constexpr float kTwoPi = 6.28318530717958647692F;
    for (int pair = 0; pair < 4; pair += 2) {
        const float u = (static_cast<float>(bits.word[pair] >> 8U) + 0.5F) * kScale;
        const float v = static_cast<float>(bits.word[pair + 1] >> 8U) * kScale;
        const float radius = sqrtf(-2.0F * logf(u));
        out[pair] = radius * cosf(kTwoPi * v);
        out[pair + 1] = radius * sinf(kTwoPi * v);
    }
}

} // namespace voorwerp::nn

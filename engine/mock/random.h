// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Random numbers that are the same on every machine and do not depend on the order in which targets are made:
// each target has its own stream. xoshiro256** (Blackman & Vigna 2021, ACM TOMS 47, 36), seeded by
// SplitMix64.

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace voorwerp::mock {

class Random
{
public:
    Random(std::uint64_t seed, std::uint64_t stream)
    {
        std::uint64_t state =
            seed * 0x9E3779B97F4A7C15ULL ^ (stream + 0x632BE59BD9B4E019ULL) * 0xD1342543DE82EF95ULL;
        for (std::uint64_t& word : m_state) {
            state += 0x9E3779B97F4A7C15ULL;
            std::uint64_t mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9ULL;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
            word = mixed ^ (mixed >> 31);
        }
    }

    std::uint64_t bits()
    {
        const std::uint64_t result = std::rotl(m_state[1] * 5, 7) * 9;
        const std::uint64_t shifted = m_state[1] << 17;
        m_state[2] ^= m_state[0];
        m_state[3] ^= m_state[1];
        m_state[1] ^= m_state[2];
        m_state[0] ^= m_state[3];
        m_state[2] ^= shifted;
        m_state[3] = std::rotl(m_state[3], 45);
        return result;
    }

    /// In [0, 1).
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    /// In [0, count).
    std::size_t index(std::size_t count)
    {
        return static_cast<std::size_t>(uniform() * static_cast<double>(count));
    }
    bool chance(double probability) { return uniform() < probability; }

    /// Mean 0, standard deviation 1 (Box-Muller; the second value of a pair is kept).
    double normal()
    {
        if (m_hasSpare) {
            m_hasSpare = false;
            return m_spare;
        }
        const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
        const double angle = 2.0 * std::numbers::pi * uniform();
        m_spare = radius * std::sin(angle);
        m_hasSpare = true;
        return radius * std::cos(angle);
    }
    double normal(double mean, double sigma) { return mean + sigma * normal(); }

private:
    std::array<std::uint64_t, 4> m_state{};
    double m_spare = 0.0;
    bool m_hasSpare = false;
};

} // namespace voorwerp::mock

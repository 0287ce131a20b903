// SPDX-License-Identifier: GPL-3.0-or-later
// The matrix product of every instruction set against sums in double precision.
#include "nn/cpu/kernels.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

using namespace voorwerp::nn;

namespace {

std::vector<float> numbers(std::size_t count, std::uint32_t state)
{
    std::vector<float> made(count);
    for (float& value : made) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<float>(state >> 8U) / 8388608.0F - 1.0F;
    }
    return made;
}

/// Element (row, column) of op(A)·op(B).
double exact(const Gemm<float>& g, std::size_t row, std::size_t column)
{
    double sum = 0.0;
    for (std::size_t k = 0; k < g.k; ++k)
        sum += static_cast<double>(g.a[g.transposeA ? k * g.strideA + row : row * g.strideA + k]) *
               static_cast<double>(g.b[g.transposeB ? column * g.strideB + k : k * g.strideB + column]);
    return sum;
}

} // namespace

TEST_CASE("A product is added to what is there, or takes its place, whatever the strides and transpositions")
{
    constexpr std::size_t kM = 37, kN = 45, kK = 71, kStride = 90;
    const std::vector<float> a = numbers(kK * kStride, 1), b = numbers(kK * kStride, 2),
                             before = numbers(kM * kStride, 3);
    for (const KernelSet* set : usableKernelSets())
        for (const int form : {0, 1, 2, 4, 5, 6}) {
            INFO(set->name << ", form " << form);
            std::vector<float> c = before;
            const bool accumulate = form >= 4;
            const Gemm<float> g{form % 4 == 1, form % 4 == 2, kM,      kN,       kK,      a.data(),
                                kStride,       b.data(),      kStride, c.data(), kStride, accumulate};
            set->fp32.gemm(g);
            double worst = 0.0;
            bool untouched = true;
            for (std::size_t i = 0; i < c.size(); ++i) {
                const std::size_t row = i / kStride, column = i % kStride;
                const double old = static_cast<double>(before[i]);
                if (column < kN)
                    worst = std::max(worst, std::abs(static_cast<double>(c[i]) - exact(g, row, column) -
                                                     (accumulate ? old : 0.0)));
                else
                    untouched = untouched && c[i] == before[i];
            }
            CHECK(worst < 1e-5);
            CHECK(untouched);
        }
}

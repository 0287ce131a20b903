// SPDX-License-Identifier: GPL-3.0-or-later
// The matrix product of every instruction set and precision against sums in double precision.
#include "nn/cpu/kernels.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
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

constexpr std::size_t kRows = 65, kColumns = 70;

/// Root mean square of |C − AB|/Σ|a||b| over a product of kRows rows and kColumns columns.
double errorOf(const KernelSet& set, Precision precision, const std::vector<float>& a,
               const std::vector<float>& b)
{
    const std::size_t depth = a.size() / kRows;
    std::vector<float> c(kRows * kColumns), sizeA(a.size()), sizeB(b.size());
    std::transform(a.begin(), a.end(), sizeA.begin(), [](float x) { return std::abs(x); });
    std::transform(b.begin(), b.end(), sizeB.begin(), [](float x) { return std::abs(x); });
    Gemm<float> g{false,    false,    kRows,    kColumns, depth, a.data(), depth,
                  b.data(), kColumns, c.data(), kColumns, false, precision};
    set.fp32.gemm(g);
    double sum = 0.0;
    for (std::size_t i = 0; i < c.size(); ++i) {
        const double want = exact(g, i / kColumns, i % kColumns);
        Gemm<float> sizes = g;
        sizes.a = sizeA.data();
        sizes.b = sizeB.data();
        const double error = (static_cast<double>(c[i]) - want) / exact(sizes, i / kColumns, i % kColumns);
        sum += error * error;
    }
    return std::sqrt(sum / static_cast<double>(c.size()));
}

/// By the bits, ties to even.
float bfloat16(float value)
{
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const std::uint32_t low = bits & 0xFFFFU;
    bits &= 0xFFFF0000U;
    if (low > 0x8000U || (low == 0x8000U && (bits & 0x10000U) != 0))
        bits += 0x10000U;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

struct Data
{
    std::string name;
    std::vector<float> a, b;
};

std::vector<Data> kindsOfData()
{
    constexpr std::size_t kDepth = 1100;
    const Data plain{"well-scaled", numbers(kRows * kDepth, 1), numbers(kColumns * kDepth, 2)};
    std::vector<Data> all{plain, plain, plain, plain, plain, plain};
    all[1].name = "of one sign";
    all[2].name = "0 or 1 in half of the blocks";
    all[3].name = "scaled from 2^-30 to 2^30";
    all[4].name = "huge";
    all[5].name = "tiny";
    for (std::size_t i = 0; i < plain.a.size(); ++i) {
        const std::size_t k = i % kDepth;
        all[1].a[i] = std::abs(plain.a[i]);
        all[2].a[i] = k < kDepth / 2 ? (plain.a[i] > 0.0F ? 1.0F : 0.0F) : plain.a[i];
        all[3].a[i] = std::ldexp(plain.a[i], static_cast<int>(i * 7 % 61) - 30);
        all[4].a[i] = plain.a[i] * 1e18F;
        all[5].a[i] = plain.a[i] * 1e-15F;
    }
    for (std::size_t i = 0; i < plain.b.size(); ++i) {
        all[1].b[i] = std::abs(plain.b[i]);
        all[3].b[i] = std::ldexp(plain.b[i], static_cast<int>(i * 11 % 61) - 30);
        all[4].b[i] = plain.b[i] * 1e15F;
        all[5].b[i] = plain.b[i] * 1e-15F;
    }
    return all;
}

} // namespace

TEST_CASE("No instruction set is further from the exact product than plain single precision")
{
    for (const Data& data : kindsOfData()) {
        const double plain = errorOf(*usableKernelSets().front(), Precision::Fp32, data.a, data.b);
        for (const KernelSet* set : usableKernelSets()) {
            INFO(data.name << ", " << set->name);
            CHECK(plain < 1e-6);
            CHECK(errorOf(*set, Precision::Fp32, data.a, data.b) < 1.05 * plain);
        }
    }
}

TEST_CASE("Lower precisions mean the same with every instruction set")
{
    for (const Data& data : kindsOfData()) {
        Data roundedData = data;
        for (std::vector<float>* values : {&roundedData.a, &roundedData.b})
            for (float& value : *values)
                value = bfloat16(value);
        for (const KernelSet* set : usableKernelSets()) {
            INFO(data.name << ", " << set->name);
            CHECK(errorOf(*set, Precision::Tf32, data.a, data.b) < 1e-5); // 2^-16
            if (data.name != "0 or 1 in half of the blocks")
                CHECK(errorOf(*set, Precision::Bf16, data.a, data.b) > 2e-5);
            CHECK(errorOf(*set, Precision::Bf16, roundedData.a, roundedData.b) < 1e-6);
        }
    }
}

TEST_CASE("What is no number spoils its row or column of the product and nothing else")
{
    constexpr std::size_t kDepth = 77;
    float oddNan;
    const std::uint32_t oddBits = 0x7FFFFFFFU; // as GPUs make it: rounding must not carry into the sign
    std::memcpy(&oddNan, &oddBits, sizeof oddNan);
    const float infinity = std::numeric_limits<float>::infinity();
    for (const float bad : {infinity, -infinity, std::numeric_limits<float>::quiet_NaN(), oddNan})
        for (const Precision precision : {Precision::Fp32, Precision::Tf32, Precision::Bf16})
            for (const KernelSet* set : usableKernelSets()) {
                INFO(bad << ", " << nameOf(precision) << ", " << set->name);
                std::vector<float> a = numbers(kRows * kDepth, 1), b = numbers(kDepth * kColumns, 2),
                                   c(kRows * kColumns);
                a[3 * kDepth + 70] = bad;
                b[2 * kColumns + 40] = bad;
                set->fp32.gemm({false, false, kRows, kColumns, kDepth, a.data(), kDepth, b.data(), kColumns,
                                c.data(), kColumns, false, precision});
                bool right = true;
                for (std::size_t i = 0; i < c.size(); ++i)
                    right = right && std::isfinite(c[i]) == (i / kColumns != 3 && i % kColumns != 40);
                CHECK(right);
            }
}

TEST_CASE("Denormal factors are lost at most")
{
    constexpr std::size_t kDepth = 64;
    std::vector<float> a = numbers(kRows * kDepth, 1), b = numbers(kDepth * kColumns, 2), c(kRows * kColumns);
    for (float& value : a)
        value *= 1e-39F;
    for (const KernelSet* set : usableKernelSets()) {
        INFO(set->name);
        const Gemm<float> g{false,  false,    kRows,    kColumns, kDepth,  a.data(),
                            kDepth, b.data(), kColumns, c.data(), kColumns};
        set->fp32.gemm(g);
        double worst = 0.0;
        for (std::size_t i = 0; i < c.size(); ++i)
            worst =
                std::max(worst, std::abs(static_cast<double>(c[i]) - exact(g, i / kColumns, i % kColumns)));
        CHECK(worst < 2.0 * kDepth * static_cast<double>(std::numeric_limits<float>::min()));
    }
}

TEST_CASE("Rows of a factor may overlap, as those of a convolution do")
{
    constexpr std::size_t kDepth = 90, kStep = 7;
    const std::vector<float> a = numbers(kRows * kStep + kDepth, 1), b = numbers(kDepth * kColumns, 2);
    for (const KernelSet* set : usableKernelSets())
        for (const Precision precision : {Precision::Fp32, Precision::Bf16}) {
            INFO(set->name << ", " << nameOf(precision));
            std::vector<float> c(kRows * kColumns);
            const Gemm<float> g{false,    false,    kRows,    kColumns, kDepth, a.data(), kStep,
                                b.data(), kColumns, c.data(), kColumns, false,  precision};
            set->fp32.gemm(g);
            double worst = 0.0;
            for (std::size_t i = 0; i < c.size(); ++i)
                worst = std::max(worst,
                                 std::abs(static_cast<double>(c[i]) - exact(g, i / kColumns, i % kColumns)));
            CHECK(worst < (precision == Precision::Fp32 ? 1e-5 : 0.2));
        }
}

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

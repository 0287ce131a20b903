// SPDX-License-Identifier: GPL-3.0-or-later
// Included by one kernels_<isa>.cpp per instruction set, which defines VOORWERP_NN_ISA (a namespace) and
// renames Eigen's namespace, so that no two differently compiled versions of one function
// meet at link time. Everything here has internal linkage; tests/nn checks that nothing shared is left over.
//
// The loops are written so that the compiler vectorises them: no branches, fixed lanes for reductions.

#ifndef VOORWERP_NN_ISA
#error "include from kernels_<isa>.cpp"
#endif

#define EIGEN_DONT_PARALLELIZE
#define EIGEN_NO_IO
#include <Eigen/Core>

#include "nn/cpu/kernels.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace voorwerp::nn::VOORWERP_NN_ISA {
namespace {

template <class T> constexpr std::size_t kLanes = 64 / sizeof(T);

/// exp with a relative error below 2e-7 for |x| < 87, saturating beyond: Cody & Waite reduction and the
/// polynomial of Cephes' expf (Moshier 1992).
inline float exponential(float x)
{
    x = x > 87.0F ? 87.0F : x;
    x = x < -87.0F ? -87.0F : x;
    constexpr float kRounder = 12582912.0F; // 1.5·2^23: adding and subtracting it rounds to an integer
    const float n = (x * 1.44269504088896341F + kRounder) - kRounder;
    const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * r * r + r + 1.0F;
    const std::int32_t bits = (static_cast<std::int32_t>(n) + 127) << 23;
    float power;
    std::memcpy(&power, &bits, sizeof power);
    return p * power;
}

inline double exponential(double x)
{
    return std::exp(x);
}

template <class T> T lanesSum(const T* lanes)
{
    T sum = 0;
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane)
        sum += lanes[lane];
    return sum;
}

/// The nearest bfloat16, ties to even.
inline float roundedToBfloat16(float value)
{
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0x7FFFU + (bits >> 16U & 1U)) & 0xFFFF0000U;
    float rounded;
    std::memcpy(&rounded, &bits, sizeof rounded);
    return value != value ? value : rounded;
}

template <class T> void gemm(const Gemm<T>& g)
{
    using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Stride = Eigen::OuterStride<>;
    using In = Eigen::Map<const Matrix, Eigen::Unaligned, Stride>;
    const auto index = [](std::size_t value) { return static_cast<Eigen::Index>(value); };
    const In a(g.a, index(g.transposeA ? g.k : g.m), index(g.transposeA ? g.m : g.k),
               Stride(index(g.strideA)));
    const In b(g.b, index(g.transposeB ? g.n : g.k), index(g.transposeB ? g.k : g.n),
               Stride(index(g.strideB)));
    if constexpr (std::is_same_v<T, float>)
        if (g.precision == Precision::Bf16) {
            const Matrix roundA = a.unaryExpr(&roundedToBfloat16), roundB = b.unaryExpr(&roundedToBfloat16);
            Gemm<T> product = g;
            product.precision = Precision::Fp32;
            product.a = roundA.data();
            product.b = roundB.data();
            product.strideA = static_cast<std::size_t>(roundA.cols());
            product.strideB = static_cast<std::size_t>(roundB.cols());
            return gemm(product);
        }
    Eigen::Map<Matrix, Eigen::Unaligned, Stride> c(g.c, index(g.m), index(g.n), Stride(index(g.strideC)));
    const auto store = [&](const auto& product) {
        if (g.accumulate)
            c.noalias() += product;
        else
            c.noalias() = product;
    };
    if (g.transposeA)
        store(a.transpose() * b);
    else if (g.transposeB)
        store(a * b.transpose());
    else
        store(a * b);
}

template <class T>
std::size_t prepareInput(std::size_t pixels, const float* flux, const float* weight, const T* mean, T clip,
                         T* input)
{
    std::size_t count = 0;
    T* coverage = input + pixels;
    for (std::size_t i = 0; i < pixels; ++i) {
        const bool good = weight[i] > 0.0F;
        T value = static_cast<T>(flux[i]) - mean[i];
        value = value > clip ? clip : value;
        value = value < -clip ? -clip : value;
        input[i] = good ? value : T(0);
        coverage[i] = good ? T(1) : T(0);
        count += good ? 1 : 0;
    }
    return count;
}

template <class T> void addBias(std::size_t rows, std::size_t columns, const T* bias, T* values)
{
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t i = 0; i < columns; ++i)
            values[row * columns + i] += bias[i];
}

template <class T> void addBiasSilu(std::size_t rows, std::size_t columns, const T* bias, T* pre, T* out)
{
    for (std::size_t row = 0; row < rows; ++row) {
        T* x = pre + row * columns;
        T* y = out + row * columns;
        for (std::size_t i = 0; i < columns; ++i) {
            const T value = x[i] + bias[i];
            x[i] = value;
            y[i] = value / (T(1) + exponential(-value));
        }
    }
}

template <class T> void siluBackward(std::size_t count, const T* pre, T* gradient)
{
    for (std::size_t i = 0; i < count; ++i) {
        const T sigmoid = T(1) / (T(1) + exponential(-pre[i]));
        gradient[i] *= sigmoid * (T(1) + pre[i] * (T(1) - sigmoid));
    }
}

template <class T>
void columnSum(std::size_t rows, std::size_t columns, std::size_t begin, std::size_t end, const T* values,
               T* sums)
{
    for (std::size_t i = begin; i < end; ++i)
        sums[i] = T(0);
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t i = begin; i < end; ++i)
            sums[i] += values[row * columns + i];
}

// ρ and dρ/dmodel of one pixel, difference d = model − flux, by kind of likelihood.
template <class T> struct GaussianPixel
{
    void operator()(T d, T w, T& rho, T& slope) const
    {
        slope = w * d;
        rho = T(0.5) * slope * d;
    }
};

template <class T> struct HuberPixel
{
    T scale;
    void operator()(T d, T w, T& rho, T& slope) const
    {
        const T root = std::sqrt(w);
        const T r = root * d;
        const T size = r < T(0) ? -r : r;
        const T inside = size < scale ? size : scale;
        rho = inside * (size - T(0.5) * inside);
        slope = root * (r < T(0) ? -inside : inside);
    }
};

template <class T> struct StudentPixel
{
    T scale;
    void operator()(T d, T w, T& rho, T& slope) const
    {
        const T chi2 = w * d * d;
        rho = T(0.5) * (scale + T(1)) * std::log1p(chi2 / scale);
        slope = (scale + T(1)) * w * d / (scale + chi2);
    }
};

template <bool kScatter, class T, class Pixel>
double sumPixels(const LikelihoodRow<T>& row, T scale, T* model, Pixel pixel)
{
    const std::size_t pixels = row.pixels;
    T lanes[kLanes<T>] = {};
    const auto one = [&](std::size_t i, std::size_t lane) {
        const T w = static_cast<T>(row.weight[i]);
        const bool good = w > T(0);
        const T d = model[i] - static_cast<T>(row.flux[i]);
        T rho, slope;
        if constexpr (kScatter) {
            const T ratio = w * row.scatterVariance[i];
            pixel(d, w / (T(1) + ratio), rho, slope);
            rho += T(0.5) * std::log1p(ratio);
            row.scatterDelta[i] = good ? scale * ratio / (T(1) + ratio) * (T(1) - slope * d) : T(0);
        } else {
            pixel(d, w, rho, slope);
        }
        lanes[lane] += good ? rho : T(0);
        model[i] = good ? scale * slope : T(0);
    };
    std::size_t i = 0;
    for (; i + kLanes<T> <= pixels; i += kLanes<T>)
        for (std::size_t lane = 0; lane < kLanes<T>; ++lane)
            one(i + lane, lane);
    for (std::size_t lane = 0; i < pixels; ++i, ++lane)
        one(i, lane);
    return static_cast<double>(lanesSum(lanes));
}

template <class T, class Pixel> double sumPixels(const LikelihoodRow<T>& row, T scale, T* model, Pixel pixel)
{
    return row.scatterVariance != nullptr ? sumPixels<true>(row, scale, model, pixel)
                                          : sumPixels<false>(row, scale, model, pixel);
}

template <class T>
double likelihood(const LikelihoodRow<T>& row, const LossOptions& options, T scale, T* model)
{
    const T robust = static_cast<T>(options.robustScale);
    switch (options.likelihood) {
    case Likelihood::Huber:
        return sumPixels(row, scale, model, HuberPixel<T>{robust});
    case Likelihood::StudentT:
        return sumPixels(row, scale, model, StudentPixel<T>{robust});
    case Likelihood::Gaussian:
        break;
    }
    return sumPixels(row, scale, model, GaussianPixel<T>{});
}

template <class T> double sumOfSquares(std::size_t count, const T* values)
{
    T lanes[kLanes<T>] = {};
    std::size_t i = 0;
    for (; i + kLanes<T> <= count; i += kLanes<T>)
        for (std::size_t lane = 0; lane < kLanes<T>; ++lane)
            lanes[lane] += values[i + lane] * values[i + lane];
    for (std::size_t lane = 0; i < count; ++i, ++lane)
        lanes[lane] += values[i] * values[i];
    return static_cast<double>(lanesSum(lanes));
}

template <class T>
void adam(std::size_t count, const AdamCoefficients<T>& coefficients, const T* gradient, T* parameter,
          T* first, T* second)
{
    const AdamCoefficients<T> c = coefficients;
    for (std::size_t i = 0; i < count; ++i) {
        const T g = c.gradientScale * gradient[i];
        const T m = c.beta1 * first[i] + (T(1) - c.beta1) * g;
        const T v = c.beta2 * second[i] + (T(1) - c.beta2) * g * g;
        first[i] = m;
        second[i] = v;
        parameter[i] = c.keep * parameter[i] - c.rate * m / (std::sqrt(v) * c.secondScale + c.epsilon);
    }
}

} // namespace
} // namespace voorwerp::nn::VOORWERP_NN_ISA

#include "nn/cpu/conv_kernels_body.h"

namespace voorwerp::nn::VOORWERP_NN_ISA {
namespace {

template <class T>
constexpr Kernels<T> kTable{gemm<T>,
                            prepareInput<T>,
                            addBias<T>,
                            addBiasSilu<T>,
                            siluBackward<T>,
                            columnSum<T>,
                            likelihood<T>,
                            sumOfSquares<T>,
                            adam<T>,
                            normalise<T>,
                            normaliseBackward<T>,
                            siluPool<T>,
                            siluPoolBackward<T>,
                            attend<T>,
                            attendBackward<T>};

} // namespace
} // namespace voorwerp::nn::VOORWERP_NN_ISA

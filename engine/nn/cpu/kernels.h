// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The inner loops of the CPU backend as a table of functions on raw pointers. The same source
// (kernels_body.h) is compiled once for every instruction set; the best table this CPU can run is picked at
// run time, so that a packaged program needs no -march=native.
//
// All functions are single-threaded, allocate nothing but GEMM packing buffers, and give results that depend
// on values and sizes only, not on addresses.

#include "nn/backend.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace voorwerp::nn {

/// C = op(A)·op(B), or C += where accumulated, all row-major with a stride between rows; C is (m, n), the
/// inner size is k. op(X) = Xᵀ where transposed. Not both at once. Rows of A may overlap (a convolution's
/// windows).
template <class T> struct Gemm
{
    bool transposeA = false, transposeB = false;
    std::size_t m = 0, n = 0, k = 0;
    const T* a = nullptr;
    std::size_t strideA = 0;
    const T* b = nullptr;
    std::size_t strideB = 0;
    T* c = nullptr;
    std::size_t strideC = 0;
    bool accumulate = false;
    /// Of the factors; Tf32 may be better, and double knows Fp32 alone.
    Precision precision = Precision::Fp32;
};

/// A row of the batch as the likelihood sees it.
template <class T> struct LikelihoodRow
{
    std::size_t pixels = 0;
    const float* flux = nullptr;
    const float* weight = nullptr;
    const T* scatterVariance = nullptr; ///< of each pixel; null: the model has none
    T* scatterDelta = nullptr;          ///< gets scale·dΣρ/d ln(scatter), where there is a scatter
};

/// Numbers of one Adam step, made once per step in double precision.
template <class T> struct AdamCoefficients
{
    T gradientScale; ///< clipping
    T beta1, beta2;
    T rate;        ///< learning rate / (1 − β1^t)
    T secondScale; ///< 1 / sqrt(1 − β2^t)
    T epsilon;
    T keep; ///< 1 − learning rate · weight decay
};

template <class T> struct Kernels
{
    void (*gemm)(const Gemm<T>& problem);
    /// One row: input[0, pixels) = clipped (flux − mean)·[w>0], input[pixels, 2·pixels) = [w>0].
    /// Returns Σ[w>0].
    std::size_t (*prepareInput)(std::size_t pixels, const float* flux, const float* weight, const T* mean,
                                T clip, T* input);
    /// values (rows, columns) += bias
    void (*addBias)(std::size_t rows, std::size_t columns, const T* bias, T* values);
    /// pre += bias; out = silu(pre) = pre/(1 + exp(−pre)) (Elfwing et al. 2018, arXiv:1702.03118)
    void (*addBiasSilu)(std::size_t rows, std::size_t columns, const T* bias, T* pre, T* out);
    /// gradient *= silu'(pre)
    void (*siluBackward)(std::size_t count, const T* pre, T* gradient);
    /// sums[c] = Σ_row values[row·columns + c] for c in [begin, end)
    void (*columnSum)(std::size_t rows, std::size_t columns, std::size_t begin, std::size_t end,
                      const T* values, T* sums);
    /// Returns Σ ρ and replaces model by scale·dΣρ/dmodel.
    double (*likelihood)(const LikelihoodRow<T>& row, const LossOptions& options, T scale, T* model);
    double (*sumOfSquares)(std::size_t count, const T* values);
    void (*adam)(std::size_t count, const AdamCoefficients<T>& c, const T* gradient, T* parameter, T* first,
                 T* second);

    // Of a convolutional block, on one row, channels-last (positions, channels):

    /// values = (values − mean)/sqrt(variance + ε) over the positions of each channel.
    void (*normalise)(std::size_t positions, std::size_t channels, T* values, T* inverseDeviation);
    /// delta by the normalised values becomes delta by what was normalised.
    void (*normaliseBackward)(std::size_t positions, std::size_t channels, const T* normal,
                              const T* inverseDeviation, T* delta);
    /// out (⌈positions/pool⌉, channels): the largest silu(normal) of each window, and which one it was.
    void (*siluPool)(std::size_t positions, std::size_t channels, std::size_t pool, const T* normal, T* out,
                     std::uint8_t* largest);
    void (*siluPoolBackward)(std::size_t positions, std::size_t channels, std::size_t pool, const T* normal,
                             const std::uint8_t* largest, const T* outDelta, T* delta);
    /// The second half of the channels becomes its softmax over the positions; out (channels/2) is the sum of
    /// the first half with it.
    void (*attend)(std::size_t positions, std::size_t channels, T* values, T* out);
    /// values and out as attend left them; delta (positions, channels) by its input.
    void (*attendBackward)(std::size_t positions, std::size_t channels, const T* values, const T* out,
                           const T* outDelta, T* delta);
};

struct KernelSet
{
    const char* name; ///< "baseline", "AVX2", "AVX-512", "AVX-512 + AMX"
    Kernels<float> fp32;
};

/// Sets this CPU can run, the plainest first.
std::vector<const KernelSet*> usableKernelSets();
/// The last of them.
const KernelSet& bestKernelSet();
/// The same source in double precision, to check gradients with.
const Kernels<double>& doubleKernels();

} // namespace voorwerp::nn

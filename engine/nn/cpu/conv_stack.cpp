// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/conv_stack.h"

#include <algorithm>

namespace voorwerp::nn {

namespace {
constexpr std::size_t kTileOut = 64, kTileWindow = 256; ///< of a weight gradient; one task each
} // namespace

template <class T>
ConvStack<T>::ConvStack(const Layout& layout, const Kernels<T>& kernels, ThreadPool& pool,
                        Precision precision)
    : m_kernels(kernels)
    , m_pool(pool)
    , m_precision(precision)
    , m_blocks(layout.convolutions.size())
{
    for (std::size_t i = 0; i < m_blocks.size(); ++i)
        m_blocks[i].layer = layout.convolutions[i];
}

template <class T> void ConvStack<T>::ensureRows(std::size_t rows)
{
    for (Block& block : m_blocks) {
        const ConvLayer& layer = block.layer;
        block.input.ensure(rows * layer.paddedPositions() * layer.in);
        block.normal.ensure(rows * layer.positions * layer.out);
        block.inverseDeviation.ensure(rows * layer.out);
        block.largest.resize(rows * layer.pooled * layer.out);
    }
    m_attended.ensure(rows * m_blocks.back().layer.pooled * m_blocks.back().layer.out);
    m_features.ensure(rows * featureWidth());
}

template <class T> void ConvStack<T>::forwardRow(std::size_t row, const T* parameters, const T* input)
{
    const std::size_t pixels = m_blocks.front().layer.positions;
    T* first = m_blocks.front().input.data() +
               (row * m_blocks.front().layer.paddedPositions() + m_blocks.front().layer.margin()) * 2;
    for (std::size_t i = 0; i < pixels; ++i) {
        first[2 * i] = input[row * 2 * pixels + i];
        first[2 * i + 1] = input[row * 2 * pixels + pixels + i];
    }
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        Block& block = m_blocks[i];
        const ConvLayer& layer = block.layer;
        T* normal = block.normal.data() + row * layer.positions * layer.out;
        const std::size_t window = layer.kernel * layer.in;
        m_kernels.gemm({false, true, layer.positions, layer.out, window,
                        block.input.data() + row * layer.paddedPositions() * layer.in, layer.in,
                        parameters + layer.weight, window, normal, layer.out, false, m_precision});
        m_kernels.normalise(layer.positions, layer.out, normal,
                            block.inverseDeviation.data() + row * layer.out);
        T* out = m_attended.data() + row * layer.pooled * layer.out;
        if (i + 1 < m_blocks.size()) {
            const ConvLayer& next = m_blocks[i + 1].layer;
            out = m_blocks[i + 1].input.data() + (row * next.paddedPositions() + next.margin()) * next.in;
        }
        m_kernels.siluPool(layer.positions, layer.out, layer.pool, normal, out,
                           block.largest.data() + row * layer.pooled * layer.out);
    }
    const ConvLayer& last = m_blocks.back().layer;
    m_kernels.attend(last.pooled, last.out, m_attended.data() + row * last.pooled * last.out,
                     m_features.data() + row * featureWidth());
}

template <class T> const T* ConvStack<T>::forward(std::size_t rows, const T* parameters, const T* input)
{
    if (m_blocks.empty())
        return input;
    ensureRows(rows);
    m_pool.run(rows, [&](std::size_t row) { forwardRow(row, parameters, input); });
    return m_features.data();
}

/// The input's gradient is the convolution of the output's with the weights turned round.
template <class T> void ConvStack<T>::flipWeights(const T* parameters)
{
    for (std::size_t i = 1; i < m_blocks.size(); ++i) {
        const ConvLayer& layer = m_blocks[i].layer;
        AlignedBuffer<T>& flipped = m_blocks[i].flipped;
        flipped.ensure(layer.in * layer.kernel * layer.out);
        m_pool.run(layer.in, [&](std::size_t in) {
            for (std::size_t tap = 0; tap < layer.kernel; ++tap)
                for (std::size_t out = 0; out < layer.out; ++out)
                    flipped.data()[(in * layer.kernel + tap) * layer.out + out] =
                        parameters[layer.weight + (out * layer.kernel + layer.kernel - 1 - tap) * layer.in +
                                   in];
        });
    }
}

template <class T> void ConvStack<T>::backwardRow(std::size_t row, const T* featureDelta)
{
    const ConvLayer& last = m_blocks.back().layer;
    m_kernels.attendBackward(last.pooled, last.out, m_attended.data() + row * last.pooled * last.out,
                             m_features.data() + row * featureWidth(), featureDelta + row * featureWidth(),
                             m_blocks.back().pooledDelta.data() + row * last.pooled * last.out);
    for (std::size_t i = m_blocks.size(); i-- > 0;) {
        Block& block = m_blocks[i];
        const ConvLayer& layer = block.layer;
        T* padded = block.delta.data() + row * layer.paddedPositions() * layer.out;
        T* delta = padded + layer.margin() * layer.out;
        const T* normal = block.normal.data() + row * layer.positions * layer.out;
        const std::size_t pooled = row * layer.pooled * layer.out;
        m_kernels.siluPoolBackward(layer.positions, layer.out, layer.pool, normal,
                                   block.largest.data() + pooled, block.pooledDelta.data() + pooled, delta);
        m_kernels.normaliseBackward(layer.positions, layer.out, normal,
                                    block.inverseDeviation.data() + row * layer.out, delta);
        if (i == 0)
            return;
        const std::size_t window = layer.kernel * layer.out;
        m_kernels.gemm({false, true, layer.positions, layer.in, window, padded, layer.out,
                        block.flipped.data(), window,
                        m_blocks[i - 1].pooledDelta.data() + row * layer.positions * layer.in, layer.in,
                        false, m_precision});
    }
}

template <class T> void ConvStack<T>::weightGradient(const Block& block, std::size_t rows, T* gradient)
{
    const ConvLayer& layer = block.layer;
    const std::size_t window = layer.kernel * layer.in;
    const std::size_t across = (window + kTileWindow - 1) / kTileWindow;
    m_pool.run((layer.out + kTileOut - 1) / kTileOut * across, [&](std::size_t task) {
        const std::size_t out = task / across * kTileOut, column = task % across * kTileWindow;
        Gemm<T> product{true, false, std::min(kTileOut, layer.out - out),
                        std::min(kTileWindow, window - column), layer.positions};
        product.strideA = layer.out;
        product.strideB = layer.in;
        product.c = gradient + layer.weight + out * window + column;
        product.strideC = window;
        product.precision = m_precision;
        for (std::size_t row = 0; row < rows; ++row) {
            product.a =
                block.delta.data() + (row * layer.paddedPositions() + layer.margin()) * layer.out + out;
            product.b = block.input.data() + row * layer.paddedPositions() * layer.in + column;
            product.accumulate = row > 0;
            m_kernels.gemm(product);
        }
    });
}

template <class T>
void ConvStack<T>::backward(std::size_t rows, const T* parameters, const T* featureDelta, T* gradient)
{
    if (m_blocks.empty())
        return;
    for (Block& block : m_blocks) {
        block.delta.ensure(rows * block.layer.paddedPositions() * block.layer.out);
        block.pooledDelta.ensure(rows * block.layer.pooled * block.layer.out);
    }
    flipWeights(parameters);
    m_pool.run(rows, [&](std::size_t row) { backwardRow(row, featureDelta); });
    for (const Block& block : m_blocks)
        weightGradient(block, rows, gradient);
}

template class ConvStack<float>;
template class ConvStack<double>;

} // namespace voorwerp::nn

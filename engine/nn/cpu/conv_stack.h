// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The convolutions of an encoder on the CPU: blocks of convolution, normalisation, SiLU and pooling, then
// attention pooling. A convolution is one product a row: the input lies channels-last with zeros at both
// ends, so the window of an output is kernel·in neighbours in memory, and windows are rows that overlap.
//
// One task a row; gradients of weights are summed over the rows in their order, so results have the same bits
// whatever the number of threads.

#include "nn/cpu/aligned_buffer.h"
#include "nn/cpu/kernels.h"
#include "nn/cpu/thread_pool.h"
#include "nn/layout.h"

#include <cstdint>
#include <vector>

namespace voorwerp::nn {

template <class T> class ConvStack
{
public:
    /// Keeps references to all three. No convolutions: features are the input.
    ConvStack(const Layout& layout, const Kernels<T>& kernels, ThreadPool& pool, Precision precision);

    /// input: (rows, 2·pixels), values and then coverage. Returns the features (rows, width), valid until the
    /// next forward.
    const T* forward(std::size_t rows, const T* parameters, const T* input);
    /// Gradients of the weights, at the layout's offsets of gradient, from that by the features of the last
    /// forward.
    void backward(std::size_t rows, const T* parameters, const T* featureDelta, T* gradient);

private:
    struct Block
    {
        ConvLayer layer;
        AlignedBuffer<T> input;            ///< (rows, padded positions, in)
        AlignedBuffer<T> normal;           ///< (rows, positions, out), normalised
        AlignedBuffer<T> inverseDeviation; ///< (rows, out)
        std::vector<std::uint8_t> largest; ///< (rows, pooled, out): which of its window
        AlignedBuffer<T> delta;            ///< (rows, padded positions, out), by the convolution's output
        AlignedBuffer<T> pooledDelta;      ///< (rows, pooled, out), by the block's output
        AlignedBuffer<T> flipped;          ///< weight as (in, kernel reversed, out), for the input's gradient
    };

    void ensureRows(std::size_t rows);
    void forwardRow(std::size_t row, const T* parameters, const T* input);
    void flipWeights(const T* parameters);
    void backwardRow(std::size_t row, const T* featureDelta);
    void weightGradient(const Block& block, std::size_t rows, T* gradient);
    std::size_t featureWidth() const { return m_blocks.back().layer.out / 2; }

    const Kernels<T>& m_kernels;
    ThreadPool& m_pool;
    Precision m_precision;
    std::vector<Block> m_blocks;
    AlignedBuffer<T> m_attended; ///< (rows, pooled, out) of the last block: seen, and its shares
    AlignedBuffer<T> m_features;
};

} // namespace voorwerp::nn

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The convolutions of an encoder on a CUDA device: the twin of cpu/conv_stack.h, without a copy of the
// windows.
//
// The rows of a batch lie one after another, channels-last, with zeros between them, so the window of
// position p is kernel·in neighbours from p·in on, whatever row p is in. Every kernel-th window is a row of a
// matrix whose rows do not overlap; kernel such matrices, each a position behind the last, make one batched
// product for the whole batch. Positions between the rows are computed and not used.

#include "nn/cuda/blas.h"
#include "nn/cuda/conv.h"
#include "nn/cuda/operand.h"
#include "nn/cuda/padded_layout.h"

#include <algorithm>
#include <vector>

namespace voorwerp::nn::cuda {

class ConvStack
{
public:
    /// Keeps references to the last two.
    ConvStack(const PaddedLayout& layout, std::size_t lastChannels, Precision precision, const Stream& stream,
              Blas& blas);

    bool isEmpty() const { return m_blocks.empty(); }
    /// Where the rows that the first block sees belong.
    Spaced input() { return spaced(m_blocks.front(), m_blocks.front().input); }
    /// (rows, padded width), of the last forward.
    Operand features() { return m_featureOperand.operand(m_bf16); }

    /// weights: the operand that starts as the arena does.
    void forward(std::size_t rows, Operand weights);
    /// Gradients of the weights, in the arena gradient, from that by the features of the last forward.
    void backward(std::size_t rows, const float* parameters, const float* byFeatures, float* gradient);

    /// Calls visit(buffer, size) for everything whose size depends on the rows.
    template <class Self, class Visit> static void forBuffers(Self& self, std::size_t rows, Visit visit)
    {
        std::size_t gradient = 0, pooled = 0, sums = 0;
        for (auto& block : self.m_blocks) {
            const ConvLayer& layer = block.layer;
            const std::size_t positions = rows * block.stride + tail(block);
            visit(block.input, positions * layer.in);
            visit(block.raw, rows * block.stride * layer.out);
            visit(block.mean, rows * layer.out);
            visit(block.inverse, rows * layer.out);
            visit(block.largest, rows * layer.pooled * layer.out);
            gradient = std::max(gradient, positions * layer.out);
            pooled = std::max({pooled, rows * block.stride * layer.in, rows * layer.pooled * layer.out});
            sums = std::max(sums, 2 * rows * layer.out);
        }
        if (self.m_blocks.empty())
            return;
        const AttentionShape attention = self.attention(rows);
        visit(self.m_gradient, gradient);
        visit(self.m_pooledGradient, pooled);
        visit(self.m_sums, sums);
        visit(self.m_attended, rows * attention.positions * attention.channels);
        visit(self.m_highest, rows * attention.half);
        visit(self.m_softmaxSum, rows * attention.half);
        visit(self.m_features, rows * attention.features);
        visit(self.m_featureOperand, rows * attention.features);
    }

private:
    struct Block
    {
        ConvLayer layer;        ///< padded
        std::size_t stride = 0; ///< positions from one row to the next, a multiple of the kernel
        OperandBuffer input;    ///< (rows, stride, in) and the tail
        Buffer<float> raw;      ///< (rows, stride, out), the convolution's output
        Buffer<float> mean, inverse;
        Buffer<std::uint8_t> largest;
        OperandBuffer flipped; ///< weight as (in, kernel reversed, out), for the input's gradient
    };

    static std::size_t margin(const Block& block) { return block.layer.margin(); }
    static std::size_t tail(const Block& block) { return block.layer.kernel; } ///< for windows of the last
    Spaced spaced(const Block& block, OperandBuffer& buffer) const
    {
        return {buffer.operand(m_bf16), margin(block), block.stride, tail(block)};
    }
    static ConvShape shapeOf(const Block& block, std::size_t rows);
    static Normalised normalised(Block& block);
    AttentionShape attention(std::size_t rows) const;
    AttentionState attentionState();
    /// out (rows, stride, channels) = convolution of input (rows, stride, inChannels) with weights.
    void convolve(const Block& block, std::size_t rows, Operand input, std::size_t inChannels,
                  Operand weights, std::size_t outChannels, float* out);
    void weightGradient(Block& block, std::size_t rows, float* gradient);

    Precision m_precision;
    bool m_bf16;
    std::size_t m_half; ///< of the last block's channels, that are attended to
    const Stream& m_stream;
    Blas& m_blas;
    std::vector<Block> m_blocks;
    OperandBuffer m_gradient; ///< by the convolution's output, of the block in work: (rows, stride, out)
    Buffer<float> m_pooledGradient; ///< by the block's output
    Buffer<float> m_sums;
    Buffer<float> m_attended; ///< (rows, pooled, out) of the last block
    Buffer<float> m_highest, m_softmaxSum, m_features;
    OperandBuffer m_featureOperand;
};

} // namespace voorwerp::nn::cuda

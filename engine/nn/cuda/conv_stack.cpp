// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/conv_stack.h"

namespace voorwerp::nn::cuda {

ConvStack::ConvStack(const PaddedLayout& layout, std::size_t lastChannels, Precision precision,
                     const Stream& stream, Blas& blas)
    : m_precision(precision)
    , m_bf16(precision == Precision::Bf16)
    , m_half(lastChannels / 2)
    , m_stream(stream)
    , m_blas(blas)
    , m_blocks(layout.convolutions.size())
{
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        Block& block = m_blocks[i];
        const ConvLayer& layer = layout.convolutions[i];
        block.layer = layer;
        block.stride = (layer.paddedPositions() + layer.kernel - 1) / layer.kernel * layer.kernel;
        const std::size_t weights = layer.in * layer.kernel * layer.out;
        if (i > 0 && m_bf16)
            block.flipped.halves.ensure(weights);
        else if (i > 0)
            block.flipped.floats.ensure(weights);
    }
}

ConvShape ConvStack::shapeOf(const Block& block, std::size_t rows)
{
    const ConvLayer& layer = block.layer;
    return {rows, layer.out, layer.positions, block.stride, layer.pool, layer.pooled};
}

Normalised ConvStack::normalised(Block& block)
{
    return {block.raw.data(), block.mean.data(), block.inverse.data()};
}

AttentionShape ConvStack::attention(std::size_t rows) const
{
    const ConvLayer& last = m_blocks.back().layer;
    return {rows, last.pooled, last.out, m_half, padded(m_half)};
}

AttentionState ConvStack::attentionState()
{
    return {m_highest.data(), m_softmaxSum.data(), m_features.data()};
}

void ConvStack::convolve(const Block& block, std::size_t rows, Operand input, std::size_t inChannels,
                         Operand weights, std::size_t outChannels, float* out)
{
    const std::size_t kernel = block.layer.kernel, window = kernel * inChannels;
    const Product product{.transposeB = true,
                          .m = rows * block.stride / kernel,
                          .n = outChannels,
                          .k = window,
                          .strideA = window,
                          .strideB = window,
                          .strideC = kernel * outChannels,
                          .precision = m_precision,
                          .batches = kernel,
                          .batchA = inChannels,
                          .batchB = 0,
                          .batchC = outChannels};
    static_cast<void>(m_blas.multiply(product, input.data, weights.data, out)); // no epilogue
}

void ConvStack::forward(std::size_t rows, Operand weights)
{
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        Block& block = m_blocks[i];
        const ConvLayer& layer = block.layer;
        convolve(block, rows, block.input.operand(m_bf16), layer.in, weights.at(layer.weight), layer.out,
                 block.raw.data());
        const ConvShape shape = shapeOf(block, rows);
        launchNormalise(shape, normalised(block), m_stream);
        const Spaced out = i + 1 < m_blocks.size() ? spaced(m_blocks[i + 1], m_blocks[i + 1].input)
                                                   : Spaced{{m_attended.data(), false}, 0, layer.pooled, 0};
        launchSiluPool(shape, normalised(block), out, block.largest.data(), m_stream);
    }
    launchAttend(attention(rows), m_attended.data(), attentionState(), features(), m_stream);
}

/// One product for each place of a window in the kernel: none of them meets a position twice.
void ConvStack::weightGradient(Block& block, std::size_t rows, float* gradient)
{
    const ConvLayer& layer = block.layer;
    Product product{.transposeA = true,
                    .m = layer.out,
                    .n = layer.kernel * layer.in,
                    .k = rows * block.stride / layer.kernel,
                    .strideA = layer.kernel * layer.out,
                    .strideB = layer.kernel * layer.in,
                    .strideC = layer.kernel * layer.in,
                    .precision = m_precision};
    for (std::size_t place = 0; place < layer.kernel; ++place) {
        product.accumulate = place > 0;
        const Operand delta = m_gradient.operand(m_bf16).at((place + margin(block)) * layer.out);
        const Operand input = block.input.operand(m_bf16).at(place * layer.in);
        static_cast<void>(m_blas.multiply(product, delta.data, input.data, gradient + layer.weight));
    }
}

void ConvStack::backward(std::size_t rows, const float* parameters, const float* byFeatures, float* gradient)
{
    launchAttendBackward(attention(rows), m_attended.data(), attentionState(), byFeatures,
                         m_pooledGradient.data(), m_stream);
    std::size_t pooledStride = m_blocks.back().layer.pooled;
    for (std::size_t i = m_blocks.size(); i-- > 0;) {
        Block& block = m_blocks[i];
        const ConvLayer& layer = block.layer;
        const PooledGradient pooled{m_pooledGradient.data(), pooledStride, block.largest.data()};
        launchBlockBackward(shapeOf(block, rows), normalised(block), pooled, m_sums.data(),
                            spaced(block, m_gradient), m_stream);
        weightGradient(block, rows, gradient);
        if (i == 0)
            return;
        // The input's gradient is the convolution of the output's with the weights turned round.
        const Operand flipped = block.flipped.operand(m_bf16);
        launchFlip(layer.in, layer.kernel, layer.out, parameters + layer.weight, flipped, m_stream);
        convolve(block, rows, m_gradient.operand(m_bf16), layer.out, flipped, layer.in,
                 m_pooledGradient.data());
        pooledStride = block.stride;
    }
}

} // namespace voorwerp::nn::cuda

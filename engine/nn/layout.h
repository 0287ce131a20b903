// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where each tensor of a model lies in the one block of floats (the arena) that holds them all.
// Gradients and Adam's moments use the same offsets.

#include "nn/model_config.h"

#include <string>
#include <vector>

namespace voorwerp::nn {

struct TensorSlot
{
    std::string name;
    std::vector<std::size_t> shape;
    std::size_t offset = 0; ///< in floats; a multiple of kAlignment
    std::size_t size = 0;

    bool isWeight() const { return shape.size() > 1; } ///< decays; biases and scatter do not
};

/// A ConvBlock's sizes. Channels-last: (positions, channels). The weight lies as (out, kernel, in) in the
/// arena, so that a window of the input, kernel·in neighbours in memory, meets a row of it.
struct ConvLayer
{
    std::size_t in = 0, out = 0; ///< channels
    std::size_t kernel = 1, pool = 1;
    std::size_t positions = 0; ///< of input and output
    std::size_t pooled = 0;    ///< positions that are left, ⌈positions/pool⌉
    std::size_t weight = 0;    ///< offset

    std::size_t margin() const { return kernel / 2; } ///< zeros at either end of the input
    std::size_t paddedPositions() const { return positions + 2 * margin(); }
};

/// y = x·Wᵀ + b, then SiLU where activated.
struct LinearLayer
{
    std::size_t in = 0, out = 0;
    std::size_t weight = 0, bias = 0; ///< offsets; weight is (out, in)
    bool activated = false;
};

struct Layout
{
    static constexpr std::size_t kAlignment = 16; ///< floats: one cache line
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    std::vector<TensorSlot> tensors;     ///< trained ones first, then input.mean
    std::vector<ConvLayer> convolutions; ///< before the encoder's layers; none for "mlp"
    std::vector<LinearLayer> encoder;    ///< the last one is the head: (mean, log variance)
    std::vector<LinearLayer> decoder;    ///< the last one gives the flux
    std::size_t scatter = kNone;         ///< offset of scatter.log (pixels), or kNone
    std::size_t inputMean = 0;      ///< offset of input.mean (pixels), set before training, never trained
    std::size_t trainedTensors = 0; ///< how many of tensors are trained
    std::size_t trained = 0;        ///< floats of the trained part, padding included
    std::size_t total = 0;

    static Layout of(const ModelConfig& config);
};

/// Tensors out of an arena laid out so, in PyTorch's order; the first count of them, names preceded by
/// prefix.
std::vector<NamedTensor> unpack(const Layout& layout, const float* arena, std::size_t count,
                                const std::string& prefix = {});
/// The reverse; tensors must be exactly those of unpack, in any order. Throws ConfigError otherwise.
void pack(const Layout& layout, const std::vector<NamedTensor>& tensors, std::size_t count,
          const std::string& prefix, float* arena);
/// Adam's two moments of the trained tensors, as Backend::optimiserState() gives them.
std::vector<NamedTensor> unpackMoments(const Layout& layout, const float* first, const float* second);
void packMoments(const Layout& layout, const std::vector<NamedTensor>& tensors, float* first, float* second);

} // namespace voorwerp::nn

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a model is: the numbers that fix its tensors and what they compute. A value; stored in model files.

#include <cstddef>
#include <string>
#include <vector>

namespace voorwerp::nn {

constexpr double kNormEpsilon = 1e-5; ///< added to a channel's variance

/// A block of the "conv" encoder: convolution over the pixels (stride 1, zeros beyond both ends, no bias),
/// normalisation over the positions of each channel (Ulyanov et al. 2016, arXiv:1607.08022; biased variance),
/// SiLU, then the largest of each `pool` neighbours (the last window may be shorter).
struct ConvBlock
{
    std::size_t channels = 1;
    std::size_t kernel = 1; ///< pixels, odd
    std::size_t pool = 1;   ///< 1 = none

    bool operator==(const ConvBlock&) const = default;
};

/// A variational autoencoder of spectra (Kingma & Welling 2014, arXiv:1312.6114) with SiLU activations. The
/// encoder sees two values a pixel: ((flux − input.mean)·[w>0], clipped to ±inputClip) and [w>0].
/// "mlp" takes them through fully connected layers. "conv" takes them as two channels through blocks of
/// convolutions, the last of which ends in attention pooling (spender: Melchior et al. 2023,
/// arXiv:2211.07890): half of the channels, each summed over the positions with weights that are the softmax
/// of its partner in the other half; then through the layers. The head gives mean and log variance; the
/// decoder is fully connected and ends in pixels linear outputs.
struct ModelConfig
{
    std::string architecture = "mlp";           ///< "mlp" or "conv"
    std::size_t pixels = 0;                     ///< values per spectrum
    std::vector<ConvBlock> convolutions;        ///< of "conv", the last one with an even number of channels
    std::vector<std::size_t> hidden{1024, 256}; ///< encoder widths, in order
    std::vector<std::size_t> decoder;           ///< decoder widths, in order; empty: hidden mirrored
    std::size_t latent = 16;                    ///< latent dimensions, 1 to 512
    float inputClip = 20.0F; ///< flux shown to the encoder is clipped to ± this, in flux units of the input
    /// The model has a standard deviation of its own at each pixel, exp(scatter.log), learned with the rest:
    /// what quasars differ by beyond noise and model. It adds to 1/w.
    bool scatter = false;

    bool operator==(const ModelConfig&) const = default;
};

/// Widths of the decoder's hidden layers: those given, or hidden mirrored.
std::vector<std::size_t> decoderWidths(const ModelConfig& config);

/// Throws ConfigError naming the first value that is out of range.
void validate(const ModelConfig& config);

/// Arithmetic of the matrix products; sums, everything else and the parameters are fp32 (master weights).
enum class Precision {
    Fp32, ///< as single precision throughout
    Tf32, ///< factors rounded to at least 10 bits behind the binary point
    Bf16, ///< factors rounded to bfloat16 (7 bits)
};
/// "fp32", "tf32", "bf16"
const char* nameOf(Precision precision);
/// Throws ConfigError where there is none of that name.
Precision precisionOf(const std::string& name);

/// A tensor with a name, row-major. The interchange form of parameters and optimiser state.
struct NamedTensor
{
    std::string name; ///< "encoder.0.weight"
    /// {out, in} of Linear's weights, {out, in, kernel} of Conv1d's, {out} of biases: PyTorch's.
    std::vector<std::size_t> shape;
    std::vector<float> values;

    bool operator==(const NamedTensor&) const = default;
};

} // namespace voorwerp::nn

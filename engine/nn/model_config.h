// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a model is: the numbers that fix its tensors and what they compute. A value; stored in model files.

#include <cstddef>
#include <string>
#include <vector>

namespace voorwerp::nn {

/// A variational autoencoder of spectra (Kingma & Welling 2014, arXiv:1312.6114) made of fully connected
/// layers with SiLU activations. The encoder sees 2·pixels values a row: ((flux − input.mean)·[w>0], clipped
/// to ±inputClip) and [w>0]; its head gives mean and log variance; the decoder mirrors the hidden widths and
/// ends in pixels linear outputs.
struct ModelConfig
{
    std::string architecture = "mlp";           ///< only "mlp"
    std::size_t pixels = 0;                     ///< values per spectrum
    std::vector<std::size_t> hidden{1024, 256}; ///< encoder widths, in order; the decoder mirrors them
    std::size_t latent = 16;                    ///< latent dimensions, 1 to 512
    float inputClip = 20.0F; ///< flux shown to the encoder is clipped to ± this, in flux units of the input

    bool operator==(const ModelConfig&) const = default;
};

/// Throws ConfigError naming the first value that is out of range.
void validate(const ModelConfig& config);

/// A tensor with a name, row-major. The interchange form of parameters and optimiser state.
struct NamedTensor
{
    std::string name;               ///< "encoder.0.weight"
    std::vector<std::size_t> shape; ///< {out, in} for weights, {out} for biases (PyTorch's Linear)
    std::vector<float> values;

    bool operator==(const NamedTensor&) const = default;
};

} // namespace voorwerp::nn

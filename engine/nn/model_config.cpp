// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/model_config.h"

#include "nn/error.h"

namespace voorwerp::nn {

namespace {
constexpr std::size_t kLargestPixels = std::size_t{1} << 20U;
constexpr std::size_t kLargestWidth = 65536;
constexpr std::size_t kLargestLatent = 512;
constexpr std::size_t kMaxHiddenLayers = 16;
constexpr std::size_t kLargestChannels = 4096;
constexpr std::size_t kLargestKernel = 255;

void checkRange(const char* name, std::size_t value, std::size_t largest)
{
    if (value < 1 || value > largest)
        throw ConfigError(std::string("model: ") + name + " is " + std::to_string(value) +
                          ", allowed are 1 to " + std::to_string(largest));
}

void checkConvolutions(const ModelConfig& config)
{
    if ((config.architecture == "conv") != !config.convolutions.empty())
        throw ConfigError("model: convolutions belong to architecture 'conv', which needs at least one");
    if (config.convolutions.empty())
        return;
    checkRange("number of convolutions", config.convolutions.size(), kMaxHiddenLayers);
    for (const ConvBlock& block : config.convolutions) {
        checkRange("channels of a convolution", block.channels, kLargestChannels);
        checkRange("kernel of a convolution", block.kernel, kLargestKernel);
        checkRange("pool of a convolution", block.pool, kLargestKernel);
        if (block.kernel % 2 == 0)
            throw ConfigError("model: the kernel of a convolution must be odd, not " +
                              std::to_string(block.kernel));
    }
    if (config.convolutions.back().channels % 2 != 0)
        throw ConfigError(
            "model: the last convolution needs an even number of channels, half of them attend");
}
} // namespace

const char* nameOf(Precision precision)
{
    switch (precision) {
    case Precision::Tf32:
        return "tf32";
    case Precision::Bf16:
        return "bf16";
    case Precision::Fp32:
        break;
    }
    return "fp32";
}

Precision precisionOf(const std::string& name)
{
    for (const Precision precision : {Precision::Fp32, Precision::Tf32, Precision::Bf16})
        if (name == nameOf(precision))
            return precision;
    throw ConfigError("unknown precision '" + name + "': use fp32, tf32 or bf16");
}

std::vector<std::size_t> decoderWidths(const ModelConfig& config)
{
    return config.decoder.empty() ? std::vector(config.hidden.rbegin(), config.hidden.rend())
                                  : config.decoder;
}

void validate(const ModelConfig& config)
{
    if (config.architecture != "mlp" && config.architecture != "conv")
        throw ConfigError("model: architecture '" + config.architecture + "' is unknown, use mlp or conv");
    checkRange("pixels", config.pixels, kLargestPixels);
    checkRange("latent", config.latent, kLargestLatent);
    checkRange("number of hidden layers", config.hidden.size(), kMaxHiddenLayers);
    if (!config.decoder.empty())
        checkRange("number of decoder layers", config.decoder.size(), kMaxHiddenLayers);
    for (const std::vector<std::size_t>* widths : {&config.hidden, &config.decoder})
        for (const std::size_t width : *widths)
            checkRange("hidden width", width, kLargestWidth);
    checkConvolutions(config);
    if (!(config.inputClip > 0.0F))
        throw ConfigError("model: inputClip must be positive");
}

} // namespace voorwerp::nn

// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/model_config.h"

#include "nn/error.h"

namespace voorwerp::nn {

namespace {
constexpr std::size_t kLargestPixels = std::size_t{1} << 20U;
constexpr std::size_t kLargestWidth = 65536;
constexpr std::size_t kLargestLatent = 512;
constexpr std::size_t kMaxHiddenLayers = 16;

void checkRange(const char* name, std::size_t value, std::size_t largest)
{
    if (value < 1 || value > largest)
        throw ConfigError(std::string("model: ") + name + " is " + std::to_string(value) +
                          ", allowed are 1 to " + std::to_string(largest));
}
} // namespace

void validate(const ModelConfig& config)
{
    if (config.architecture != "mlp")
        throw ConfigError("model: architecture '" + config.architecture +
                          "' is not available in this version, only 'mlp' is");
    checkRange("pixels", config.pixels, kLargestPixels);
    checkRange("latent", config.latent, kLargestLatent);
    checkRange("number of hidden layers", config.hidden.size(), kMaxHiddenLayers);
    for (const std::size_t width : config.hidden)
        checkRange("hidden width", width, kLargestWidth);
    if (!(config.inputClip > 0.0F))
        throw ConfigError("model: inputClip must be positive");
}

} // namespace voorwerp::nn

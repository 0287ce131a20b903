// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/layout.h"

#include "nn/backend.h"
#include "nn/philox.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>

namespace voorwerp::nn {

namespace {

/// Σ silu(x)²p(x) of a standard normal x is 0.356; this gain keeps the variance through a SiLU layer.
constexpr double kSiluGain = 1.68;
constexpr double kLogVarianceGain = 0.01; ///< start with unit posterior variance
constexpr double kOutputGain = 0.1;       ///< start near the bias, the mean spectrum
constexpr float kFirstScatter = 0.05F;    ///< in units of the flux
constexpr const char* kFirstPrefix = "adam.m.";
constexpr const char* kSecondPrefix = "adam.v.";

std::size_t aligned(std::size_t count)
{
    return (count + Layout::kAlignment - 1) / Layout::kAlignment * Layout::kAlignment;
}

std::size_t add(Layout& layout, const std::string& name, std::vector<std::size_t> shape)
{
    const std::size_t size =
        std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<std::size_t>());
    const std::size_t offset = layout.total;
    layout.tensors.push_back({name, std::move(shape), offset, size});
    layout.total += aligned(size);
    return offset;
}

LinearLayer addLinear(Layout& layout, const std::string& name, std::size_t in, std::size_t out,
                      bool activated)
{
    LinearLayer layer{in, out, 0, 0, activated};
    layer.weight = add(layout, name + ".weight", {out, in});
    layer.bias = add(layout, name + ".bias", {out});
    return layer;
}

/// (out, in, kernel) as PyTorch has it ↔ (out, kernel, in) as the arena has it; other tensors are copied.
void copyTensor(const TensorSlot& slot, const float* from, float* to, bool toArena)
{
    if (slot.shape.size() != 3) {
        std::copy_n(from, slot.size, to);
        return;
    }
    const std::size_t in = slot.shape[1], kernel = slot.shape[2];
    for (std::size_t i = 0; i < slot.size; ++i) { // i counts in PyTorch's order
        const std::size_t out = i / (in * kernel), channel = i / kernel % in, tap = i % kernel;
        const std::size_t arena = (out * kernel + tap) * in + channel;
        to[toArena ? arena : i] = from[toArena ? i : arena];
    }
}

/// Half of the last block's channels, or the pixels and their coverage.
std::size_t addConvolutions(Layout& layout, const ModelConfig& config)
{
    std::size_t channels = 2, positions = config.pixels;
    for (std::size_t i = 0; i < config.convolutions.size(); ++i) {
        const ConvBlock& block = config.convolutions[i];
        ConvLayer layer{channels, block.channels, block.kernel, block.pool, positions, 0, 0};
        layer.pooled = (positions + block.pool - 1) / block.pool;
        layer.weight =
            add(layout, "conv." + std::to_string(i) + ".weight", {block.channels, channels, block.kernel});
        layout.convolutions.push_back(layer);
        channels = block.channels;
        positions = layer.pooled;
    }
    return config.convolutions.empty() ? 2 * config.pixels : channels / 2;
}

void fillNormal(NamedTensor& tensor, std::uint64_t seed, std::uint32_t index, double deviation)
{
    float deviates[4];
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        if (i % 4 == 0)
            normals4(seed, NoiseStream::Parameters, 0, index, static_cast<std::uint32_t>(i / 4), deviates);
        tensor.values[i] = static_cast<float>(deviation) * deviates[i % 4];
    }
}

void initialiseWeight(NamedTensor& tensor, std::uint64_t seed, std::uint32_t index)
{
    const std::size_t fanIn = tensor.values.size() / tensor.shape[0];
    const double unit = 1.0 / std::sqrt(static_cast<double>(fanIn));
    if (tensor.name == "decoder.output.weight") {
        fillNormal(tensor, seed, index, kOutputGain * unit);
    } else if (tensor.name == "encoder.head.weight") {
        fillNormal(tensor, seed, index, unit);
        const auto half = static_cast<std::ptrdiff_t>(tensor.values.size() / 2);
        std::for_each(tensor.values.begin() + half, tensor.values.end(),
                      [](float& value) { value *= static_cast<float>(kLogVarianceGain); });
    } else {
        fillNormal(tensor, seed, index, kSiluGain * unit);
    }
}

} // namespace

Layout Layout::of(const ModelConfig& config)
{
    validate(config);
    Layout layout;
    std::size_t width = addConvolutions(layout, config);
    for (std::size_t i = 0; i < config.hidden.size(); ++i) {
        layout.encoder.push_back(
            addLinear(layout, "encoder." + std::to_string(i), width, config.hidden[i], true));
        width = config.hidden[i];
    }
    layout.encoder.push_back(addLinear(layout, "encoder.head", width, 2 * config.latent, false));
    width = config.latent;
    const std::vector<std::size_t> decoder = decoderWidths(config);
    for (std::size_t i = 0; i < decoder.size(); ++i) {
        layout.decoder.push_back(addLinear(layout, "decoder." + std::to_string(i), width, decoder[i], true));
        width = decoder[i];
    }
    layout.decoder.push_back(addLinear(layout, "decoder.output", width, config.pixels, false));
    if (config.scatter)
        layout.scatter = add(layout, "scatter.log", {config.pixels});
    layout.trainedTensors = layout.tensors.size();
    layout.trained = layout.total;
    layout.inputMean = add(layout, "input.mean", {config.pixels});
    return layout;
}

std::vector<NamedTensor> unpack(const Layout& layout, const float* arena, std::size_t count,
                                const std::string& prefix)
{
    std::vector<NamedTensor> tensors;
    for (std::size_t i = 0; i < count; ++i) {
        const TensorSlot& slot = layout.tensors[i];
        tensors.push_back({prefix + slot.name, slot.shape, std::vector<float>(slot.size)});
        copyTensor(slot, arena + slot.offset, tensors.back().values.data(), false);
    }
    return tensors;
}

void pack(const Layout& layout, const std::vector<NamedTensor>& tensors, std::size_t count,
          const std::string& prefix, float* arena)
{
    if (tensors.size() != count)
        throw ConfigError("the model has " + std::to_string(count) + " tensors, " +
                          std::to_string(tensors.size()) + " were given");
    for (std::size_t i = 0; i < count; ++i) {
        const TensorSlot& slot = layout.tensors[i];
        const std::string name = prefix + slot.name;
        const auto found = std::find_if(tensors.begin(), tensors.end(),
                                        [&](const NamedTensor& tensor) { return tensor.name == name; });
        if (found == tensors.end())
            throw ConfigError("tensor '" + name + "' of the model is missing");
        if (found->shape != slot.shape || found->values.size() != slot.size)
            throw ConfigError("tensor '" + name + "' has another shape than the model's");
        copyTensor(slot, found->values.data(), arena + slot.offset, true);
    }
}

std::vector<NamedTensor> unpackMoments(const Layout& layout, const float* first, const float* second)
{
    std::vector<NamedTensor> tensors = unpack(layout, first, layout.trainedTensors, kFirstPrefix);
    std::vector<NamedTensor> more = unpack(layout, second, layout.trainedTensors, kSecondPrefix);
    tensors.insert(tensors.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    return tensors;
}

void packMoments(const Layout& layout, const std::vector<NamedTensor>& tensors, float* first, float* second)
{
    std::vector<NamedTensor> firsts, seconds;
    for (const NamedTensor& tensor : tensors)
        (tensor.name.rfind(kFirstPrefix, 0) == 0 ? firsts : seconds).push_back(tensor);
    pack(layout, firsts, layout.trainedTensors, kFirstPrefix, first);
    pack(layout, seconds, layout.trainedTensors, kSecondPrefix, second);
}

std::vector<NamedTensor> parameterShapes(const ModelConfig& config)
{
    std::vector<NamedTensor> shapes;
    for (const TensorSlot& slot : Layout::of(config).tensors)
        shapes.push_back({slot.name, slot.shape, {}});
    return shapes;
}

std::vector<NamedTensor> initialParameters(const ModelConfig& config, std::uint64_t seed)
{
    const Layout layout = Layout::of(config);
    const std::vector<float> zeros(layout.total);
    std::vector<NamedTensor> tensors = unpack(layout, zeros.data(), layout.tensors.size());
    for (std::size_t i = 0; i < layout.trainedTensors; ++i)
        if (layout.tensors[i].isWeight())
            initialiseWeight(tensors[i], seed, static_cast<std::uint32_t>(i));
        else if (layout.tensors[i].offset == layout.scatter)
            std::fill(tensors[i].values.begin(), tensors[i].values.end(), std::log(kFirstScatter));
    return tensors;
}

} // namespace voorwerp::nn

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A small network with weights in every corner, shared by the tests of interchange.

#include "nn/backend.h"
#include "registry/model_file.h"

#include <cstdint>

namespace voorwerp::test {

/// Biases and input.mean are not 0, so that a graph without them computes something else.
inline registry::ModelFile sampleNetwork(nn::ModelConfig config)
{
    registry::ModelFile model;
    model.config = std::move(config);
    model.config.latent = 3;
    model.config.inputClip = 2.5F; // some pixels are clipped
    model.parameters = nn::initialParameters(model.config, 3);
    for (nn::NamedTensor& tensor : model.parameters)
        if (tensor.shape.size() == 1)
            for (std::size_t i = 0; i < tensor.values.size(); ++i)
                tensor.values[i] = 0.3F * static_cast<float>(i % 7) - 0.8F;
    model.recipe = {{"name", "sample"}, {"note", "λ in Å"}};
    model.lineage = {{"dataset", {{"name", "demo"}}}, {"config", {{"seed", 3}}}};
    model.metrics = {{"validation_loss", 0.1}};
    model.latentDensity = {{"density.shift", {3}, {0.1F, 1.0F / 3.0F, -1e-30F}}};
    return model;
}

inline registry::ModelFile sampleNetwork(std::size_t pixels = 37, std::vector<std::size_t> hidden = {19, 11})
{
    nn::ModelConfig config;
    config.pixels = pixels;
    config.hidden = std::move(hidden);
    return sampleNetwork(std::move(config));
}

/// Convolutions, a decoder of its own, a scatter.
inline registry::ModelFile sampleConvolutions()
{
    nn::ModelConfig config;
    config.architecture = "conv";
    config.pixels = 37;
    config.convolutions = {{5, 3, 2}, {7, 5, 3}, {6, 3, 1}};
    config.hidden = {11};
    config.decoder = {4, 9};
    config.scatter = true;
    return sampleNetwork(std::move(config));
}

} // namespace voorwerp::test

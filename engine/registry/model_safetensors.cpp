// SPDX-License-Identifier: GPL-3.0-or-later
#include "registry/model_safetensors.h"

#include "core/error.h"
#include "core/file_io.h"
#include "nn/backend.h"
#include "nn/error.h"

#include <algorithm>

namespace voorwerp::registry {

using nlohmann::json;

namespace {

constexpr int kFormat = 1;
constexpr const char* kFormatKey = "voorwerp.format";
constexpr const char* kModelKey = "voorwerp.model";
constexpr const char* kConfigKey = "voorwerp.config";
constexpr const char* kRecipeKey = "voorwerp.recipe";
constexpr const char* kLineageKey = "voorwerp.lineage";
constexpr const char* kMetricsKey = "voorwerp.metrics";
constexpr const char* kDensityKey = "voorwerp.latent_density";
constexpr const char* kWeightsKey = "voorwerp.weights_sha256";

[[noreturn]] void failMetadata(const std::string& source, const std::string& what)
{
    throw core::FormatError("the metadata of " + source + " are not those of a Voorwerp model: " + what,
                            "Export the model again, or give a version with the same network as template: "
                            "--template NAME[@VERSION].");
}

/// Of names and numbers, in the order given.
std::string hashOfWeights(const std::vector<nn::NamedTensor>& tensors)
{
    std::string hashes;
    for (const nn::NamedTensor& tensor : tensors)
        hashes += tensor.name + " " + core::sha256OfBytes(std::as_bytes(std::span(tensor.values))) + "\n";
    return core::sha256OfBytes(std::as_bytes(std::span(hashes)));
}

json tensorsToJson(const std::vector<nn::NamedTensor>& tensors)
{
    json list = json::array();
    for (const nn::NamedTensor& tensor : tensors)
        list.push_back({{"name", tensor.name}, {"shape", tensor.shape}, {"values", tensor.values}});
    return list;
}

std::vector<nn::NamedTensor> tensorsFromJson(const json& list)
{
    std::vector<nn::NamedTensor> tensors;
    for (const json& entry : list)
        tensors.push_back({entry.at("name").get<std::string>(),
                           entry.at("shape").get<std::vector<std::size_t>>(),
                           entry.at("values").get<std::vector<float>>()});
    return tensors;
}

const std::string& textAt(const Safetensors& content, const char* key, const std::string& source)
{
    const auto found = content.metadata.find(key);
    if (found == content.metadata.end())
        failMetadata(source, std::string("'") + key + "' is missing");
    return found->second;
}

json jsonAt(const Safetensors& content, const char* key, const std::string& source)
{
    json value = json::parse(textAt(content, key, source), nullptr, false);
    if (value.is_discarded())
        failMetadata(source, std::string("'") + key + "' is not JSON");
    return value;
}

void requireKnownFormat(const Safetensors& content, const std::string& source)
{
    if (!content.metadata.contains(kFormatKey))
        throw core::UserError(source +
                                  " has weights, but not what they are for: it was not written by Voorwerp, "
                                  "or lost its metadata",
                              "Name an existing version with the same network: --template NAME[@VERSION].");
    const std::string& format = content.metadata.at(kFormatKey);
    if (format != std::to_string(kFormat))
        failMetadata(source,
                     "its format is '" + format + "', this Voorwerp knows format " + std::to_string(kFormat));
}

/// All but the parameters and what depends on them.
ModelFile modelOfMetadata(const Safetensors& content, const std::string& source)
{
    requireKnownFormat(content, source);
    ModelFile model;
    try {
        model.config = configFromJson(jsonAt(content, kConfigKey, source));
        nn::validate(model.config);
    } catch (const json::exception& error) {
        failMetadata(source, error.what());
    } catch (const nn::ConfigError& error) {
        failMetadata(source, error.what());
    }
    model.recipe = jsonAt(content, kRecipeKey, source);
    model.lineage = jsonAt(content, kLineageKey, source);
    return model;
}

void takeResults(ModelFile& model, const Safetensors& content, const std::string& source)
{
    try {
        model.metrics = jsonAt(content, kMetricsKey, source);
        model.latentDensity = tensorsFromJson(jsonAt(content, kDensityKey, source));
    } catch (const json::exception& error) {
        failMetadata(source, error.what());
    }
}

std::string shapeText(const std::vector<std::size_t>& shape)
{
    std::string text;
    for (const std::size_t extent : shape)
        text += (text.empty() ? "" : ", ") + std::to_string(extent);
    return "(" + text + ")";
}

[[noreturn]] void failWeights(const std::string& source, const std::string& what)
{
    throw core::FormatError("the tensors of " + source + " are not those of the network: " + what,
                            "Names and shapes must be the ones of an exported version: see 'models export'.");
}

/// The file's tensors in the order of the network's.
std::vector<nn::NamedTensor> orderedWeights(std::vector<nn::NamedTensor> tensors,
                                            const nn::ModelConfig& config, const std::string& source)
{
    std::vector<nn::NamedTensor> weights = nn::parameterShapes(config);
    for (nn::NamedTensor& weight : weights) {
        const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const nn::NamedTensor& tensor) {
            return tensor.name == weight.name;
        });
        if (found == tensors.end())
            failWeights(source, "'" + weight.name + "' is missing");
        if (found->shape != weight.shape)
            failWeights(source, "'" + weight.name + "' has the shape " + shapeText(found->shape) + " where " +
                                    shapeText(weight.shape) + " is wanted");
        weight = std::move(*found);
        tensors.erase(found);
    }
    if (!tensors.empty())
        failWeights(source, "it has no '" + tensors.front().name + "'");
    return weights;
}

} // namespace

Safetensors toSafetensors(const ModelFile& model, const std::string& reference)
{
    return {model.parameters,
            {{"format", "pt"}, // what PyTorch's own files say
             {kFormatKey, std::to_string(kFormat)},
             {kModelKey, reference},
             {kConfigKey, toJson(model.config).dump()},
             {kRecipeKey, model.recipe.dump()},
             {kLineageKey, model.lineage.dump()},
             {kMetricsKey, model.metrics.dump()},
             {kDensityKey, tensorsToJson(model.latentDensity).dump()},
             {kWeightsKey, hashOfWeights(model.parameters)}}};
}

ImportedModel fromSafetensors(Safetensors content, const ModelFile* templateModel, const std::string& source)
{
    ImportedModel imported;
    if (templateModel != nullptr) {
        imported.model.config = templateModel->config;
        imported.model.recipe = templateModel->recipe;
        imported.model.lineage = templateModel->lineage;
    } else {
        imported.model = modelOfMetadata(content, source);
    }
    imported.model.parameters = orderedWeights(std::move(content.tensors), imported.model.config, source);
    if (const auto name = content.metadata.find(kModelKey); name != content.metadata.end())
        imported.exportedFrom = name->second;
    if (templateModel == nullptr &&
        textAt(content, kWeightsKey, source) == hashOfWeights(imported.model.parameters)) {
        imported.weightsAsExported = true;
        takeResults(imported.model, content, source);
    }
    return imported;
}

} // namespace voorwerp::registry

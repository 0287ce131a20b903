// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A model version as one HDF5 file: network, weights, latent density, recipe, lineage, metrics, and a golden
// output that a restored model must reproduce. The same content gives the same bytes, so that the file's
// SHA-256 names the model. Layout: engine/registry/README.md. Thread rule: any thread;
// HDF5 is entered by one thread at a time.

#include "nn/model_config.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace voorwerp::registry {

/// Fixed latents and what the decoder made of them when the model was stored.
struct GoldenTest
{
    std::size_t count = 0;           ///< latent vectors
    std::vector<float> latents;      ///< (count, latent)
    std::vector<float> flux;         ///< (count, pixels)
    double relativeTolerance = 1e-2; ///< of the RMS of flux; wide enough for another device or precision
    bool empty() const { return count == 0; }
};

/// Everything that scoring needs, and where it came from.
struct ModelFile
{
    nn::ModelConfig config;
    std::vector<nn::NamedTensor> parameters;
    std::vector<nn::NamedTensor> latentDensity;
    nlohmann::json recipe;
    nlohmann::json lineage;
    nlohmann::json metrics;
    GoldenTest golden; ///< may be empty
};

/// A network's numbers as JSON, as model files have them.
nlohmann::json toJson(const nn::ModelConfig& config);
/// Throws json::exception where something is missing or of another type.
nn::ModelConfig configFromJson(const nlohmann::json& text);

/// Writes atomically; returns the file's SHA-256. Throws SystemError (disk full, permission), UserError for
/// tensors whose names clash or whose shape and size differ.
std::string writeModelFile(const std::filesystem::path& path, const ModelFile& model);

/// Reads a file whose bytes have this SHA-256; nothing is parsed before the hash agrees. Throws FormatError:
/// both hashes when they differ, "newer format", "damaged"; SystemError when it cannot be read.
ModelFile readModelFile(const std::filesystem::path& path, const std::string& expectedSha256);

/// Latents for a golden test: count vectors of a fixed sequence in [-2, 2], the same on every machine.
std::vector<float> goldenLatents(std::size_t count, std::size_t latentSize);

/// What the decoder gave for golden.latents, compared with golden.flux.
struct GoldenComparison
{
    bool ok = false;
    double largestDifference = 0.0; ///< relative to the RMS of golden.flux; infinite when not finite
};
GoldenComparison compareGolden(const GoldenTest& golden, std::span<const float> decoded);

/// Throws FormatError naming the model when the comparison fails.
void requireGolden(const GoldenTest& golden, std::span<const float> decoded, const std::string& model);

} // namespace voorwerp::registry

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A model version as an ONNX file (opset 13, IR version 8), to be run by ONNX Runtime and others without
// Voorwerp. The graph has everything from prepared spectra on: inputs "flux" and "weight", each (batch,
// pixels) on the recipe's rest-frame grid; outputs "latent_mean", "latent_log_variance" (batch, latent) and
// "reconstruction" (batch, pixels), the decoder's output at the latent mean. The batch axis is free. Thread
// rule: any thread.

#include "registry/model_file.h"

#include <filesystem>
#include <string>

namespace voorwerp::registry {

inline constexpr int kOnnxOpset = 13;
inline constexpr int kOnnxIrVersion = 8;

/// Writes atomically. reference: NAME@VERSION, kept in the file with network and recipe. Throws UserError for
/// an architecture that has no exporter and for a model larger than an ONNX file can be (2 GiB), SystemError.
void writeOnnx(const std::filesystem::path& path, const ModelFile& model, const std::string& reference);

} // namespace voorwerp::registry

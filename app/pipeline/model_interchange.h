// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Model versions to and from the files of other programs: safetensors (PyTorch) both ways, ONNX out.

#include "core/job_context.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace voorwerp::pipeline {

class Session;

enum class ModelFormat { Safetensors, Onnx };

struct ModelExportReport
{
    std::string model;  ///< NAME@VERSION
    std::string sha256; ///< of the file written
    std::uintmax_t bytes = 0;
};

/// reference: NAME, NAME@VERSION, NAME@ALIAS. The file appears complete or not at all. Throws UserError (no
/// such model, no exporter for it), FormatError (the version's file is not the recorded one), SystemError.
ModelExportReport exportModel(const Session& session, const std::string& reference, ModelFormat format,
                              const std::filesystem::path& file);

struct ModelImportRequest
{
    std::filesystem::path file;
    std::string name;          ///< the new version goes under this name
    std::string templateModel; ///< reference of a version with the same network; empty: the file says all
};

struct ModelImportReport
{
    std::string model; ///< NAME@VERSION
    std::string sha256;
    std::string fileSha256;
    std::string templateModel; ///< NAME@VERSION, or empty
    bool weightsAsExported = false;
    std::string latentDensity; ///< a clause for people: where it comes from, or why there is none
    bool hasLatentDensity = false;
};

/// Golden outputs are computed here. Latent density and metrics are taken over with weights that were not
/// changed since Voorwerp exported them; for other weights the density is fitted again where the training set
/// is at hand, and there are no metrics. Scores never come along. Throws UserError (no such file, template
/// needed), FormatError (the file is damaged or has another network), SystemError, DatabaseError, Cancelled.
ModelImportReport importModel(const Session& session, const ModelImportRequest& request,
                              core::JobContext& context);

} // namespace voorwerp::pipeline

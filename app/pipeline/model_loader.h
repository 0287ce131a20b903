// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A stored model version made ready to compute: file verified, backend built, density and recipe restored.

#include "catalog/model_store.h"
#include "dataset/recipe.h"
#include "nn/backend.h"
#include "registry/model_file.h"
#include "score/latent_density.h"

#include <memory>
#include <string>

namespace voorwerp::pipeline {

class Session;

/// A version and the content of its file.
struct StoredModel
{
    catalog::ModelVersion version; ///< file: where it is now
    registry::ModelFile file;
};

/// reference as in loadModel(). Throws UserError when there is none, FormatError when the file's hash
/// differs.
StoredModel readModel(const Session& session, const std::string& reference);

/// Everything that scoring and explaining need. One thread at a time.
struct LoadedModel
{
    catalog::ModelVersion version;
    dataset::Recipe recipe;
    std::unique_ptr<nn::Backend> backend;
    score::LatentDensity density;
};

/// reference: NAME, NAME@VERSION, NAME@ALIAS; empty: the model with the alias "champion".
/// Throws UserError when there is none; FormatError when the file's hash differs or its golden output is not
/// reproduced.
LoadedModel loadModel(const Session& session, const std::string& reference, const std::string& device,
                      int threads = 0, nn::Precision precision = nn::Precision::Fp32);

} // namespace voorwerp::pipeline

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A model version as a safetensors file, for PyTorch, and back. The file's tensors are exactly the network's
// (a state_dict); everything else that scoring needs is JSON text in the metadata, which PyTorch leaves away:
// then an existing version serves as template. Keys: engine/registry/README.md. Thread rule: any thread.

#include "registry/model_file.h"
#include "registry/safetensors.h"

#include <string>

namespace voorwerp::registry {

/// reference: NAME@VERSION, for whoever reads the file.
Safetensors toSafetensors(const ModelFile& model, const std::string& reference);

/// A model out of a file. Its golden test is empty: only a backend can compute it.
struct ImportedModel
{
    ModelFile model;
    std::string exportedFrom; ///< NAME@VERSION that the file says; empty without metadata
    /// The weights are those that were exported with these metadata. If not, latent density and metrics of
    /// the earlier weights are not taken over: they are empty.
    bool weightsAsExported = false;
};

/// Everything but the weights comes from the template where one is given, else from the file's metadata.
/// source names the file in messages. Throws UserError when neither is there; FormatError when metadata are
/// damaged or made by a newer Voorwerp, or the tensors are not exactly those of the network.
ImportedModel fromSafetensors(Safetensors content, const ModelFile* templateModel, const std::string& source);

} // namespace voorwerp::registry

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How a new model, trained or imported, becomes a version: its golden test, its file, its row, its aliases.

#include "catalog/model_store.h"
#include "nn/backend.h"
#include "registry/model_file.h"

namespace voorwerp::pipeline {

class Session;

/// What this backend's decoder gives for fixed latents.
registry::GoldenTest makeGolden(nn::Backend& backend);

/// version says name, training set and configuration; the file says the rest. Writes the file, records it (a
/// file that cannot be recorded is removed), and lets the first version of a name and of a workspace be
/// champion. Throws UserError, SystemError, DatabaseError.
catalog::ModelVersion storeModel(const Session& session, catalog::ModelVersion version,
                                 const registry::ModelFile& file);

} // namespace voorwerp::pipeline

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The folder of model versions: models/NAME/VERSION/{model.h5, lineage.json}. A version's folder is there
// complete or not at all, and is never changed afterwards. Thread rule: safe; two writers get different
// versions.

#include "registry/model_file.h"

#include <filesystem>
#include <string>

namespace voorwerp::registry {

struct StoredModel
{
    std::string name;
    int version = 0; ///< 1, 2, ...
    std::filesystem::path file;
    std::string sha256;
};

class ModelFolder
{
public:
    /// folder: core::Workspace::models(). Creates nothing.
    explicit ModelFolder(std::filesystem::path folder);

    /// models/NAME/VERSION/model.h5
    std::filesystem::path file(const std::string& name, int version) const;
    /// One more than the highest version on disk. atLeast: the same from the database, where a lost file's
    /// version is still taken.
    int nextVersion(const std::string& name, int atLeast = 1) const;
    /// Stores the model as version nextVersion(name, atLeast). The lineage gets model name, version and
    /// SHA-256 in lineage.json. Throws UserError (bad name), SystemError.
    StoredModel store(const std::string& name, const ModelFile& model, int atLeast = 1) const;
    /// Removes a version that could not be recorded in the database, or that a person deletes.
    void remove(const std::string& name, int version) const;

private:
    std::filesystem::path m_folder;
};

} // namespace voorwerp::registry

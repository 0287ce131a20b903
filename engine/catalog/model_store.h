// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Model versions (append-only) and the aliases that point at them, with a history that is never rewritten.

#include "catalog/database.h"
#include "core/ids.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::catalog {

struct ModelVersion
{
    core::ModelVersionId id;
    std::string name;
    int version = 0; ///< 1, 2, ...
    std::filesystem::path file;
    std::string sha256;
    std::string dataset; ///< name of the training set
    std::string datasetSha256;
    std::string configuration; ///< JSON object: training settings and seed
    std::string metrics;       ///< JSON object
    std::string lineage;       ///< JSON object: files → selection → recipe → training set → run
    std::string created;       ///< ISO 8601
    std::vector<std::string> aliases;          ///< of its own name, sorted: what NAME@ALIAS finds
    std::vector<std::string> workspaceAliases; ///< of the whole workspace, sorted

    std::string reference() const { return name + "@" + std::to_string(version); }
    /// The workspace's default model: what is used where none is named.
    bool isChampion() const;
};

/// Stores a version; version 0 takes the next number of the name. Throws UserError when name@version is
/// there.
ModelVersion registerModel(const Database& database, const ModelVersion& model);
/// 1 for a new name.
int nextModelVersion(const Database& database, const std::string& name);
/// By name and version.
std::vector<ModelVersion> listModels(const Database& database);
/// NAME (its newest version), NAME@VERSION, NAME@ALIAS; empty: the workspace's champion.
/// Throws UserError that says what there is.
ModelVersion findModel(const Database& database, const std::string& reference);
ModelVersion findModel(const Database& database, core::ModelVersionId id);

/// An alias of one model name, or of the whole workspace (name empty: the default model, "champion").
struct AliasName
{
    std::string model; ///< empty: the workspace
    std::string alias = "champion";

    bool operator==(const AliasName&) const = default;
};

struct AliasChange
{
    std::int64_t id = 0;
    AliasName name;
    std::string from; ///< NAME@VERSION, empty at first
    std::string to;
    std::string who;
    std::string reason;
    std::string time;        ///< ISO 8601
    std::int64_t undoes = 0; ///< the change that this roll-back took back, or 0
};

/// Throws UserError when the version belongs to another model name, or the alias is a number.
AliasChange setAlias(const Database& database, const AliasName& name, core::ModelVersionId to,
                     const std::string& who, const std::string& reason = {});
/// One step back; repeat to go further. Throws UserError when there is nothing before.
AliasChange rollbackAlias(const Database& database, const AliasName& name, const std::string& who,
                          const std::string& reason = {});
/// The change that the next roll-back of this alias takes back: the newest one that is no roll-back and was
/// not taken back. Null when there is nothing before it. history: as aliasHistory() returns it.
const AliasChange* changeToRollBack(const std::vector<AliasChange>& history, const AliasName& name);
/// Oldest first. Empty model name: all changes of all names.
std::vector<AliasChange> aliasHistory(const Database& database, const std::string& modelName = {});

} // namespace voorwerp::catalog

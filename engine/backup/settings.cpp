// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/backup_types.h"

#include "core/error.h"
#include "core/file_io.h"

#include <nlohmann/json.hpp>

namespace voorwerp::backup {

namespace fs = std::filesystem;

namespace {

fs::path settingsFile(const core::Workspace& workspace)
{
    return workspace.backup() / "settings.json";
}

} // namespace

BackupSettings BackupSettings::defaults(const core::Workspace& workspace)
{
    return {workspace, workspace.backup() / "repository", workspace.backup() / "password", true};
}

BackupSettings BackupSettings::load(const core::Workspace& workspace)
{
    BackupSettings settings = defaults(workspace);
    const fs::path file = settingsFile(workspace);
    if (!fs::exists(file))
        return settings;
    try {
        const auto json = nlohmann::json::parse(core::readText(file));
        settings.repository = fs::path(json.at("repository").get<std::string>());
        settings.passwordFile = fs::path(json.at("password_file").get<std::string>());
        settings.includeDatasets = json.value("include_datasets", true);
    } catch (const nlohmann::json::exception& error) {
        throw core::FormatError("the backup settings " + file.string() + " are damaged: " + error.what(),
                                "Correct that file, or remove it to use the default repository in " +
                                    workspace.backup().string() + ".");
    }
    return settings;
}

void BackupSettings::save() const
{
    const nlohmann::json json{{"repository", repository.string()},
                              {"password_file", passwordFile.string()},
                              {"include_datasets", includeDatasets}};
    core::writeTextAtomically(settingsFile(workspace), json.dump(2) + "\n");
}

} // namespace voorwerp::backup

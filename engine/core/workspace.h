// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The folder in which everything of one project lives: the private database, training sets, runs, models,
// backups. A value: copying it is cheap, it holds paths only.

#include <filesystem>

namespace voorwerp::core {

class Workspace
{
public:
    /// The layout below folder; creates nothing.
    explicit Workspace(std::filesystem::path folder);
    /// $XDG_DATA_HOME/voorwerp, or ~/.local/share/voorwerp.
    static std::filesystem::path defaultFolder();
    /// Creates the folders that are missing. Throws SystemError.
    void create() const;

    const std::filesystem::path& folder() const { return m_folder; }
    std::filesystem::path postgres() const { return m_folder / "postgres"; } ///< the private cluster
    std::filesystem::path datasets() const { return m_folder / "datasets"; } ///< NAME.h5
    std::filesystem::path runs() const { return m_folder / "runs"; } ///< NAME/checkpoint, NAME/history.jsonl
    std::filesystem::path models() const { return m_folder / "models"; } ///< NAME/VERSION/model.h5
    std::filesystem::path backup() const
    {
        return m_folder / "backup";
    } ///< restic repository and its settings
    std::filesystem::path recipes() const { return m_folder / "recipes"; } ///< the user's own recipes (JSON)
    std::filesystem::path logs() const { return m_folder / "logs"; }

private:
    std::filesystem::path m_folder;
};

} // namespace voorwerp::core

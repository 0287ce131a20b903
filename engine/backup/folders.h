// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Folders and locks of a backup operation: scratch space that disappears, hard links of what is backed up,
// one operation at a time.

#include "backup/backup_types.h"
#include "core/file_io.h"

#include <cstdint>
#include <filesystem>

namespace voorwerp::backup {

/// An empty folder that is removed with the object, whatever happened in it. What a killed program left there
/// is removed first.
class ScratchFolder
{
public:
    explicit ScratchFolder(std::filesystem::path path);
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    const std::filesystem::path& path() const { return m_path; }
    /// Renames it away: it stays.
    void renameTo(const std::filesystem::path& target);

private:
    std::filesystem::path m_path;
};

/// Hard-links (or copies, on another disk) models, recipes, training sets and the settings files in the
/// workspace's own folder into target: what is stored is what was hashed, even if a file is replaced
/// meanwhile.
void linkWorkspaceFiles(const BackupSettings& settings, const std::filesystem::path& target);

/// Held during an operation. Throws UserError when another program is at it.
core::FileLock lockBackups(const BackupSettings& settings);

/// Throws SystemError when the disk of folder has less room than bytes.
void requireSpace(const std::filesystem::path& folder, std::int64_t bytes);

} // namespace voorwerp::backup

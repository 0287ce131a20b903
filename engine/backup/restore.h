// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What verification and restore share: a snapshot's files brought back.

#include "backup/manifest.h"
#include "backup/restic.h"

#include <filesystem>

namespace voorwerp::backup {

/// Restores all files of a snapshot into an empty folder. What restic complains about without stopping (a
/// damaged pack) is returned, one sentence; empty: nothing.
std::string restoreFiles(const Restic& restic, const SnapshotInfo& snapshot,
                         const std::filesystem::path& folder, core::JobContext& context);

} // namespace voorwerp::backup

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The backup room bound to a workspace and its database: what to dump, how to count rows, where scratch
// databases go.

#include "backup/backup.h"
#include "core/job_context.h"

#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::pipeline {

class Session;

/// Settings of this workspace's backup (repository in workspace/backup unless chosen otherwise at init).
backup::BackupSettings backupSettings(const Session& session);
backup::InitReport initBackup(const Session& session, const std::filesystem::path& repository,
                              core::JobContext& context);
backup::BackupReport runBackup(const Session& session, core::JobContext& context);
std::vector<backup::SnapshotInfo> listBackups(const Session& session, core::JobContext& context);
/// The newest or a named snapshot: id or "latest".
backup::VerifyReport verifyBackup(const Session& session, const std::string& snapshot,
                                  core::JobContext& context);
/// folder becomes a workspace with a private cluster of its own.
backup::RestoreReport restoreBackup(const Session& session, const std::string& snapshot,
                                    const std::filesystem::path& folder, core::JobContext& context);

} // namespace voorwerp::pipeline

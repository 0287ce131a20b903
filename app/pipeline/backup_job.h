// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The backup room bound to a workspace and its database: what to dump, how to count rows, where to restore.

#include "backup/backup.h"
#include "core/job_context.h"

#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::catalog {
class Database;
}

namespace voorwerp::pipeline {

class Session;

/// What the backup room needs of a database.
backup::DatabaseAccess databaseAccess(const catalog::Database& database);
/// A private cluster that runs as long as the access given lives, then is removed with all its data.
backup::OpenDatabase scratchServer(core::JobContext& context);
/// The same, but the data stay: the private cluster of a restored workspace.
backup::OpenDatabase ownServer(core::JobContext& context);

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

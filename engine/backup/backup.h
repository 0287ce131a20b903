// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Backups that are known to restore: pg_dump and the model files go into an encrypted, deduplicating restic
// repository, and verifySnapshot() restores one for real and compares every file and every table.
//
// Errors, each with a remedy: UserError (no repository, wrong password, unknown snapshot, locked by a running
// program, folder not empty), SystemError (restic or pg_dump missing or too old, disk full), DatabaseError
// (server gone), FormatError (damaged repository or manifest), Cancelled. Thread rule: any thread; one
// operation at a time per workspace is kept by a lock file. Stop is obeyed while programs run.

#include "backup/backup_types.h"
#include "core/job_context.h"

#include <string>
#include <vector>

namespace voorwerp::backup {

/// Creates the repository, a random password (mode 0600) and settings.json. Refuses where a repository or a
/// password file is already there.
InitReport initRepository(const BackupSettings& settings, core::JobContext& context);

/// True when settings.json, the password file and the repository are there.
bool isInitialised(const BackupSettings& settings);

/// Dumps the database in one snapshot, hard-links the workspace's files beside it, writes manifest.json (rows
/// per table, SHA-256 per file, software, time) and stores all of it.
BackupReport runBackup(const BackupSettings& settings, const DatabaseAccess& database,
                       core::JobContext& context);

/// Oldest first.
std::vector<SnapshotInfo> listSnapshots(const BackupSettings& settings, core::JobContext& context);

/// Checks the repository's data, restores the snapshot into a scratch folder with a server of its own
/// (removed at the end; the server in use is neither burdened nor asked for rights) and compares both with
/// the manifest. The outcome is kept in workspace/backup/verified.json. A bad snapshot is reported, not
/// thrown.
VerifyReport verifySnapshot(const BackupSettings& settings, const VerifyRequest& request,
                            core::JobContext& context);

/// Restores files and database. Every file is compared with the manifest before folder appears.
RestoreReport restoreSnapshot(const BackupSettings& settings, const RestoreRequest& request,
                              core::JobContext& context);

} // namespace voorwerp::backup

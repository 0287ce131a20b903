// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// pg_dump and pg_restore of a version that fits the server, with errors that say what to do.

#include "backup/backup_types.h"
#include "core/job_context.h"

#include <filesystem>
#include <string>

namespace voorwerp::backup {

/// The newest installed program (/usr/lib/postgresql/*/bin, else PATH). Throws SystemError when there is none
/// of at least this major version: pg_dump refuses newer servers.
std::filesystem::path findPostgresTool(const std::string& name, int leastMajorVersion);

/// Dumps one frozen moment into folder (directory format, uncompressed: the repository deduplicates and
/// compresses).
void dumpDatabase(const DatabaseAccess& database, const std::string& snapshotName,
                  const std::filesystem::path& folder, core::JobContext& context);

/// Restores a dump into an empty database, in one transaction: complete or nothing.
void restoreDatabase(const ConnectionEnvironment& database, int serverMajorVersion,
                     const std::filesystem::path& folder, core::JobContext& context);

} // namespace voorwerp::backup

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a snapshot must hold: rows per table and the hash of every file. Stored in it as manifest.json.

#include "backup/backup_types.h"
#include "core/job_context.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::backup {

inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kDatabaseFolder = "database";

struct ManifestFile
{
    std::string path; ///< below the snapshot's root, '/' between folders
    std::int64_t bytes = 0;
    std::string sha256;
};

struct Manifest
{
    std::string created;  ///< ISO 8601, UTC
    std::string software; ///< name, version, commit
    int serverMajorVersion = 0;
    RowCounts tables;
    std::vector<ManifestFile> files; ///< sorted by path; the manifest itself is not in it

    std::int64_t totalBytes() const;
    std::int64_t totalRows() const;
};

/// Hashes every file below folder.
std::vector<ManifestFile> hashFiles(const std::filesystem::path& folder, core::JobContext& context);

void writeManifest(const std::filesystem::path& folder, const Manifest& manifest);
/// Throws FormatError: missing, damaged, made by a newer version.
Manifest readManifest(const std::filesystem::path& folder);

/// What is missing, changed or too many below folder; empty: all is as the manifest says.
std::vector<std::string> compareFiles(const Manifest& manifest, const std::filesystem::path& folder,
                                      core::JobContext& context);
/// Tables that are missing, too many, or have another number of rows.
std::vector<std::string> compareRows(const Manifest& manifest, const RowCounts& rows);

/// Now, as ISO 8601 in UTC with seconds.
std::string utcNow();

} // namespace voorwerp::backup

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the backup room takes and gives: settings, access to a database, reports. Plain values; the database
// is reached through functions, so that this room needs to know neither SQL nor the catalogue.

#include "core/workspace.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace voorwerp::backup {

/// libpq's variables (PGHOST, PGUSER, PGDATABASE, PGPASSWORD, ...) of one database. Handed to pg_dump and
/// pg_restore as environment, so that no password is visible in a process list.
using ConnectionEnvironment = std::map<std::string, std::string>;

/// "schema.table" → rows.
using RowCounts = std::map<std::string, std::int64_t>;

/// One moment of a database, held open while it is dumped.
struct FrozenDatabase
{
    std::string snapshotName; ///< of pg_export_snapshot(), for pg_dump --snapshot
    RowCounts rows;           ///< counted in that snapshot
};

/// A database to be dumped, or to be restored into. catalog/maintenance.h has functions of these shapes.
struct DatabaseAccess
{
    ConnectionEnvironment environment;
    int serverMajorVersion = 0; ///< 15 for PostgreSQL 15.4
    /// Opens a snapshot, calls use, closes it.
    std::function<void(const std::function<void(const FrozenDatabase&)>& use)> withSnapshot;
    std::function<RowCounts()> rowCounts; ///< of each table
    std::shared_ptr<void> server;         ///< runs as long as this lives; null: somebody else's
};

/// Makes an empty database on a server of its own, whose files lie in the folder of a workspace.
using OpenDatabase = std::function<DatabaseAccess(const std::filesystem::path& workspace)>;

/// Where backups go. Stored as workspace/backup/settings.json.
struct BackupSettings
{
    core::Workspace workspace;
    std::filesystem::path repository;   ///< restic repository (a folder)
    std::filesystem::path passwordFile; ///< mode 0600
    bool includeDatasets = true;        ///< training sets can be built again; models cannot

    /// Repository workspace/backup/repository, password workspace/backup/password.
    static BackupSettings defaults(const core::Workspace& workspace);
    /// As initRepository() stored them, else the defaults. Throws FormatError when the file is damaged.
    static BackupSettings load(const core::Workspace& workspace);
    void save() const;
};

struct InitReport
{
    std::filesystem::path repository;
    std::filesystem::path passwordFile;
    std::string advice; ///< a sentence for the person: keep the password elsewhere, too
};

struct BackupReport
{
    std::string snapshot; ///< full id
    std::int64_t files = 0;
    std::int64_t bytes = 0;      ///< of everything in the snapshot
    std::int64_t bytesAdded = 0; ///< new in the repository
    std::int64_t rows = 0;       ///< in all tables
    double seconds = 0.0;
};

/// The last test-restore of a snapshot.
struct VerifiedMark
{
    std::string time; ///< ISO 8601, UTC
    bool ok = false;
    std::vector<std::string> problems;
};

struct SnapshotInfo
{
    std::string id;      ///< full id
    std::string shortId; ///< first eight digits
    std::string time;    ///< ISO 8601, UTC
    std::string host;
    std::string softwareVersion;
    std::int64_t bytes = 0; ///< when restored
    std::int64_t rows = 0;
    std::optional<VerifiedMark> verified;
};

struct VerifyRequest
{
    std::string snapshot = "latest";
    std::string readDataSubset; ///< restic's "10%", "1/5", "500M"; empty: read all data
    /// What is restored into. Its server has to end, and what it keeps outside of the workspace has to go,
    /// with DatabaseAccess::server.
    OpenDatabase openDatabase;
};

struct VerifyReport
{
    std::string snapshot; ///< full id
    bool ok = false;      ///< no problem found
    std::vector<std::string> problems;
    std::int64_t files = 0;  ///< restored and compared by SHA-256
    std::int64_t tables = 0; ///< restored and compared by row count
    std::int64_t rows = 0;
    double seconds = 0.0;
};

struct RestoreRequest
{
    enum class Existing {
        Refuse,   ///< a folder that is not empty is an error
        MoveAside ///< it is renamed to FOLDER.before-restore-TIME, nothing is deleted
    };
    std::string snapshot = "latest";
    std::filesystem::path folder; ///< becomes a workspace: models, datasets, recipes
    Existing existing = Existing::Refuse;
    /// Called when the files are in folder. Empty: the dump is left as folder/database.
    OpenDatabase openDatabase;
};

struct RestoreReport
{
    std::string snapshot;
    std::filesystem::path folder;
    std::filesystem::path movedAside; ///< what was there before; empty: nothing
    std::int64_t files = 0;
    std::int64_t bytes = 0;
    std::int64_t tables = 0;
    std::int64_t rows = 0;
    double seconds = 0.0;
};

} // namespace voorwerp::backup

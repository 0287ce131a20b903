// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/restore.h"

#include "backup/backup.h"
#include "backup/folders.h"
#include "backup/postgres_tools.h"
#include "core/error.h"

#include <algorithm>
#include <chrono>
#include <unistd.h>

namespace voorwerp::backup {

namespace fs = std::filesystem;

namespace {

constexpr const char* kReceipt = "restored-from.json";

std::string joined(const std::vector<std::string>& problems)
{
    constexpr std::size_t kShown = 5;
    std::string text;
    for (std::size_t i = 0; i < std::min(problems.size(), kShown); ++i)
        text += (i == 0 ? "" : "; ") + problems[i];
    if (problems.size() > kShown)
        text += "; and " + std::to_string(problems.size() - kShown) + " more";
    return text;
}

bool isOccupied(const fs::path& folder)
{
    return fs::exists(folder) && !(fs::is_directory(folder) && fs::is_empty(folder));
}

void requireFree(const RestoreRequest& request)
{
    if (request.folder.empty())
        throw core::UserError("no folder was named to restore into", "Choose a new folder.");
    if (isOccupied(request.folder) && request.existing == RestoreRequest::Existing::Refuse)
        throw core::UserError("the folder " + request.folder.string() + " is not empty",
                              "Choose a new folder; a restore never writes over what is there.");
    if (fs::exists(request.folder / "postgres/data/postmaster.pid"))
        throw core::UserError("a PostgreSQL server runs in " + request.folder.string(),
                              "Stop it first (workspace stop), or choose a new folder.");
}

/// Puts the restored files where they belong; returns where the old ones went.
fs::path moveIntoPlace(ScratchFolder& scratch, const fs::path& folder)
{
    fs::path aside;
    if (isOccupied(folder)) {
        aside = folder;
        aside += ".before-restore-" + utcNow();
        fs::rename(folder, aside);
    } else {
        fs::remove(folder);
    }
    scratch.renameTo(folder);
    return aside;
}

RowCounts restoreIntoDatabase(const RestoreRequest& request, const Manifest& manifest,
                              core::JobContext& context)
{
    context.beginPhase("Restoring the database", "", 1);
    const DatabaseAccess database = request.openDatabase(request.folder);
    restoreDatabase(database.environment, database.serverMajorVersion, request.folder / kDatabaseFolder,
                    context);
    const RowCounts rows = database.rowCounts();
    if (const auto problems = compareRows(manifest, rows); !problems.empty())
        throw core::FormatError("the restored database is not what was backed up: " + joined(problems),
                                "Do not use it; restore another snapshot.");
    fs::remove_all(request.folder / kDatabaseFolder);
    context.advanceTo(1);
    return rows;
}

} // namespace

std::string restoreFiles(const Restic& restic, const SnapshotInfo& snapshot, const fs::path& folder,
                         core::JobContext& context)
{
    requireSpace(folder, snapshot.bytes);
    context.beginPhase("Restoring files", "", 1);
    const auto result =
        restic.tryRun({.arguments = {"restore", snapshot.id, "--target", folder.string()}}, context);
    context.advanceTo(1);
    return result.ok() ? std::string() : "restic could not restore everything: " + lastWords(result.error);
}

RestoreReport restoreSnapshot(const BackupSettings& settings, const RestoreRequest& request,
                              core::JobContext& context)
{
    const auto started = std::chrono::steady_clock::now();
    const auto lock = lockBackups(settings);
    requireFree(request);
    const Restic restic(settings);
    const SnapshotInfo snapshot = restic.resolve(request.snapshot, context);
    const fs::path target = fs::absolute(request.folder).lexically_normal();
    fs::path unfinished = target;
    unfinished += ".restoring";
    ScratchFolder scratch(unfinished);
    const std::string complaint = restoreFiles(restic, snapshot, scratch.path(), context);
    if (!complaint.empty())
        throw core::FormatError(complaint, "The snapshot is damaged; restore another one.");
    const Manifest manifest = readManifest(scratch.path());
    if (const auto problems = compareFiles(manifest, scratch.path(), context); !problems.empty())
        throw core::FormatError("the snapshot " + snapshot.shortId +
                                    " is not what was backed up: " + joined(problems),
                                "Restore another snapshot.");
    fs::rename(scratch.path() / kManifestFile, scratch.path() / kReceipt);
    RestoreReport report;
    report.snapshot = snapshot.id;
    report.folder = target;
    report.movedAside = moveIntoPlace(scratch, target);
    report.files = static_cast<std::int64_t>(manifest.files.size());
    report.bytes = manifest.totalBytes();
    if (request.openDatabase) {
        restoreIntoDatabase(request, manifest, context);
        report.tables = static_cast<std::int64_t>(manifest.tables.size());
        report.rows = manifest.totalRows();
    }
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return report;
}

} // namespace voorwerp::backup

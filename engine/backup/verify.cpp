// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/backup.h"
#include "backup/folders.h"
#include "backup/postgres_tools.h"
#include "backup/restore.h"
#include "backup/verified_log.h"
#include "core/error.h"

#include <chrono>

namespace voorwerp::backup {

namespace fs = std::filesystem;

namespace {

void checkRepository(const Restic& restic, const VerifyRequest& request, VerifyReport& report,
                     core::JobContext& context)
{
    context.beginPhase("Reading all stored data", "", 1);
    const std::string data =
        request.readDataSubset.empty() ? "--read-data" : "--read-data-subset=" + request.readDataSubset;
    const auto result = restic.tryRun({.arguments = {"check", data}}, context);
    if (!result.ok())
        report.problems.push_back("the repository is damaged: " + lastWords(result.error));
    context.advanceTo(1);
}

void append(std::vector<std::string>& problems, std::vector<std::string> more)
{
    problems.insert(problems.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
}

void checkDatabase(const VerifyRequest& request, const Manifest& manifest, const fs::path& scratch,
                   VerifyReport& report, core::JobContext& context)
{
    context.beginPhase("Restoring the database", "", 1);
    const DatabaseAccess database = request.openDatabase(scratch);
    try {
        restoreDatabase(database.environment, database.serverMajorVersion, scratch / kDatabaseFolder,
                        context);
    } catch (const core::DatabaseError& error) {
        if (error.kind() == core::DatabaseError::Kind::Unreachable)
            throw;
        report.problems.push_back(error.what());
        return;
    }
    append(report.problems, compareRows(manifest, database.rowCounts()));
    report.tables = static_cast<std::int64_t>(manifest.tables.size());
    report.rows = manifest.totalRows();
    context.advanceTo(1);
}

/// Files and database of the snapshot, restored for real and compared.
void checkRestore(const Restic& restic, const BackupSettings& settings, const VerifyRequest& request,
                  const SnapshotInfo& snapshot, VerifyReport& report, core::JobContext& context)
{
    const ScratchFolder scratch(settings.workspace.backup() / "scratch");
    const std::string complaint = restoreFiles(restic, snapshot, scratch.path(), context);
    if (!complaint.empty())
        report.problems.push_back(complaint);
    try {
        const Manifest manifest = readManifest(scratch.path());
        append(report.problems, compareFiles(manifest, scratch.path(), context));
        report.files = static_cast<std::int64_t>(manifest.files.size());
        checkDatabase(request, manifest, scratch.path(), report, context);
    } catch (const core::FormatError& error) {
        report.problems.push_back(error.what());
    }
}

} // namespace

VerifyReport verifySnapshot(const BackupSettings& settings, const VerifyRequest& request,
                            core::JobContext& context)
{
    const auto started = std::chrono::steady_clock::now();
    const auto lock = lockBackups(settings);
    const Restic restic(settings);
    const SnapshotInfo snapshot = restic.resolve(request.snapshot, context);
    VerifyReport report;
    report.snapshot = snapshot.id;
    checkRepository(restic, request, report, context);
    checkRestore(restic, settings, request, snapshot, report, context);
    report.ok = report.problems.empty();
    recordVerified(settings.workspace, snapshot.id, {utcNow(), report.ok, report.problems});
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return report;
}

} // namespace voorwerp::backup

// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/backup.h"

#include "backup/folders.h"
#include "backup/manifest.h"
#include "backup/postgres_tools.h"
#include "backup/restic.h"
#include "backup/verified_log.h"
#include "core/error.h"
#include "core/version.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

namespace voorwerp::backup {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string randomPassword()
{
    std::array<unsigned char, 32> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw core::SystemError(std::string("no random numbers from the system: ") + std::strerror(errno));
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes)
        text.append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    return text;
}

/// Creates the file for its owner only; never overwrites one.
void writePasswordFile(const fs::path& path, const std::string& password)
{
    fs::create_directories(path.parent_path());
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const std::string text = password + "\n";
    const bool written = file >= 0 &&
                         ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         ::fsync(file) == 0;
    const int code = errno;
    if (file >= 0)
        ::close(file);
    if (!written)
        throw core::SystemError("cannot write the password file " + path.string() + ": " +
                                    std::strerror(code),
                                "Check the permissions of its folder and the space on its disk.");
}

bool isEmptyOrAbsent(const fs::path& folder)
{
    std::error_code ignored;
    return !fs::exists(folder, ignored) || fs::is_empty(folder, ignored);
}

void requireNothingThere(const BackupSettings& settings)
{
    if (!isEmptyOrAbsent(settings.repository))
        throw core::UserError("there is something in " + settings.repository.string() + " already",
                              "Use that repository as it is, or choose an empty folder for a new one.");
    if (fs::exists(settings.passwordFile))
        throw core::UserError(
            "the password file " + settings.passwordFile.string() + " is there already",
            "It may open an earlier repository: keep it, and choose another name or folder for the "
            "new one.");
}

/// Follows restic's JSON lines and remembers the last one, its summary.
class BackupProgress
{
public:
    explicit BackupProgress(core::JobContext& context)
        : m_context(context)
    {
    }
    void operator()(std::string_view line)
    {
        const json message = json::parse(line, nullptr, false);
        if (!message.is_object())
            return;
        if (message.value("message_type", "") == "summary")
            m_summary = message;
        else if (message.contains("bytes_done"))
            m_context.advanceTo(message["bytes_done"].get<double>());
    }
    const json& summary() const { return m_summary; }

private:
    core::JobContext& m_context;
    json m_summary;
};

/// Fills the staging folder: dump, links, manifest.
Manifest stage(const BackupSettings& settings, const DatabaseAccess& database, const fs::path& staging,
               core::JobContext& context)
{
    Manifest manifest;
    manifest.created = utcNow();
    manifest.software = std::string("Voorwerp ") + core::kVersion + " (" + core::kCommit + ")";
    manifest.serverMajorVersion = database.serverMajorVersion;
    context.beginPhase("Dumping the database", "", 1);
    // The dump comes first: rows name files, so files linked after it are at least those that rows name.
    database.withSnapshot([&](const FrozenDatabase& frozen) {
        manifest.tables = frozen.rows;
        dumpDatabase(database, frozen.snapshotName, staging / kDatabaseFolder, context);
    });
    context.advanceTo(1);
    linkWorkspaceFiles(settings, staging);
    manifest.files = hashFiles(staging, context);
    writeManifest(staging, manifest);
    return manifest;
}

json storeFolder(const Restic& restic, const fs::path& staging, const Manifest& manifest,
                 core::JobContext& context)
{
    context.beginPhase("Storing", "bytes", static_cast<double>(manifest.totalBytes()));
    BackupProgress progress(context);
    restic.run({.arguments = {"backup", "--json", "--ignore-ctime", "--tag", "voorwerp", "--tag",
                              std::string("version=") + core::kVersion, "--tag",
                              "bytes=" + std::to_string(manifest.totalBytes()), "--tag",
                              "rows=" + std::to_string(manifest.totalRows()), "."},
                .workingFolder = staging,
                .onOutputLine = std::ref(progress)},
               context);
    context.advanceTo(static_cast<double>(manifest.totalBytes()));
    return progress.summary();
}

} // namespace

InitReport initRepository(const BackupSettings& settings, core::JobContext& context)
{
    const auto lock = lockBackups(settings);
    requireNothingThere(settings);
    context.beginPhase("Creating the repository", "", 1);
    writePasswordFile(settings.passwordFile, randomPassword());
    try {
        const Restic restic(settings);
        restic.run({.arguments = {"init"}}, context);
        settings.save();
    } catch (...) {
        std::error_code ignored;
        fs::remove(settings.passwordFile, ignored);
        fs::remove_all(settings.repository, ignored);
        throw;
    }
    context.advanceTo(1);
    return {
        settings.repository, settings.passwordFile,
        "Keep a copy of " + settings.passwordFile.string() +
            " in another place, too: without it nobody can read the backups. A repository on another disk "
            "survives the loss of this one."};
}

bool isInitialised(const BackupSettings& settings)
{
    std::error_code ignored;
    return fs::exists(settings.passwordFile, ignored) && fs::exists(settings.repository / "config", ignored);
}

BackupReport runBackup(const BackupSettings& settings, const DatabaseAccess& database,
                       core::JobContext& context)
{
    const auto started = std::chrono::steady_clock::now();
    const auto lock = lockBackups(settings);
    const Restic restic(settings);
    restic.snapshots(context); // a wrong password or a missing repository is better known before the dump
    const ScratchFolder staging(settings.workspace.backup() / "staging");
    const Manifest manifest = stage(settings, database, staging.path(), context);
    const json summary = storeFolder(restic, staging.path(), manifest, context);
    BackupReport report;
    report.snapshot = restic.resolve(summary.value("snapshot_id", std::string("latest")), context).id;
    report.files = static_cast<std::int64_t>(manifest.files.size());
    report.bytes = manifest.totalBytes();
    report.bytesAdded = summary.value("data_added", std::int64_t{0});
    report.rows = manifest.totalRows();
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return report;
}

std::vector<SnapshotInfo> listSnapshots(const BackupSettings& settings, core::JobContext& context)
{
    auto snapshots = Restic(settings).snapshots(context);
    const auto log = readVerifiedLog(settings.workspace);
    for (SnapshotInfo& snapshot : snapshots)
        if (const auto mark = log.find(snapshot.id); mark != log.end())
            snapshot.verified = mark->second;
    return snapshots;
}

} // namespace voorwerp::backup

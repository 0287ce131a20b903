// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/restic.h"

#include "core/error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

namespace voorwerp::backup {

using nlohmann::json;

namespace {

constexpr std::size_t kShortId = 8;
constexpr const char* kTag = "voorwerp";
constexpr const char* kSpaceRemedy =
    "Free some space on that disk and start again; earlier backups are untouched.";

bool contains(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

bool isLocked(const core::ProcessResult& result)
{
    return !result.ok() && contains(result.error, "already locked");
}

/// The value of a tag "name=value", or empty.
std::string tagValue(const json& snapshot, const std::string& name)
{
    for (const auto& tag : snapshot.value("tags", json::array()))
        if (const auto text = tag.get<std::string>(); text.rfind(name + "=", 0) == 0)
            return text.substr(name.size() + 1);
    return {};
}

std::int64_t tagNumber(const json& snapshot, const std::string& name)
{
    const std::string text = tagValue(snapshot, name);
    return text.empty() ? 0 : std::stoll(text);
}

/// "2026-11-21T10:38:34.197494963Z" → "2026-11-21T10:38:34Z".
std::string withoutFraction(std::string time)
{
    const auto dot = time.find('.');
    if (dot != std::string::npos)
        time.erase(dot, std::min(time.find_first_not_of("0123456789", dot + 1), time.size()) - dot);
    return time;
}

SnapshotInfo parseSnapshot(const json& snapshot)
{
    SnapshotInfo info;
    info.id = snapshot.at("id").get<std::string>();
    info.shortId = info.id.substr(0, kShortId);
    info.time = withoutFraction(snapshot.at("time").get<std::string>());
    info.host = snapshot.value("hostname", std::string());
    info.softwareVersion = tagValue(snapshot, "version");
    info.bytes = tagNumber(snapshot, "bytes");
    info.rows = tagNumber(snapshot, "rows");
    return info;
}

} // namespace

std::string lastWords(const std::string& error)
{
    constexpr std::size_t kLines = 4;
    std::vector<std::string> lines;
    std::istringstream in(error);
    for (std::string line; std::getline(in, line);)
        if (!line.empty())
            lines.push_back(line);
    std::string text;
    for (std::size_t i = lines.size() > kLines ? lines.size() - kLines : 0; i < lines.size(); ++i)
        text += (text.empty() ? "" : "; ") + lines[i];
    return text.empty() ? "no reason given" : text;
}

Restic::Restic(BackupSettings settings)
    : m_settings(std::move(settings))
{
}

core::ProcessResult Restic::runOnce(const Request& request, core::JobContext& context) const
{
    core::ProcessRequest process;
    process.command = {"restic",
                       "--repo",
                       m_settings.repository.string(),
                       "--password-file",
                       m_settings.passwordFile.string(),
                       "--no-cache"};
    process.command.insert(process.command.end(), request.arguments.begin(), request.arguments.end());
    process.environment = {{"RESTIC_PASSWORD", ""},
                           {"RESTIC_PASSWORD_COMMAND", ""},
                           {"RESTIC_REPOSITORY_FILE", ""},
                           {"RESTIC_PROGRESS_FPS", "5"},
                           {"TZ", "UTC"}};
    process.workingFolder = request.workingFolder;
    process.onOutputLine = request.onOutputLine;
    return core::runProcess(process, context.stopToken());
}

core::ProcessResult Restic::tryRun(const Request& request, core::JobContext& context) const
{
    core::ProcessResult result = runOnce(request, context);
    if (isLocked(result)) {
        // unlock removes only locks of programs that are gone; a lock in use stays, and is reported below.
        context.log("The repository is locked; removing locks of programs that no longer run.");
        runOnce({.arguments = {"unlock"}}, context);
        result = runOnce(request, context);
    }
    if (!result.ok())
        throwKnownFailure(result);
    return result;
}

core::ProcessResult Restic::run(const Request& request, core::JobContext& context) const
{
    core::ProcessResult result = tryRun(request, context);
    if (!result.ok())
        throw core::FormatError(
            "restic failed on the repository " + m_settings.repository.string() + ": " +
                lastWords(result.error),
            "Verify a backup to learn what is damaged; if this one cannot be repaired, move it "
            "away and initialise a new one.");
    return result;
}

void Restic::throwKnownFailure(const core::ProcessResult& result) const
{
    const std::string repository = m_settings.repository.string();
    const std::string& error = result.error;
    if (contains(error, "wrong password") || contains(error, "no key found"))
        throw core::UserError(
            "the password in " + m_settings.passwordFile.string() + " does not open the backup repository " +
                repository,
            "Put back the password file that was written when the repository was made; without it "
            "the backups cannot be read.");
    const auto throwNoRepository = [&repository] {
        throw core::UserError("there is no backup repository in " + repository,
                              "Initialise one (backup init), or attach the disk that holds it.");
    };
    std::error_code ignored;
    if (!std::filesystem::exists(m_settings.repository / "config", ignored) &&
        !std::filesystem::exists(m_settings.passwordFile, ignored))
        throwNoRepository();
    if (contains(error, "empty password") ||
        (contains(error, "password") && contains(error, "does not exist")) ||
        (contains(error, "password-file") || contains(error, m_settings.passwordFile.c_str())))
        throw core::UserError("the password file " + m_settings.passwordFile.string() +
                                  " of the backup repository " + repository + " is missing or cannot be read",
                              "Put back the copy of it that is kept elsewhere, with mode 0600.");
    if (contains(error, "no space left on device") || contains(error, "disk quota exceeded"))
        throw core::SystemError("the disk is full: " + lastWords(error), kSpaceRemedy);
    if (contains(error, "unable to open config file") || contains(error, "Is there a repository"))
        throwNoRepository();
    if (isLocked(result))
        throw core::UserError(
            "the backup repository " + repository + " is in use by another program: " + lastWords(error),
            "Wait until it is finished. If it is gone for sure, remove the lock: restic -r " + repository +
                " unlock --remove-all");
    if (contains(error, "permission denied"))
        throw core::SystemError("the backup repository " + repository +
                                    " may not be accessed: " + lastWords(error),
                                "Check its owner and permissions.");
}

std::vector<SnapshotInfo> Restic::snapshots(core::JobContext& context) const
{
    const auto result = run({.arguments = {"snapshots", "--json", "--tag", kTag, "--no-lock"}}, context);
    std::vector<SnapshotInfo> infos;
    try {
        const auto list = json::parse(result.output);
        for (const auto& snapshot : list.is_array() ? list : json::array())
            infos.push_back(parseSnapshot(snapshot));
    } catch (const std::exception& error) {
        throw core::FormatError(std::string("the list of snapshots cannot be understood: ") + error.what(),
                                "Check that restic is version 0.12 or newer.");
    }
    return infos;
}

SnapshotInfo Restic::resolve(const std::string& snapshot, core::JobContext& context) const
{
    const auto all = snapshots(context);
    if (all.empty())
        throw core::UserError("the backup repository " + m_settings.repository.string() +
                                  " holds no backup yet",
                              "Back up first (backup run).");
    if (snapshot == "latest")
        return all.back();
    std::vector<SnapshotInfo> matches;
    std::copy_if(all.begin(), all.end(), std::back_inserter(matches), [&](const SnapshotInfo& info) {
        return !snapshot.empty() && info.id.rfind(snapshot, 0) == 0;
    });
    if (matches.size() != 1)
        throw core::UserError(matches.empty() ? "there is no backup '" + snapshot + "'"
                                              : "several backups begin with '" + snapshot + "'",
                              "List the backups (backup list) and use an id, or \"latest\".");
    return matches.front();
}

} // namespace voorwerp::backup

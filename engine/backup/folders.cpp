// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/folders.h"

#include "core/error.h"

#include <array>

namespace voorwerp::backup {

namespace fs = std::filesystem;

namespace {

constexpr const char* kRemedy = "Check the permissions of that folder and the space on its disk.";

[[noreturn]] void throwFailure(const std::string& action, const fs::path& path, const std::error_code& code)
{
    throw core::SystemError("cannot " + action + " " + path.string() + ": " + code.message(), kRemedy);
}

/// Unfinished files of a program at work or killed: ".new-1234", "x.h5.tmp-1234".
bool isTemporary(const fs::path& path)
{
    const std::string name = path.filename().string();
    return name.empty() || name.front() == '.' || name.find(".tmp-") != std::string::npos;
}

void linkFile(const fs::path& from, const fs::path& to)
{
    std::error_code failure;
    fs::create_hard_link(from, to, failure);
    if (failure && failure != std::errc::no_such_file_or_directory)
        fs::copy_file(from, to, failure);
    // A file that was deleted since it was listed is not part of this backup.
    if (failure && failure != std::errc::no_such_file_or_directory)
        throwFailure("read", from, failure);
}

void linkFolder(const fs::path& from, const fs::path& to)
{
    if (!fs::is_directory(from))
        return;
    fs::create_directories(to);
    for (const auto& entry : fs::directory_iterator(from)) {
        const fs::path target = to / entry.path().filename();
        if (isTemporary(entry.path()))
            continue;
        if (entry.is_directory())
            linkFolder(entry.path(), target);
        else if (entry.is_regular_file())
            linkFile(entry.path(), target);
    }
}

} // namespace

ScratchFolder::ScratchFolder(fs::path path)
    : m_path(std::move(path))
{
    std::error_code failure;
    fs::remove_all(m_path, failure);
    if (!failure)
        fs::create_directories(m_path, failure);
    if (failure)
        throwFailure("create", m_path, failure);
}

ScratchFolder::~ScratchFolder()
{
    std::error_code ignored;
    if (!m_path.empty())
        fs::remove_all(m_path, ignored);
}

void ScratchFolder::renameTo(const fs::path& target)
{
    std::error_code failure;
    fs::rename(m_path, target, failure);
    if (failure)
        throwFailure("create", target, failure);
    m_path.clear();
}

void linkWorkspaceFiles(const BackupSettings& settings, const fs::path& target)
{
    const core::Workspace& workspace = settings.workspace;
    linkFolder(workspace.models(), target / "models");
    linkFolder(workspace.recipes(), target / "recipes");
    if (settings.includeDatasets)
        linkFolder(workspace.datasets(), target / "datasets");
    for (const auto& entry : fs::directory_iterator(workspace.folder()))
        if (entry.is_regular_file() && entry.path().extension() == ".json" && !isTemporary(entry.path()))
            linkFile(entry.path(), target / entry.path().filename());
}

core::FileLock lockBackups(const BackupSettings& settings)
{
    std::error_code failure;
    fs::create_directories(settings.workspace.backup(), failure);
    if (failure)
        throwFailure("create", settings.workspace.backup(), failure);
    auto lock =
        core::FileLock::tryAcquire(settings.workspace.backup() / "lock", core::FileLock::Mode::Exclusive);
    if (!lock.held())
        throw core::UserError("another backup, verification or restore of this workspace is running",
                              "Wait until it is finished, or stop it.");
    return lock;
}

void requireSpace(const fs::path& folder, std::int64_t bytes)
{
    std::error_code failure;
    const auto space = fs::space(folder, failure);
    if (failure || space.available >= static_cast<std::uintmax_t>(bytes))
        return;
    constexpr double kGigabyte = 1e9;
    throw core::SystemError(
        "the disk of " + folder.string() +
            " is too full: " + std::to_string(static_cast<double>(bytes) / kGigabyte) + " GB are needed, " +
            std::to_string(static_cast<double>(space.available) / kGigabyte) + " GB are free",
        "Free some space on that disk, or choose a folder on another one.");
}

} // namespace voorwerp::backup

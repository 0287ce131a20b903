// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/cluster_layout.h"

#include "core/error.h"
#include "core/file_io.h"
#include "core/process.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <pwd.h>
#include <span>
#include <sys/stat.h>
#include <unistd.h>

namespace voorwerp::catalog {

namespace fs = std::filesystem;

namespace {

/// sockaddr_un holds 107 bytes and a zero; the server adds "/.s.PGSQL.5432" and, for its lock, ".lock".
constexpr std::size_t kLongestSocketFolder = 107 - 14;
constexpr const char* kSystemFolder = "/var/lib/voorwerp";

std::string shortHash(const fs::path& path)
{
    const std::string text = path.string();
    return core::sha256OfBytes(std::as_bytes(std::span(text))).substr(0, 16);
}

bool serverCanReach(const fs::path& folder)
{
    const std::string user = serverUser();
    if (user.empty())
        return true;
    fs::path existing = folder;
    while (!fs::exists(existing) && existing.has_relative_path())
        existing = existing.parent_path();
    return core::runProcess(
               {.command = {"test", "-x", existing.string()}, .workingFolder = "/", .runAsUser = user})
        .ok();
}

fs::path socketFolder(const fs::path& server)
{
    fs::path folder = server / "socket";
    const bool listLike = folder.string().find(',') != std::string::npos; // libpq would read several hosts
    if (folder.string().size() <= kLongestSocketFolder && !listLike)
        return folder;
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    const bool own =
        serverUser().empty() && runtime != nullptr && *runtime == '/' && fs::is_directory(runtime);
    folder = fs::path(own ? runtime : "/tmp") / ("voorwerp-" + shortHash(server));
    return folder.string().size() <= kLongestSocketFolder ? folder : fs::path("/tmp") / folder.filename();
}

ClusterLayout layoutAt(const core::Workspace& workspace, const fs::path& server)
{
    return {workspace.postgres(), server, server / "data", socketFolder(server), server / "server.log"};
}

uid_t serverUid()
{
    const std::string user = serverUser();
    const passwd* entry = user.empty() ? nullptr : ::getpwnam(user.c_str());
    return entry != nullptr ? entry->pw_uid : ::geteuid();
}

/// Makes the folder, for the server's user only. A folder of somebody else (in /tmp) is refused.
void makePrivateFolder(const fs::path& folder)
{
    if (::mkdir(folder.c_str(), 0700) == 0)
        giveToServerUser(folder);
    else if (errno != EEXIST)
        throw core::SystemError(
            "cannot create " + folder.string() + ": " + std::strerror(errno),
            "Choose a workspace folder that you may write to, on a disk with free space.");
    struct stat info
    {
    };
    if (::lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == serverUid() &&
        (info.st_mode & 077) == 0)
        return;
    if (S_ISDIR(info.st_mode) && ::geteuid() == 0) {
        giveToServerUser(folder); // a copied or restored workspace: root may put it right
        fs::permissions(folder, fs::perms::owner_all);
        return;
    }
    throw core::SystemError(folder.string() + " belongs to somebody else, or others may write to it",
                            "Remove it, or choose another workspace folder.");
}

/// Root would take the folders of an ordinary user's server away from that user.
void refuseClusterOfOrdinaryUser(const ClusterLayout& layout)
{
    struct stat info
    {
    };
    if (::geteuid() != 0 || ::stat(layout.data.c_str(), &info) != 0 || info.st_uid == 0 ||
        info.st_uid == serverUid())
        return;
    const passwd* entry = ::getpwuid(info.st_uid);
    const std::string owner = entry != nullptr ? entry->pw_name : std::to_string(info.st_uid);
    throw core::SystemError("the database in " + layout.server.string() + " belongs to the user " + owner,
                            "Run Voorwerp as that user, or choose another workspace folder.");
}

/// One workspace only may use a data folder: a copy of the workspace records the same place.
void checkOwner(const ClusterLayout& layout, const core::Workspace& workspace)
{
    const fs::path record = layout.ownerRecord();
    if (fs::exists(record)) {
        const fs::path owner = core::readText(record);
        std::error_code ignored;
        if (owner != workspace.folder() && fs::exists(owner) &&
            !fs::equivalent(owner, workspace.folder(), ignored))
            throw core::SystemError("the database in " + layout.server.string() +
                                        " belongs to the workspace " + owner.string() + ", of which " +
                                        workspace.folder().string() + " is a copy",
                                    "Restore a backup into a new workspace, or remove " +
                                        layout.location().string() + " to begin with an empty database.");
    }
    core::writeTextAtomically(record, workspace.folder().string());
}

} // namespace

std::string ClusterLayout::uri(const std::string& role, const std::string& database) const
{
    constexpr std::array<char, 17> kHex{"0123456789ABCDEF"};
    std::string host;
    for (const char c : socket.string()) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.')
            host += c;
        else
            host += std::string{'%', kHex[byte >> 4], kHex[byte & 15]};
    }
    return "postgresql://" + role + "@/" + database + "?host=" + host + "&port=5432";
}

std::string serverUser()
{
    if (::geteuid() != 0)
        return {};
    if (::getpwnam("postgres") == nullptr)
        throw core::SystemError(
            "PostgreSQL refuses to run as root, and there is no user 'postgres' to run it",
            "Install the package postgresql-15, or run Voorwerp as an ordinary user.");
    return "postgres";
}

void giveToServerUser(const fs::path& path)
{
    const std::string user = serverUser();
    if (user.empty())
        return;
    const passwd* entry = ::getpwnam(user.c_str());
    if (entry == nullptr || ::lchown(path.c_str(), entry->pw_uid, entry->pw_gid) != 0)
        throw core::SystemError("cannot give " + path.string() + " to the user " + user + ": " +
                                std::strerror(errno));
}

ClusterLayout findClusterLayout(const core::Workspace& workspace)
{
    const ClusterLayout inside = layoutAt(workspace, workspace.postgres() / "server");
    if (fs::exists(inside.location()))
        return layoutAt(workspace, core::readText(inside.location()));
    if (fs::exists(inside.data) || serverCanReach(workspace.postgres()))
        return inside;
    return layoutAt(workspace, fs::path(kSystemFolder) / shortHash(workspace.folder()));
}

ClusterLayout prepareClusterLayout(const core::Workspace& workspace)
{
    workspace.create();
    ClusterLayout layout = findClusterLayout(workspace);
    refuseClusterOfOrdinaryUser(layout);
    const bool outside = layout.server.parent_path() != layout.folder;
    if (outside) {
        std::error_code error;
        fs::create_directories(layout.server.parent_path(), error);
        if (error)
            throw core::SystemError("cannot create " + layout.server.parent_path().string() + ": " +
                                        error.message(),
                                    "Choose a workspace folder that the user 'postgres' can reach.");
    }
    makePrivateFolder(layout.server);
    makePrivateFolder(layout.socket);
    if (outside) {
        checkOwner(layout, workspace);
        core::writeTextAtomically(layout.location(), layout.server.string());
    }
    return layout;
}

} // namespace voorwerp::catalog

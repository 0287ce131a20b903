// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: where a private cluster keeps its things, and as whom its server runs.

#include "core/workspace.h"

#include <filesystem>
#include <string>

namespace voorwerp::catalog {

/// Paths of one private cluster.
struct ClusterLayout
{
    std::filesystem::path folder; ///< workspace/postgres: locks, mark, location; owned by the program's user
    std::filesystem::path server; ///< owned by the server's user, 0700: all that follows
    std::filesystem::path data;
    std::filesystem::path socket; ///< folder of the Unix socket; its path is short enough for one
    std::filesystem::path log;

    std::filesystem::path usersLock() const { return folder / "users.lock"; }
    std::filesystem::path controlLock() const { return folder / "control.lock"; }
    std::filesystem::path keptMark() const { return folder / "kept"; }
    std::filesystem::path location() const { return folder / "location"; }
    /// Beside a server outside of its workspace: the workspace that it belongs to.
    std::filesystem::path ownerRecord() const { return server.string() + ".workspace"; }
    std::string uri(const std::string& role, const std::string& database) const;
};

/// "postgres" when this process is root, else empty: this process's own user. Throws SystemError when root
/// has no such user.
std::string serverUser();

/// Where the cluster of the workspace is, or would be when it is made now. Creates nothing.
ClusterLayout findClusterLayout(const core::Workspace& workspace);
/// The same, with its folders made, owned by the right user, and remembered in the workspace.
/// Throws SystemError, also where the recorded folder belongs to another workspace (a copied one).
ClusterLayout prepareClusterLayout(const core::Workspace& workspace);
/// Gives a path to the server's user; nothing to do when that is this process's own.
void giveToServerUser(const std::filesystem::path& path);

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The workspace's own PostgreSQL: made on first use, Unix socket only, stopped by the last program that uses
// it.
//
// The data folder is workspace/postgres/data; where the server's user cannot reach that folder (root's home
// in a container), it is /var/lib/voorwerp/<hash of the workspace path>, and workspace/postgres/location
// names it. Sharing: each program holds a shared flock on workspace/postgres/users.lock while it uses the
// server; init, start and stop happen under an exclusive flock on workspace/postgres/control.lock. The kernel
// drops both when a program dies.

#include "core/job_context.h"
#include "core/workspace.h"

#include <filesystem>
#include <memory>
#include <string>

namespace voorwerp::catalog {

/// What can be said about a private cluster without starting it.
struct ClusterStatus
{
    bool initialised = false;
    bool running = false;
    bool kept = false;    ///< stays up when the last program ends (workspace start)
    int majorVersion = 0; ///< of the data folder, 0 where there is none
    long pid = 0;         ///< of the server, 0 when it does not run
    std::filesystem::path dataFolder;
    std::filesystem::path socketFolder;
    std::filesystem::path logFile;
    std::string uri; ///< empty when it does not run
};

/// A use of the private cluster: the server runs while this object lives. Move only; one thread at a time.
class PrivateCluster
{
public:
    /// Creates and starts the server where needed, or shares the one that runs. Waits for another program
    /// that is just doing so; the wait obeys a stop request. Throws SystemError (no PostgreSQL installed,
    /// disk full, data of another major version; with the end of the server's log where it has one) and
    /// Cancelled.
    static PrivateCluster open(const core::Workspace& workspace, core::JobContext& context);
    PrivateCluster(PrivateCluster&&) noexcept;
    PrivateCluster& operator=(PrivateCluster&&) noexcept;
    /// Stops the server unless another program uses it or it is kept. Never throws.
    ~PrivateCluster();

    /// For Database and for pg_dump: role voorwerp, database voorwerp, no password.
    const std::string& uri() const;
    const std::filesystem::path& dataFolder() const;
    /// The folder of initdb, postgres, pg_dump, pg_restore that fit this server.
    const std::filesystem::path& binFolder() const;

    /// Starts the server again when it died while this program used it. Throws as open().
    void ensureRunning(core::JobContext& context) const;

    static ClusterStatus status(const core::Workspace& workspace);
    /// Starts the server where needed and leaves it running until stop(), whoever comes and goes.
    static void keepRunning(const core::Workspace& workspace, core::JobContext& context);
    /// Ends keepRunning(): stops the server now, or returns false when another program uses it and will stop
    /// it at its end. True also when it did not run.
    static bool stop(const core::Workspace& workspace, core::JobContext& context);
    /// Removes a cluster that no program uses, with everything in it. Throws SystemError when one does.
    static void discard(const core::Workspace& workspace);

private:
    class Use;
    explicit PrivateCluster(std::unique_ptr<Use> use);
    std::unique_ptr<Use> m_use;
};

} // namespace voorwerp::catalog

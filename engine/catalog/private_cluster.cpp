// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/private_cluster.h"

#include "catalog/cluster_server.h"
#include "core/file_io.h"

#include <chrono>
#include <thread>

namespace voorwerp::catalog {

namespace fs = std::filesystem;
using core::FileLock;

namespace {

constexpr auto kLockPoll = std::chrono::milliseconds(20);

/// The control lock, waited for as long as another program starts or stops the server.
FileLock controlLock(const ClusterLayout& layout, const core::JobContext& context)
{
    for (;;) {
        context.throwIfStopped();
        FileLock lock = FileLock::tryAcquire(layout.controlLock(), FileLock::Mode::Exclusive);
        if (lock.held())
            return lock;
        std::this_thread::sleep_for(kLockPoll);
    }
}

} // namespace

/// The shared lock of this use, and what its end has to do.
class PrivateCluster::Use
{
public:
    Use(const core::Workspace& workspace, core::JobContext& context)
        : m_server(prepareClusterLayout(workspace))
    {
        const FileLock control = controlLock(layout(), context);
        m_users = FileLock::acquire(layout().usersLock(), FileLock::Mode::Shared);
        try {
            m_server.bringUp(context);
            m_uri = layout().uri("voorwerp", "voorwerp");
            m_bin = m_server.binFolder();
        } catch (...) {
            stopWhenLast();
            throw;
        }
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use()
    {
        try {
            const FileLock control = FileLock::acquire(layout().controlLock(), FileLock::Mode::Exclusive);
            stopWhenLast();
        } catch (const std::exception&) {
            // The workspace is gone: so is its server.
        }
    }
    const ClusterLayout& layout() const { return m_server.layout(); }
    const std::string& uri() const { return m_uri; }
    const fs::path& binFolder() const { return m_bin; }
    void ensureRunning(core::JobContext& context) const
    {
        const FileLock control = controlLock(layout(), context);
        m_server.bringUp(context);
    }

private:
    /// Under the control lock.
    void stopWhenLast() noexcept
    {
        try {
            if (m_users.tryUpgrade() && !fs::exists(layout().keptMark()) && m_server.pid() != 0)
                m_server.stop();
        } catch (const std::exception&) {
            // It does not stop: the next open finds and shares it.
        }
    }

    ClusterServer m_server;
    FileLock m_users;
    std::string m_uri;
    fs::path m_bin;
};

PrivateCluster::PrivateCluster(std::unique_ptr<Use> use)
    : m_use(std::move(use))
{
}

PrivateCluster::PrivateCluster(PrivateCluster&&) noexcept = default;
PrivateCluster& PrivateCluster::operator=(PrivateCluster&&) noexcept = default;
PrivateCluster::~PrivateCluster() = default;

PrivateCluster PrivateCluster::open(const core::Workspace& workspace, core::JobContext& context)
{
    return PrivateCluster(std::make_unique<Use>(workspace, context));
}

void PrivateCluster::ensureRunning(core::JobContext& context) const
{
    m_use->ensureRunning(context);
}

const std::string& PrivateCluster::uri() const
{
    return m_use->uri();
}

const fs::path& PrivateCluster::dataFolder() const
{
    return m_use->layout().data;
}

const fs::path& PrivateCluster::binFolder() const
{
    return m_use->binFolder();
}

ClusterStatus PrivateCluster::status(const core::Workspace& workspace)
{
    const ClusterServer server(findClusterLayout(workspace));
    ClusterStatus status;
    status.majorVersion = server.dataVersion();
    status.initialised = status.majorVersion > 0;
    status.pid = server.pid();
    status.running = status.pid != 0;
    status.kept = fs::exists(server.layout().keptMark());
    status.dataFolder = server.layout().data;
    status.socketFolder = server.layout().socket;
    status.logFile = server.layout().log;
    if (status.running)
        status.uri = server.layout().uri("voorwerp", "voorwerp");
    return status;
}

void PrivateCluster::keepRunning(const core::Workspace& workspace, core::JobContext& context)
{
    const PrivateCluster cluster = open(workspace, context);
    core::writeTextAtomically(cluster.m_use->layout().keptMark(),
                              "The server stays up until it is stopped on request.\n");
}

bool PrivateCluster::stop(const core::Workspace& workspace, core::JobContext& context)
{
    const ClusterServer server(findClusterLayout(workspace));
    if (!fs::exists(server.layout().folder))
        return true;
    const FileLock control = controlLock(server.layout(), context);
    fs::remove(server.layout().keptMark());
    if (!FileLock::tryAcquire(server.layout().usersLock(), FileLock::Mode::Exclusive).held())
        return server.pid() == 0;
    if (server.pid() != 0)
        server.stop();
    return true;
}

void PrivateCluster::discard(const core::Workspace& workspace)
{
    core::JobContext context;
    const ClusterLayout layout = findClusterLayout(workspace);
    if (!stop(workspace, context))
        throw core::SystemError("another program uses the database in " + layout.server.string());
    fs::remove_all(layout.socket);
    fs::remove_all(layout.server);
    fs::remove(layout.ownerRecord());
    fs::remove_all(layout.folder);
}

} // namespace voorwerp::catalog

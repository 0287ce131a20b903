// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: initdb, start and stop of the server of a private cluster. The caller holds the control
// lock.

#include "catalog/cluster_layout.h"
#include "core/job_context.h"

#include <filesystem>

namespace voorwerp::catalog {

class ClusterServer
{
public:
    explicit ClusterServer(ClusterLayout layout)
        : m_layout(std::move(layout))
    {
    }
    const ClusterLayout& layout() const { return m_layout; }
    /// 15; 0 where there is no data folder.
    int dataVersion() const;
    /// Process id of the server that serves this data folder, or 0.
    long pid() const;
    /// Folder of the programs that fit the data folder, or of the newest ones where there is none yet.
    std::filesystem::path binFolder() const;

    /// Makes the data folder (complete or not at all), starts the server, makes role and database: what is
    /// missing.
    void bringUp(core::JobContext& context) const;
    /// Ends the server, with a checkpoint where it can. Throws SystemError when it does not end.
    void stop() const;

private:
    void initialise(core::JobContext& context) const;
    void start(core::JobContext& context) const;
    bool ready() const;
    void configure() const;
    void removeStaleLocks() const;
    void createRoleAndDatabase() const;
    [[noreturn]] void fail(const std::string& what, const std::string& said, std::uintmax_t logStart) const;

    ClusterLayout m_layout;
};

} // namespace voorwerp::catalog

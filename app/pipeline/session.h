// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// An open workspace: its folders, and the database that belongs to it (the private cluster, or a server given
// by URI), or a production of a specprod-db server that is only browsed.

#include "catalog/database.h"
#include "catalog/private_cluster.h"
#include "catalog/roles.h"
#include "core/job_context.h"
#include "core/workspace.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace voorwerp::pipeline {

struct SessionRequest
{
    std::filesystem::path workspace; ///< empty: core::Workspace::defaultFolder()
    std::string databaseUri;         ///< empty: the workspace's private cluster
    std::string production;          ///< not empty: browse this schema of the database, read-only
    std::filesystem::path tree;      ///< DESI files of the production; empty: none at hand

    bool isBrowsing() const { return !production.empty(); }
};

/// Keeps the private cluster running while it lives. Thread rule: open and destroy on one thread; the
/// accessors may be called from any thread.
class Session
{
public:
    /// Creates what is missing, starts or shares the private cluster (or connects to the URI) and migrates
    /// the schema; of a server that is only browsed nothing is changed. Throws DatabaseError, SystemError,
    /// UserError (no such production), Cancelled.
    static std::shared_ptr<Session> open(const SessionRequest& request, core::JobContext& context);

    /// After the server went away: starts the private cluster again where it died, and checks that the server
    /// answers. Who holds this session goes on with it. Throws as open(); on the thread of open().
    void reconnect(core::JobContext& context) const;

    const core::Workspace& workspace() const { return m_workspace; }
    const catalog::Database& database() const { return *m_database; }
    /// database() is a production without the schema voorwerp: spectra are listed, and nothing else.
    bool isBrowsing() const { return m_database->isBrowsed(); }
    /// While browsing, where spectra may be: the catalogues (schema voorwerp) beside the production and of
    /// the workspace, as far as they are there, and the folder of files.
    const std::vector<catalog::Database>& spectrumCatalogues() const { return m_catalogues; }
    const std::filesystem::path& tree() const { return m_tree; }
    /// What the connected login may do, as it was when the session was opened.
    const catalog::Permissions& permissions() const { return m_permissions; }
    bool usesPrivateCluster() const { return m_cluster.has_value() && !isBrowsing(); }
    /// "private PostgreSQL", "iron of specprod on db.example.org, read-only", or "survey on db.example.org as
    /// ada (voorwerp_reader)"; never a password.
    std::string databaseDescription() const;

private:
    explicit Session(core::Workspace workspace);
    void openProduction(const SessionRequest& request, core::JobContext& context);
    core::Workspace m_workspace;
    std::optional<catalog::PrivateCluster> m_cluster;
    std::optional<catalog::Database> m_database;
    std::vector<catalog::Database> m_catalogues;
    std::filesystem::path m_tree;
    catalog::Permissions m_permissions = catalog::Permissions::everything();
};

} // namespace voorwerp::pipeline

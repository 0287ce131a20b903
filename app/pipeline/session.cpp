// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/session.h"

#include "catalog/migrations.h"
#include "catalog/specprod_browse.h"

#include <utility>

namespace voorwerp::pipeline {

Session::Session(core::Workspace workspace)
    : m_workspace(std::move(workspace))
{
}

std::shared_ptr<Session> Session::open(const SessionRequest& request, core::JobContext& context)
{
    const auto folder = request.workspace.empty() ? core::Workspace::defaultFolder() : request.workspace;
    std::shared_ptr<Session> session(new Session(core::Workspace(folder)));
    session->m_workspace.create();
    if (request.isBrowsing()) {
        session->openProduction(request, context);
        return session;
    }
    if (request.databaseUri.empty()) {
        session->m_cluster.emplace(catalog::PrivateCluster::open(session->m_workspace, context));
        session->m_database.emplace(session->m_cluster->uri());
    } else {
        session->m_database.emplace(request.databaseUri);
    }
    context.throwIfStopped();
    catalog::migrate(*session->m_database);
    session->m_permissions = catalog::permissionsOf(*session->m_database);
    return session;
}

/// The private cluster is started where there is one: it may hold the spectra of the rows. None is made.
void Session::openProduction(const SessionRequest& request, core::JobContext& context)
{
    const bool isOurs = request.databaseUri.empty();
    try {
        if (isOurs || catalog::PrivateCluster::status(m_workspace).initialised) {
            m_cluster.emplace(catalog::PrivateCluster::open(m_workspace, context));
            catalog::Database own(m_cluster->uri());
            catalog::migrate(own);
            m_catalogues.push_back(std::move(own));
        }
    } catch (const core::Cancelled&) {
        throw;
    } catch (const core::Error& error) {
        if (isOurs)
            throw;
        context.log(std::string("the workspace's own spectra are not at hand: ") + error.what());
    }
    context.throwIfStopped();
    m_database.emplace(
        catalog::openProduction(isOurs ? m_cluster->uri() : request.databaseUri, request.production));
    if (!isOurs)
        if (auto beside = catalog::catalogueBeside(request.databaseUri))
            m_catalogues.insert(m_catalogues.begin(), std::move(*beside));
    m_tree = request.tree;
    m_permissions = catalog::Permissions::nothing(
        {"The production " + request.production +
             " is only browsed: labels, selections, training, scores and "
             "candidates need tables of Voorwerp's own, and nothing is written to this server.",
         "Import the files of these spectra into a workspace to work with them."});
}

void Session::reconnect(core::JobContext& context) const
{
    if (m_cluster)
        m_cluster->ensureRunning(context);
    context.throwIfStopped();
    if (isBrowsing()) {
        catalog::listProductions(*m_database); // does it answer?
        return;
    }
    catalog::migrate(*m_database);
}

std::string Session::databaseDescription() const
{
    if (isBrowsing())
        return catalog::productionName(*m_database) + " of " + m_database->description() + ", read-only";
    if (usesPrivateCluster())
        return "private PostgreSQL";
    const std::string role = m_permissions.role().empty() ? std::string() : " (" + m_permissions.role() + ")";
    return m_database->description() + " as " + m_permissions.login() + role;
}

} // namespace voorwerp::pipeline

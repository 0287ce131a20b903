// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/session.h"

#include "catalog/migrations.h"

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

void Session::reconnect(core::JobContext& context) const
{
    if (m_cluster)
        m_cluster->ensureRunning(context);
    context.throwIfStopped();
    catalog::migrate(*m_database);
}

std::string Session::databaseDescription() const
{
    if (usesPrivateCluster())
        return "private PostgreSQL";
    const std::string role = m_permissions.role().empty() ? std::string() : " (" + m_permissions.role() + ")";
    return m_database->description() + " as " + m_permissions.login() + role;
}

} // namespace voorwerp::pipeline

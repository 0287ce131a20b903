// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/backup_job.h"

#include "app/pipeline/session.h"
#include "catalog/audit_store.h"
#include "catalog/maintenance.h"
#include "catalog/private_cluster.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>

namespace voorwerp::pipeline {

namespace {

/// The backup is made whether or not that can be written down.
void record(const Session& session, catalog::CareEvent event, const std::string& snapshot,
            const nlohmann::json& detail, core::JobContext& context)
{
    try {
        catalog::recordCare(session.database(), event, snapshot, detail.dump());
    } catch (const core::DatabaseError& error) {
        context.log(std::string("The audit does not have it: ") + error.what());
    }
}

/// A private cluster that ends with the object; a scratch one leaves nothing behind.
class OwnServer
{
public:
    enum class Kind { Kept, Scratch };
    OwnServer(const std::filesystem::path& folder, Kind kind, core::JobContext& context)
        : m_workspace(folder)
        , m_kind(kind)
    {
        discard(); // what a killed program left
        m_cluster.emplace(catalog::PrivateCluster::open(m_workspace, context));
    }
    ~OwnServer()
    {
        m_cluster.reset();
        try {
            discard();
        } catch (const std::exception&) {
            // The next scratch server discards it.
        }
    }
    OwnServer(const OwnServer&) = delete;
    OwnServer& operator=(const OwnServer&) = delete;
    const std::string& uri() const { return m_cluster->uri(); }

private:
    void discard() const
    {
        if (m_kind == Kind::Scratch)
            catalog::PrivateCluster::discard(m_workspace);
    }
    core::Workspace m_workspace;
    Kind m_kind;
    std::optional<catalog::PrivateCluster> m_cluster;
};

backup::OpenDatabase openOwnServer(OwnServer::Kind kind, core::JobContext& context)
{
    return [kind, &context](const std::filesystem::path& folder) {
        const auto server = std::make_shared<OwnServer>(folder, kind, context);
        backup::DatabaseAccess access = databaseAccess(catalog::Database(server->uri()));
        access.server = server;
        return access;
    };
}

} // namespace

backup::DatabaseAccess databaseAccess(const catalog::Database& database)
{
    backup::DatabaseAccess access;
    access.environment = catalog::libpqEnvironment(database);
    access.serverMajorVersion = catalog::serverMajorVersion(database);
    access.withSnapshot = [database](const auto& use) {
        catalog::withFrozenSnapshot(database, [&](const std::string& name, const backup::RowCounts& rows) {
            use(backup::FrozenDatabase{name, rows});
        });
    };
    access.rowCounts = [database] { return catalog::rowCounts(database); };
    return access;
}

backup::OpenDatabase scratchServer(core::JobContext& context)
{
    return openOwnServer(OwnServer::Kind::Scratch, context);
}

backup::OpenDatabase ownServer(core::JobContext& context)
{
    return openOwnServer(OwnServer::Kind::Kept, context);
}

backup::BackupSettings backupSettings(const Session& session)
{
    return backup::BackupSettings::load(session.workspace());
}

backup::InitReport initBackup(const Session& session, const std::filesystem::path& repository,
                              core::JobContext& context)
{
    auto settings = backup::BackupSettings::defaults(session.workspace());
    if (!repository.empty())
        settings.repository = std::filesystem::absolute(repository).lexically_normal();
    return backup::initRepository(settings, context);
}

backup::BackupReport runBackup(const Session& session, core::JobContext& context)
{
    catalog::requireRight(session.database(), catalog::Right::Backup);
    const auto report =
        backup::runBackup(backupSettings(session), databaseAccess(session.database()), context);
    record(session, catalog::CareEvent::BackupMade, report.snapshot,
           {{"files", report.files}, {"rows", report.rows}}, context);
    return report;
}

std::vector<backup::SnapshotInfo> listBackups(const Session& session, core::JobContext& context)
{
    return backup::listSnapshots(backupSettings(session), context);
}

backup::VerifyReport verifyBackup(const Session& session, const std::string& snapshot,
                                  core::JobContext& context)
{
    catalog::requireRight(session.database(), catalog::Right::Backup);
    const auto report = backup::verifySnapshot(
        backupSettings(session),
        {.snapshot = snapshot, .readDataSubset = {}, .openDatabase = scratchServer(context)}, context);
    record(session, catalog::CareEvent::BackupVerified, report.snapshot, {{"ok", report.ok}}, context);
    return report;
}

backup::RestoreReport restoreBackup(const Session& session, const std::string& snapshot,
                                    const std::filesystem::path& folder, core::JobContext& context)
{
    backup::RestoreRequest request;
    request.snapshot = snapshot;
    request.folder = folder;
    request.openDatabase = ownServer(context);
    catalog::requireRight(session.database(), catalog::Right::Backup);
    const auto report = backup::restoreSnapshot(backupSettings(session), request, context);
    record(session, catalog::CareEvent::BackupRestored, report.snapshot, {{"folder", report.folder.string()}},
           context);
    return report;
}

} // namespace voorwerp::pipeline

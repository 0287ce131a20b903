// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/backup_job.h"

#include "app/pipeline/session.h"
#include "catalog/maintenance.h"
#include "catalog/private_cluster.h"

#include <memory>

namespace voorwerp::pipeline {

namespace {

backup::DatabaseAccess accessTo(const catalog::Database& database)
{
    backup::DatabaseAccess access;
    access.environment = catalog::libpqEnvironment(database);
    access.serverMajorVersion = catalog::serverMajorVersion(database);
    access.withSnapshot = [database](const auto& use) {
        catalog::withFrozenSnapshot(database, [&](const std::string& name, const backup::RowCounts& rows) {
            use(backup::FrozenDatabase{name, rows});
        });
    };
    access.createDatabase = [database](const std::string& name) {
        return catalog::libpqEnvironment(catalog::createDatabase(database, name));
    };
    access.dropDatabase = [database](const std::string& name) { catalog::dropDatabase(database, name); };
    access.rowCounts = [](const backup::ConnectionEnvironment& environment) {
        return catalog::rowCounts(catalog::databaseOf(environment));
    };
    return access;
}

} // namespace

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
    return backup::runBackup(backupSettings(session), accessTo(session.database()), context);
}

std::vector<backup::SnapshotInfo> listBackups(const Session& session, core::JobContext& context)
{
    return backup::listSnapshots(backupSettings(session), context);
}

backup::VerifyReport verifyBackup(const Session& session, const std::string& snapshot,
                                  core::JobContext& context)
{
    backup::VerifyRequest request;
    request.snapshot = snapshot;
    return backup::verifySnapshot(backupSettings(session), accessTo(session.database()), request, context);
}

backup::RestoreReport restoreBackup(const Session& session, const std::string& snapshot,
                                    const std::filesystem::path& folder, core::JobContext& context)
{
    // The restored workspace gets a private cluster of its own, which must run until the restore has ended.
    auto cluster = std::make_shared<std::optional<catalog::PrivateCluster>>();
    backup::RestoreRequest request;
    request.snapshot = snapshot;
    request.folder = folder;
    request.openDatabase = [&context, cluster, folder] {
        const core::Workspace workspace(folder);
        workspace.create();
        cluster->emplace(catalog::PrivateCluster::open(workspace, context));
        return accessTo(catalog::Database((*cluster)->uri()));
    };
    return backup::restoreSnapshot(backupSettings(session), request, context);
}

} // namespace voorwerp::pipeline

// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup_fixture.h"

#include "app/pipeline/backup_job.h"
#include "catalog/maintenance.h"
#include "catalog/migrations.h"
#include "core/file_io.h"
#include "core/process.h"

#include <catch2/catch.hpp>

namespace voorwerp::test {

namespace {

core::Workspace createdWorkspace(const std::filesystem::path& folder)
{
    const core::Workspace workspace(folder);
    workspace.create();
    return workspace;
}

} // namespace

std::string query(const catalog::Database& database, const std::string& sql)
{
    core::ProcessRequest request;
    request.command = {"psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql};
    request.environment = catalog::libpqEnvironment(database);
    const auto result = core::runProcess(request);
    INFO(result.error);
    REQUIRE(result.ok());
    return result.output.substr(0, result.output.find('\n'));
}

void writeFile(const std::filesystem::path& path, const std::string& text)
{
    std::filesystem::create_directories(path.parent_path());
    core::writeTextAtomically(path, text);
}

BackupFixture::BackupFixture()
    : workspace(createdWorkspace(folder / "workspace"))
    , cluster(catalog::PrivateCluster::open(workspace, context))
    , database(cluster.uri())
    , settings(backup::BackupSettings::defaults(workspace))
    , access(pipeline::databaseAccess(database))
{
    catalog::migrate(database);
    query(database, "CREATE SCHEMA fuji; CREATE TABLE fuji.\"Odd name\" (id int PRIMARY KEY, bytes bytea);"
                    "INSERT INTO fuji.\"Odd name\" SELECT i, decode(md5(i::text), 'hex') FROM "
                    "generate_series(1, 2000) i");
    writeFile(workspace.models() / "vae/1/model.h5", std::string(50000, 'm'));
    writeFile(workspace.models() / "vae/1/lineage.json", "{}");
    writeFile(workspace.models() / "vae/.new-1/model.h5", "unfinished");
    writeFile(workspace.datasets() / "demo.h5", std::string(300000, 'd'));
    writeFile(workspace.recipes() / "mine.json", "{\"name\": \"mine\"}");
    backup::initRepository(settings, context);
}

backup::VerifyReport BackupFixture::verify(const std::string& snapshot)
{
    return verify(snapshot, context);
}

backup::VerifyReport BackupFixture::verify(const std::string& snapshot, core::JobContext& within)
{
    return backup::verifySnapshot(
        settings,
        {.snapshot = snapshot, .readDataSubset = {}, .openDatabase = pipeline::scratchServer(within)},
        within);
}

} // namespace voorwerp::test

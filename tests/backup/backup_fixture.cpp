// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup_fixture.h"

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

backup::DatabaseAccess noDatabase()
{
    backup::DatabaseAccess access;
    access.serverMajorVersion = 15;
    access.withSnapshot = [](const auto&) { FAIL("the database was asked"); };
    access.createDatabase = [](const std::string&) -> backup::ConnectionEnvironment {
        throw std::logic_error("the database was asked");
    };
    return access;
}

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
    , access(accessTo(database))
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

} // namespace voorwerp::test

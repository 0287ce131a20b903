// SPDX-License-Identifier: GPL-3.0-or-later
// workspace init | start | stop | status
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "catalog/migrations.h"
#include "catalog/roles.h"
#include "core/error.h"

namespace voorwerp::cli {

namespace {

void requirePrivateCluster(const Runtime& runtime, const char* verb)
{
    if (!runtime.options().databaseUri.empty())
        throw core::UserError(std::string("workspace ") + verb +
                                  " is about the private server, and --db names another",
                              "Leave --db out.");
}

Json describeDatabase(const catalog::Database& database)
{
    const catalog::DatabaseInfo info = catalog::databaseInfo(database);
    return {{"database", database.description()},
            {"server_version", info.serverVersion / 10000},
            {"schema_version", info.schemaVersion},
            {"database_bytes", info.bytes},
            {"targets", info.targets},
            {"labels", info.labels}};
}

Outcome init(Runtime& runtime, const NoOptions&)
{
    Json result = {{"workspace", runtime.workspace().folder().string()}};
    result.update(describeDatabase(runtime.database()));
    runtime.say("Workspace " + runtime.workspace().folder().string() + " is ready (" +
                runtime.session().databaseDescription() + ").");
    return {result};
}

Outcome start(Runtime& runtime, const NoOptions&)
{
    requirePrivateCluster(runtime, "start");
    runtime.workspace().create();
    catalog::PrivateCluster::keepRunning(runtime.workspace(), runtime.context());
    const catalog::ClusterStatus status = catalog::PrivateCluster::status(runtime.workspace());
    runtime.say("The private PostgreSQL runs until \"workspace stop\" (process " +
                std::to_string(status.pid) + ").");
    return {{{"running", status.running}, {"pid", status.pid}, {"uri", status.uri}}};
}

Outcome stop(Runtime& runtime, const NoOptions&)
{
    requirePrivateCluster(runtime, "stop");
    const bool stopped = catalog::PrivateCluster::stop(runtime.workspace(), runtime.context());
    runtime.say(stopped ? "The private PostgreSQL is stopped."
                        : "Another program uses the private PostgreSQL; it stops when that ends.");
    return {{{"stopped", stopped}}};
}

Json statusOf(const catalog::ClusterStatus& status)
{
    return {{"initialised", status.initialised},
            {"running", status.running},
            {"kept", status.kept},
            {"server_version", status.majorVersion},
            {"pid", status.pid},
            {"data_folder", status.dataFolder.string()},
            {"log", status.logFile.string()},
            {"uri", status.uri}};
}

std::string sentenceOf(const catalog::ClusterStatus& status)
{
    if (!status.initialised)
        return "no database yet; \"workspace init\" makes one";
    const std::string version = "PostgreSQL " + std::to_string(status.majorVersion);
    if (!status.running)
        return version + ", not running";
    return version + ", running as process " + std::to_string(status.pid) + (status.kept ? ", kept" : "");
}

Outcome status(Runtime& runtime, const NoOptions&)
{
    Json result = {{"workspace", runtime.workspace().folder().string()}};
    runtime.print("workspace  " + runtime.workspace().folder().string());
    catalog::ClusterStatus cluster;
    if (runtime.options().databaseUri.empty()) {
        cluster = catalog::PrivateCluster::status(runtime.workspace());
        result.update(statusOf(cluster));
        runtime.print("server     " + sentenceOf(cluster));
        if (!cluster.running)
            return {result};
    }
    const catalog::Database database(cluster.running ? cluster.uri : runtime.options().databaseUri);
    result.update(describeDatabase(database));
    const catalog::Permissions permissions = catalog::permissionsOf(database);
    result["login"] = permissions.login();
    result["role"] = permissions.role();
    runtime.print("login      " + permissions.login() +
                  (permissions.role().empty() ? "" : " (" + permissions.role() + ")"));
    runtime.print("database   " + database.description() + ", schema " + result["schema_version"].dump() +
                  " of " + std::to_string(catalog::latestSchemaVersion()) + ", " +
                  byteText(result["database_bytes"].get<std::int64_t>()));
    runtime.print("content    " + counted(result["targets"].get<std::int64_t>(), "spectrum", "spectra") +
                  ", " + counted(result["labels"].get<std::int64_t>(), "label"));
    return {result};
}

} // namespace

void addWorkspaceCommands(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "workspace", "the folder of a project and its database");
    addVerb<NoOptions>(line, group, "init", "create the workspace and its database", declareNothing, init);
    addVerb<NoOptions>(line, group, "start", "start the private server and keep it running", declareNothing,
                       start);
    addVerb<NoOptions>(line, group, "stop", "stop the private server", declareNothing, stop);
    addVerb<NoOptions>(line, group, "status", "say what is there; starts nothing", declareNothing, status);
    addRoleCommands(line, group);
}

} // namespace voorwerp::cli

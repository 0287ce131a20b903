// SPDX-License-Identifier: GPL-3.0-or-later
// backup init | run | list | verify | restore
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/pipeline/backup_job.h"

namespace voorwerp::cli {

namespace {

struct InitOptions
{
    std::filesystem::path repository;
};

struct SnapshotOptions
{
    std::string snapshot = "latest";
    std::filesystem::path folder;
};

void declareInit(CLI::App& app, InitOptions& options)
{
    app.add_option("--repository", options.repository,
                   "folder of the restic repository (default: in the workspace)");
}

void declareVerify(CLI::App& app, SnapshotOptions& options)
{
    app.add_option("snapshot", options.snapshot, "id as backup list shows it")->capture_default_str();
}

void declareRestore(CLI::App& app, SnapshotOptions& options)
{
    declareVerify(app, options);
    app.add_option("--to", options.folder, "folder that becomes a workspace; must be new or empty")
        ->required();
}

Outcome init(Runtime& runtime, const InitOptions& options)
{
    const backup::InitReport report =
        pipeline::initBackup(runtime.session(), options.repository, runtime.context());
    runtime.say("Backups go to " + report.repository.string() + "\n" + report.advice);
    return {{{"repository", report.repository.string()},
             {"password_file", report.passwordFile.string()},
             {"advice", report.advice}}};
}

Outcome run(Runtime& runtime, const NoOptions&)
{
    const backup::BackupReport report = pipeline::runBackup(runtime.session(), runtime.context());
    runtime.say("Snapshot " + report.snapshot.substr(0, 8) + ": " + counted(report.files, "file") + ", " +
                counted(report.rows, "row") + ", " + byteText(report.bytes) + " (" +
                byteText(report.bytesAdded) + " new) in " + durationText(report.seconds));
    return {{{"snapshot", report.snapshot},
             {"files", report.files},
             {"rows", report.rows},
             {"bytes", report.bytes},
             {"bytes_added", report.bytesAdded},
             {"seconds", report.seconds}}};
}

std::string verifiedText(const backup::SnapshotInfo& snapshot)
{
    if (!snapshot.verified)
        return "never";
    return (snapshot.verified->ok ? "ok " : "FAILED ") + snapshot.verified->time;
}

Outcome list(Runtime& runtime, const NoOptions&)
{
    Json rows = Json::array();
    TextTable table({"snapshot", "time", "host", ">rows", ">size", "verified"});
    for (const backup::SnapshotInfo& snapshot : pipeline::listBackups(runtime.session(), runtime.context())) {
        rows.push_back({{"snapshot", snapshot.id},
                        {"time", snapshot.time},
                        {"host", snapshot.host},
                        {"software", snapshot.softwareVersion},
                        {"rows", snapshot.rows},
                        {"bytes", snapshot.bytes},
                        {"verified", snapshot.verified ? Json(snapshot.verified->ok) : Json()}});
        table.add({snapshot.shortId, snapshot.time, snapshot.host, std::to_string(snapshot.rows),
                   byteText(snapshot.bytes), verifiedText(snapshot)});
    }
    runtime.print(table.text());
    return {{{"snapshots", std::move(rows)}}};
}

Outcome verify(Runtime& runtime, const SnapshotOptions& options)
{
    const backup::VerifyReport report =
        pipeline::verifyBackup(runtime.session(), options.snapshot, runtime.context());
    for (const std::string& problem : report.problems)
        runtime.warn("problem: " + problem);
    runtime.say("Snapshot " + report.snapshot.substr(0, 8) + (report.ok ? " restores: " : " is damaged: ") +
                counted(report.files, "file") + ", " + counted(report.tables, "table") + " and " +
                counted(report.rows, "row") + " compared in " + durationText(report.seconds));
    return {{{"snapshot", report.snapshot},
             {"ok", report.ok},
             {"problems", report.problems},
             {"files", report.files},
             {"tables", report.tables},
             {"rows", report.rows},
             {"seconds", report.seconds}},
            report.ok ? ExitCode::Done : ExitCode::BadData};
}

Outcome restore(Runtime& runtime, const SnapshotOptions& options)
{
    const backup::RestoreReport report =
        pipeline::restoreBackup(runtime.session(), options.snapshot, options.folder, runtime.context());
    runtime.say("Snapshot " + report.snapshot.substr(0, 8) + " is restored in " + report.folder.string() +
                ": " + counted(report.files, "file") + ", " + counted(report.rows, "row") +
                ". Open it with --workspace " + report.folder.string());
    return {{{"snapshot", report.snapshot},
             {"folder", report.folder.string()},
             {"files", report.files},
             {"bytes", report.bytes},
             {"tables", report.tables},
             {"rows", report.rows},
             {"seconds", report.seconds}}};
}

} // namespace

void addBackupCommands(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "backup", "encrypted, verified backups of database and models");
    addVerb<InitOptions>(line, group, "init", "create the repository and its password", declareInit, init);
    addVerb<NoOptions>(line, group, "run", "back up now", declareNothing, run);
    addVerb<NoOptions>(line, group, "list", "snapshots, oldest first", declareNothing, list);
    addVerb<SnapshotOptions>(line, group, "verify", "restore a snapshot for real and compare", declareVerify,
                             verify);
    addVerb<SnapshotOptions>(line, group, "restore", "restore a snapshot into a new workspace",
                             declareRestore, restore);
}

} // namespace voorwerp::cli

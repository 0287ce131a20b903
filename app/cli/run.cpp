// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/run.h"

#include "app/cli/command.h"
#include "app/cli/stop_signals.h"
#include "catalog/secrets.h"
#include "core/error.h"
#include "core/version.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace voorwerp::cli {

namespace {

/// All commands, in the order in which --help shows them.
constexpr std::array kCommands = {
    addWorkspaceCommands, addMockCommand,     addIngestCommand,  addCatalogCommands, addSelectionCommands,
    addMatchCommands,     addDatasetCommands, addTrainCommand,   addScoreCommand,    addCandidateCommands,
    addExplainCommand,    addLabelCommands,   addModelCommands,  addBackupCommands,  addJobCommands,
    addDeviceCommand,     addAuditCommand,    addMonitorCommand,
};

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad input data (what was good is kept), "
    "4 stopped and can be resumed, 5 database not reachable.";

/// "$UNSET" of a script shall not mean the default.
CLI::Validator notEmpty()
{
    return CLI::Validator(
        [](const std::string& text) { return text.empty() ? std::string("is empty") : std::string(); }, {});
}

void declareGlobalOptions(CLI::App& app, GlobalOptions& options)
{
    app.add_option("--workspace", options.workspace,
                   "folder of this project's data (default: the user's data folder)")
        ->check(notEmpty());
    app.add_option("--db", options.databaseUri, "PostgreSQL server to use instead of the private one")
        ->check(notEmpty());
    app.add_option(
           "--specprod", options.production,
           "browse this production (schema) of a DESI database, read-only: catalog list, catalog count")
        ->check(notEmpty());
    app.add_flag("--json", options.json, "the last line on standard output is one JSON object");
    app.add_flag("--quiet", options.quiet, "no progress and no remarks");
    app.set_version_flag("--version", std::string("voorwerp-cli ") + core::kVersion);
    app.require_subcommand(1);
    app.footer(kFooter);
}

void printJson(const Json& object)
{
    // replace: a file name that is not UTF-8 must not lose the report.
    const std::string text = object.dump(-1, ' ', false, Json::error_handler_t::replace);
    std::printf("%s\n", text.c_str());
}

/// A message may quote the command line.
int report(const Failure& failure, bool json)
{
    const std::string error = catalog::hideSecrets(failure.error);
    const std::string remedy = catalog::hideSecrets(failure.remedy);
    std::fprintf(stderr, "error: %s\n", error.c_str());
    if (!remedy.empty())
        std::fprintf(stderr, "remedy: %s\n", remedy.c_str());
    const int code = static_cast<int>(failure.code);
    if (json)
        printJson({{"error", error}, {"remedy", remedy}, {"exit_code", code}});
    return code;
}

/// What was printed may still wait in memory: a full disk or a closed pipe shows only now.
void requireOutputWritten()
{
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw core::SystemError(std::string("cannot write to standard output: ") + std::strerror(errno),
                                "Check the disk or the program that reads it.");
}

/// CLI11 complains that a command is missing where one is not known.
std::string messageOf(const CLI::App& app, const CLI::ParseError& error)
{
    const std::vector<std::string> rest = app.remaining(true);
    const bool unknown = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && !rest.empty();
    return unknown ? "there is no command or option '" + rest.front() + "' here" : error.what();
}

/// CLI11 prints help and version as "errors" of code 0.
int reportParse(const CLI::App& app, const CLI::ParseError& error, bool json)
{
    if (error.get_exit_code() == 0)
        return app.exit(error);
    return report({messageOf(app, error), "See voorwerp-cli --help, or --help after the command.",
                   ExitCode::WrongUsage},
                  json);
}

int execute(const CommandLine& line, const GlobalOptions& options)
{
    const StopSignals signals;
    Runtime runtime(options, signals.token());
    if (catalog::hasSecret(options.databaseUri))
        runtime.warn(std::string("warning: ") + catalog::kSecretWarning);
    try {
        const Outcome outcome = line.action(runtime);
        runtime.clearProgress();
        if (options.json)
            printJson(outcome.result);
        requireOutputWritten();
        return static_cast<int>(outcome.code);
    } catch (...) {
        runtime.clearProgress();
        return report(describe(std::current_exception()), options.json);
    }
}

} // namespace

int run(int argc, const char* const* argv)
{
    // Known even when the command line cannot be understood.
    const bool json =
        std::any_of(argv, argv + argc, [](const char* a) { return std::string_view(a) == "--json"; });
    try {
        CLI::App app("Finds anomalous quasars in DESI spectra.", "voorwerp-cli");
        GlobalOptions options;
        declareGlobalOptions(app, options);
        CommandLine line{app, {}};
        for (const auto addCommands : kCommands)
            addCommands(line);
        try {
            app.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            return reportParse(app, error, json);
        }
        return execute(line, options);
    } catch (...) {
        return report(describe(std::current_exception()), json);
    }
}

} // namespace voorwerp::cli

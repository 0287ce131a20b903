// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How a verb is made: a struct of options, a function that declares them, a function that runs.

#include "app/cli/runtime.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>

namespace voorwerp::cli {

/// The command line under construction; parsing it sets the action.
struct CommandLine
{
    CLI::App& app;
    std::function<Outcome(Runtime&)> action;
};

struct NoOptions
{
};
inline void declareNothing(CLI::App&, NoOptions&) {}

/// A noun with verbs, as "models" in "models list".
CLI::App& addGroup(CLI::App& parent, const std::string& name, const std::string& help);

/// A word of the command line. Global options may follow it, too (fallthrough). Not inline, as the above:
/// what makes a CLI::App is long to compile.
CLI::App& addCommand(CLI::App& parent, const std::string& name, const std::string& help);

template <typename Options>
void addVerb(CommandLine& line, CLI::App& parent, const std::string& name, const std::string& help,
             void (*declare)(CLI::App&, Options&), Outcome (*run)(Runtime&, const Options&))
{
    CLI::App& command = addCommand(parent, name, help);
    auto options = std::make_shared<Options>();
    declare(command, *options);
    command.callback([&line, options, run] {
        line.action = [options, run](Runtime& runtime) { return run(runtime, *options); };
    });
}

// One function a file NAME_command(s).cpp, in the order of the flow.
void addWorkspaceCommands(CommandLine& line);
void addMockCommand(CommandLine& line);
void addIngestCommand(CommandLine& line);
void addCatalogCommands(CommandLine& line);
void addSelectionCommands(CommandLine& line);
void addMatchCommands(CommandLine& line);
void addDatasetCommands(CommandLine& line);
void addTrainCommand(CommandLine& line);
void addScoreCommand(CommandLine& line);
void addCandidateCommands(CommandLine& line);
void addExplainCommand(CommandLine& line);
void addLabelCommands(CommandLine& line);
void addModelCommands(CommandLine& line);
void addBackupCommands(CommandLine& line);
void addJobCommands(CommandLine& line);
void addDeviceCommand(CommandLine& line);
void addAuditCommand(CommandLine& line);
void addMonitorCommand(CommandLine& line);
/// workspace roles ...
void addRoleCommands(CommandLine& line, CLI::App& workspace);
/// models export, models import
void addModelInterchangeVerbs(CommandLine& line, CLI::App& models);

} // namespace voorwerp::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command.h"

namespace voorwerp::cli {

CLI::App& addGroup(CLI::App& parent, const std::string& name, const std::string& help)
{
    CLI::App& group = addCommand(parent, name, help);
    group.require_subcommand(1);
    return group;
}

CLI::App& addCommand(CLI::App& parent, const std::string& name, const std::string& help)
{
    CLI::App* command = parent.add_subcommand(name, help);
    command->fallthrough();
    return *command;
}

} // namespace voorwerp::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// monitor: the one command that only looks.

#include "app/cli/command.h"

namespace voorwerp::cli {

void addMonitorCommand(CommandLine& line);

} // namespace voorwerp::cli

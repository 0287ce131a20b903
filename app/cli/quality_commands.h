// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// catalog report and catalog describe, and the report that ingest --report ends with.

#include "app/cli/command.h"

namespace voorwerp::cli {

/// Verbs of the noun "catalog".
void addQualityCommands(CommandLine& line, CLI::App& catalog);
/// Prints the data quality report of an expression and returns it as JSON.
Json reportQuality(Runtime& runtime, const std::string& where);

} // namespace voorwerp::cli

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// voorwerp-cli as a function: reads the command line, runs the one command it names, reports. README.md of
// this folder has the promises.

namespace voorwerp::cli {

/// Returns the exit code; never throws.
int run(int argc, const char* const* argv);

} // namespace voorwerp::cli

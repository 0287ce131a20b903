// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Runs the executable's test cases as the command line says; what main returns.
int runCatchSession(int argc, char* argv[]);

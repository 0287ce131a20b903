// SPDX-License-Identifier: GPL-3.0-or-later
// Catch2's own code, which is long to compile: once for all test executables.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

#include "catch_session.h"

int runCatchSession(int argc, char* argv[])
{
    return Catch::Session().run(argc, argv);
}

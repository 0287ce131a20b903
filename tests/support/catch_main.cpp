// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch_session.h"

int main(int argc, char* argv[])
{
    return runCatchSession(argc, argv);
}

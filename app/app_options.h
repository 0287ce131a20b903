// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The command line of the window.

#include "app/pipeline/session.h"

#include <QString>

class QCoreApplication;

namespace voorwerp::app {

struct AppOptions
{
    pipeline::SessionRequest session;
    bool demo = false;        ///< start the demo without asking
    QString page;             ///< page to show first; empty: the one of last time
    QString screenshotFolder; ///< not empty: draw every page into PNG files there, then quit
};

/// Ends the program with a message on --help, --version and on wrong usage (exit code 2).
AppOptions parseOptions(const QCoreApplication& application);

} // namespace voorwerp::app

// SPDX-License-Identifier: GPL-3.0-or-later
// The main of GUI tests: a QApplication that needs no screen, with the same locale and style everywhere.
#include <QApplication>
#include <QLocale>
#include <QStandardPaths>

#include "catch_session.h"

int main(int argc, char* argv[])
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QStandardPaths::setTestModeEnabled(true);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    QApplication application(argc, argv);
    QApplication::setStyle(QStringLiteral("fusion"));
    return runCatchSession(argc, argv);
}

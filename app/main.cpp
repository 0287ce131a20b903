// SPDX-License-Identifier: GPL-3.0-or-later
// voorwerp: the workbench window.
#include "app/app_context.h"
#include "app/app_options.h"
#include "app/main_window.h"
#include "app/quit_signals.h"
#include "app/screenshot_run.h"
#include "app/translations.h"
#include "catalog/secrets.h"
#include "core/version.h"

#include <QApplication>

int main(int argc, char** argv)
{
    std::vector<std::string> arguments = voorwerp::catalog::takeArguments(argc, argv);
    std::vector<char*> pointers;
    for (std::string& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    QApplication application(argc, pointers.data());
    QApplication::setApplicationName(QStringLiteral("voorwerp"));
    QApplication::setApplicationDisplayName(QStringLiteral("Voorwerp"));
    QApplication::setApplicationVersion(QString::fromLatin1(voorwerp::core::kVersion));
    voorwerp::app::installTranslations(application);
    const voorwerp::app::AppOptions options = voorwerp::app::parseOptions(application);
    voorwerp::app::AppContext context(options.session);
    voorwerp::app::MainWindow window(context);
    if (!options.page.isEmpty())
        window.showPage(options.page);
    if (options.demo)
        window.startDemoWhenOpen();
    const voorwerp::app::QuitSignals signalsOfSystem;
    QObject::connect(&signalsOfSystem, &voorwerp::app::QuitSignals::quitRequested, &window,
                     &voorwerp::app::MainWindow::endSession);
    voorwerp::app::ScreenshotRun screenshots(context, window, options.screenshotFolder);
    window.show();
    context.open();
    return QApplication::exec();
}

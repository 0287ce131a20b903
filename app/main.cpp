// SPDX-License-Identifier: GPL-3.0-or-later
// voorwerp: the workbench window.
#include "app/app_context.h"
#include "app/app_options.h"
#include "app/main_window.h"
#include "app/screenshot_run.h"
#include "core/version.h"

#include <QApplication>
#include <QTranslator>

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("voorwerp"));
    QApplication::setApplicationDisplayName(QStringLiteral("Voorwerp"));
    QApplication::setApplicationVersion(QString::fromLatin1(voorwerp::core::kVersion));
    QTranslator translator;
    const QString folder = QStringLiteral(":/i18n");
    if (translator.load(QLocale(), QStringLiteral("voorwerp"), QStringLiteral("_"), folder) ||
        translator.load(QStringLiteral("voorwerp_en"), folder))
        QApplication::installTranslator(&translator);

    const voorwerp::app::AppOptions options = voorwerp::app::parseOptions(application);
    voorwerp::app::AppContext context(options.session);
    voorwerp::app::MainWindow window(context);
    if (!options.page.isEmpty())
        window.showPage(options.page);
    if (options.demo)
        window.startDemoWhenOpen();
    voorwerp::app::ScreenshotRun screenshots(context, window, options.screenshotFolder);
    window.show();
    context.open();
    return QApplication::exec();
}

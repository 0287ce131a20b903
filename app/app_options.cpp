// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/app_options.h"

#include "catalog/secrets.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDir>

#include <cstdio>
#include <cstdlib>

namespace voorwerp::app {

namespace {

constexpr int kWrongUsage = 2;

QString tr(const char* text)
{
    return QCoreApplication::translate("AppOptions", text);
}

[[noreturn]] void refuse(const QString& message)
{
    std::fprintf(stderr, "%s\n",
                 catalog::hideSecrets(message.toStdString()).c_str()); // it may quote an address
    std::exit(kWrongUsage);
}

} // namespace

AppOptions parseOptions(const QCoreApplication& application)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(tr("A workbench for anomalous quasars in DESI spectra."));
    const QCommandLineOption help = parser.addHelpOption();
    const QCommandLineOption version = parser.addVersionOption();
    const QCommandLineOption workspace(QStringLiteral("workspace"),
                                       tr("Folder of the workspace (default: in the user's data folder)."),
                                       QStringLiteral("DIR"));
    const QCommandLineOption database(QStringLiteral("db"),
                                      tr("PostgreSQL server instead of the workspace's private one."),
                                      QStringLiteral("URI"));
    const QCommandLineOption production(
        QStringLiteral("specprod"),
        tr("Browse this production (schema) of the DESI database, read-only: fuji, iron, ..."),
        QStringLiteral("NAME"));
    const QCommandLineOption tree(
        QStringLiteral("tree"),
        tr("With --specprod: folder of the production's FITS files, for the spectra."),
        QStringLiteral("DIR"));
    const QCommandLineOption demo(QStringLiteral("demo"), tr("Start the demo without asking."));
    const QCommandLineOption page(QStringLiteral("page"),
                                  tr("Page to show first: survey, train, explore, candidates, models, care."),
                                  QStringLiteral("NAME"));
    const QCommandLineOption screenshots(QStringLiteral("screenshot-folder"),
                                         tr("Draw every page into PNG files in this folder, then quit."),
                                         QStringLiteral("DIR"));
    parser.addOptions({workspace, database, production, tree, demo, page, screenshots});
    if (!parser.parse(application.arguments()))
        refuse(parser.errorText());
    if (parser.isSet(help))
        parser.showHelp();
    if (parser.isSet(version))
        parser.showVersion();
    if (!parser.positionalArguments().isEmpty())
        refuse(tr("Unknown argument: %1").arg(parser.positionalArguments().constFirst()));

    AppOptions options;
    if (parser.isSet(workspace))
        options.session.workspace = QDir(parser.value(workspace)).absolutePath().toStdString();
    options.session.databaseUri = parser.value(database).toStdString();
    options.session.production = parser.value(production).toStdString();
    if (parser.isSet(tree))
        options.session.tree = QDir(parser.value(tree)).absolutePath().toStdString();
    if (parser.isSet(tree) && !options.session.isBrowsing())
        refuse(tr("--tree needs --specprod: the production whose files these are."));
    if (parser.isSet(demo) && options.session.isBrowsing())
        refuse(tr("--demo needs a workspace of its own; leave out --specprod."));
    if (catalog::hasSecret(options.session.databaseUri))
        std::fprintf(stderr, "warning: %s\n", catalog::kSecretWarning);
    options.demo = parser.isSet(demo);
    options.page = parser.value(page);
    options.screenshotFolder = parser.value(screenshots);
    return options;
}

} // namespace voorwerp::app

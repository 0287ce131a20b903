// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/importer.h"

#include "app/app_context.h"
#include "app/jobs/workbench_jobs.h"
#include "app/right_gate.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>
#include <QUrl>

namespace voorwerp::app {

namespace {
const QString kFolderKey = QStringLiteral("import/folder");
}

Importer::Importer(AppContext& context, QWidget* window)
    : QObject(window)
    , m_context(context)
    , m_window(window)
{
}

void Importer::chooseFiles()
{
    const QStringList files =
        QFileDialog::getOpenFileNames(m_window, tr("Import DESI files"), lastFolder(),
                                      tr("DESI spectra (*.fits *.fits.gz);;All files (*)"));
    if (files.isEmpty())
        return;
    rememberFolder(QFileInfo(files.constFirst()).absolutePath());
    importPaths(files);
}

void Importer::chooseFolder()
{
    const QString folder =
        QFileDialog::getExistingDirectory(m_window, tr("Import all DESI files below a folder"), lastFolder());
    if (folder.isEmpty())
        return;
    rememberFolder(folder);
    importPaths({folder});
}

void Importer::importPaths(const QStringList& paths)
{
    const auto session = m_context.session();
    if (!session || paths.isEmpty())
        return;
    if (const QString reason = whyNot(m_context, catalog::Right::Ingest); !reason.isEmpty()) {
        emit m_context.showMessage(reason);
        return;
    }
    pipeline::IngestRequest request;
    for (const QString& path : paths)
        request.paths.emplace_back(path.toStdString());
    m_context.jobs().start(ingestJob(session, request));
    emit m_context.showPage(QStringLiteral("survey"));
}

QStringList Importer::pathsOf(const QMimeData* data)
{
    QStringList paths;
    const QList<QUrl> urls = data->urls();
    for (const QUrl& url : urls)
        if (url.isLocalFile())
            paths.append(url.toLocalFile());
    return paths;
}

QString Importer::lastFolder() const
{
    return m_context.settings().value(kFolderKey, QDir::homePath()).toString();
}

void Importer::rememberFolder(const QString& path)
{
    m_context.settings().setValue(kFolderKey, path);
}

} // namespace voorwerp::app

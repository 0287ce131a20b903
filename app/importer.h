// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Starts the import of DESI files chosen in a dialog or dropped on the window.

#include <QObject>
#include <QStringList>

class QMimeData;
class QWidget;

namespace voorwerp::app {

class AppContext;

class Importer : public QObject
{
    Q_OBJECT

public:
    /// window: parent of the dialogs.
    Importer(AppContext& context, QWidget* window);

    void chooseFiles();
    void chooseFolder();
    /// Starts the job; nothing happens while the workspace is not open.
    void importPaths(const QStringList& paths);
    /// Local files and folders of a drag; empty: not for us.
    static QStringList pathsOf(const QMimeData* data);

private:
    QString lastFolder() const;
    void rememberFolder(const QString& path);

    AppContext& m_context;
    QWidget* m_window;
};

} // namespace voorwerp::app

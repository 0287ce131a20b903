// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Draws every page of the real window into PNG files once it shows everything, then quits. Works off screen.

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>

namespace voorwerp::app {

class AppContext;
class MainWindow;

class ScreenshotRun : public QObject
{
    Q_OBJECT

public:
    /// folder empty: does nothing. The program ends with exit code 1 when a page is not loaded in time or a
    /// file cannot be written.
    ScreenshotRun(AppContext& context, MainWindow& window, const QString& folder);

private:
    void step();
    bool isReady() const;
    bool savePicture(const QString& name);
    void finish(int exitCode);

    AppContext& m_context;
    MainWindow& m_window;
    QString m_folder;
    QTimer m_timer;
    QElapsedTimer m_sincePage;
    int m_page = -1; ///< -1: waiting for the workspace and the demo
};

} // namespace voorwerp::app

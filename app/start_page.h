// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What stands in the window before there is anything to work with: opening the workspace, why it could not be
// opened, the choice of a first start, and the steps of the demo.

#include "app/app_context.h"

#include <QMap>
#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace voorwerp::app {

class DemoSteps;

class StartPage : public QWidget
{
    Q_OBJECT

public:
    explicit StartPage(AppContext& context, QWidget* parent = nullptr);

    /// An empty workspace: demo or import.
    void offerFirstSteps();
    /// The demo did not end last time: its button goes on with it.
    void demoWasInterrupted();

signals:
    void demoWanted();
    void importFilesWanted();
    void importFolderWanted();
    void otherWorkspaceWanted();
    void lookAroundWanted(); ///< leave this page as it is and show the pages

private:
    void showState(AppContext::State state);
    void showProgress(const QString& phase, double done, double total);
    void followDemo(const JobStatus& job);
    void setTexts(const QString& title, const QString& text);
    void showOnly(const QList<QWidget*>& widgets);
    QProgressBar* barOf(const QString& phase);
    void removeBars();
    QPushButton* addButton(const QString& text, const QString& toolTip);

    AppContext& m_context;
    QLabel* m_title;
    QLabel* m_text;
    QVBoxLayout* m_buttons;
    QVBoxLayout* m_bars;
    DemoSteps* m_steps;
    QPushButton* m_demo;
    QPushButton* m_importFiles;
    QPushButton* m_importFolder;
    QPushButton* m_lookAround;
    QPushButton* m_retry;
    QPushButton* m_other;
    QPushButton* m_stop;
    QMap<QString, QProgressBar*> m_barOfPhase;
    quint64 m_demoJob = 0; ///< the newest one, whoever started it
    bool m_followsDemo = false;
};

} // namespace voorwerp::app

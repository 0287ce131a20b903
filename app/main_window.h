// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one window: page list on the left, the page, notices, the job strip, the status line. Wires parts
// together and remembers the layout; what a page does is in the page.

#include "app/app_context.h"
#include "app/jobs/job_ledger.h"
#include "app/page.h"

#include <QMainWindow>
#include <QPointer>

class QListWidget;
class QStackedWidget;

namespace voorwerp::widgets {
class CommandPalette;
class GuideViewer;
class JobStrip;
} // namespace voorwerp::widgets

namespace voorwerp::app {

class ClosingGuard;
class Importer;
class MainMenu;
class NoticeBar;
class StartPage;
class WindowMemory;

class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    explicit MainWindow(AppContext& context, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Brings the page of that name to the front; unknown names are ignored.
    void showPage(const QString& name);
    Page* currentPage() const;
    Page* page(const QString& name) const;
    const QList<Page*>& pages() const { return m_pages; }
    Importer* importer() const { return m_importer; }
    /// Starts the demo once the workspace is open, without asking.
    void startDemoWhenOpen() { m_demoWanted = true; }
    /// Shows the demo's steps and starts it, goes on with an interrupted one, or joins the one that runs.
    void startDemo();
    /// The session or the process is to end: saves, stops the jobs and closes, without a question.
    void endSession();

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    QWidget* makeCentre();
    void addPages();
    void showFullPage(bool full);
    void connectMenu();
    void connectContext();
    void showPageAt(int index);
    void onStateChanged(AppContext::State state);
    void onFactsChanged();
    void onJobAdded(const JobStatus& job);
    void onJobFinished(const JobStatus& job);
    void updateMenu();
    void offerInterrupted(const std::vector<InterruptedJob>& jobs);
    void startAgain(const InterruptedJob& job);
    void leave(const InterruptedJob& job);
    void showGuide();
    void showKeys();
    void showAbout();
    void openAnotherWorkspace();
    void openDesiDatabase();
    void startWindow(const QStringList& arguments);

    AppContext& m_context;
    QList<Page*> m_pages;
    QListWidget* m_pageList;
    QStackedWidget* m_stack; ///< the start page, then the pages
    StartPage* m_startPage;
    NoticeBar* m_notices;
    widgets::JobStrip* m_strip;
    widgets::CommandPalette* m_palette;
    MainMenu* m_menu = nullptr;
    WindowMemory* m_memory = nullptr;
    Importer* m_importer;
    ClosingGuard* m_guard;
    QPointer<widgets::GuideViewer> m_guide;
    std::vector<InterruptedJob> m_interrupted; ///< offered, not yet answered
    bool m_demoWanted = false;
    bool m_welcomed = false; ///< pages or first steps were shown after opening
};

} // namespace voorwerp::app

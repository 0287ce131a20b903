// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include "app/closing_guard.h"
#include "app/desi_database_dialog.h"
#include "app/device_check_dialog.h"
#include "app/importer.h"
#include "app/job_strip_bridge.h"
#include "app/jobs/workbench_jobs.h"
#include "app/main_menu.h"
#include "app/notice_bar.h"
#include "app/page_list.h"
#include "app/score_offer.h"
#include "app/start_page.h"
#include "app/status_line.h"
#include "app/window_memory.h"
#include "app/workspace_facts.h"
#include "widgets/command_palette.h"
#include "widgets/guide_viewer.h"
#include "widgets/job_strip.h"

#include <QApplication>
#include <QCloseEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QListWidget>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QProcess>
#include <QStackedWidget>
#include <QStatusBar>

#include <algorithm>

namespace voorwerp::app {

namespace {
constexpr int kPageIcon = 18;
constexpr int kPageListMargin = 28;
const QString kDatabasePurpose = QStringLiteral("database");
const QString kDemo = QStringLiteral("demo");

QString noticeOf(const InterruptedJob& job)
{
    return QStringLiteral("job%1").arg(job.row);
}
} // namespace

MainWindow::MainWindow(AppContext& context, QWidget* parent)
    : QMainWindow(parent)
    , m_context(context)
    , m_pageList(new QListWidget)
    , m_stack(new QStackedWidget)
    , m_startPage(new StartPage(context))
    , m_notices(new NoticeBar)
    , m_strip(new widgets::JobStrip)
    , m_palette(new widgets::CommandPalette(this))
    , m_importer(new Importer(context, this))
    , m_guard(new ClosingGuard(context, m_notices, this))
{
    setObjectName(QStringLiteral("mainWindow"));
    const pipeline::SessionRequest& request = context.request();
    setWindowTitle(tr("%1 — Voorwerp")
                       .arg(request.isBrowsing()
                                ? tr("%1 (read-only)").arg(QString::fromStdString(request.production))
                                : QString::fromStdString(request.workspace.filename().string())));
    setAcceptDrops(!context.isBrowsing());
    setCentralWidget(makeCentre());
    setStatusBar(new StatusLine(context, this));
    addPages();
    m_menu = new MainMenu(context, this, m_pages);
    m_memory = new WindowMemory(context, this, m_pages, [this] {
        const int row = m_pageList->currentRow();
        return row < 0 ? QString() : m_pages[row]->name();
    });
    new JobStripBridge(context, m_strip);
    new ScoreOffer(context, m_notices, this);
    connectMenu();
    connectContext();
    const Page* last = page(m_memory->restore());
    m_pageList->setCurrentRow(last ? static_cast<int>(m_pages.indexOf(last)) : 0);
    onStateChanged(context.state());
}

MainWindow::~MainWindow() = default;

QWidget* MainWindow::makeCentre()
{
    auto* centre = new QWidget;
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins({});
    column->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setSpacing(0);
    row->addWidget(m_pageList);
    row->addWidget(m_stack, 1);
    column->addLayout(row, 1);
    column->addWidget(m_notices);
    column->addWidget(m_strip);
    m_pageList->setObjectName(QStringLiteral("pageList"));
    m_pageList->setFrameShape(QFrame::NoFrame);
    m_pageList->setIconSize(QSize(kPageIcon, kPageIcon));
    m_pageList->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_pageList->setAccessibleName(tr("Pages"));
    QPalette palette = m_pageList->palette();
    palette.setColor(QPalette::Base, palette.color(QPalette::Window));
    m_pageList->setPalette(palette);
    return centre;
}

void MainWindow::addPages()
{
    m_stack->addWidget(m_startPage);
    m_pages = makePages(m_context, m_stack);
    const int rowHeight = fontMetrics().height() * 2;
    for (Page* page : std::as_const(m_pages)) {
        m_stack->addWidget(page);
        connect(page, &Page::fullPageWanted, this, &MainWindow::showFullPage);
        connect(page, &Page::frontWanted, this, [this, page] { showPage(page->name()); });
        auto* item = new QListWidgetItem(page->icon(), page->title(), m_pageList);
        item->setSizeHint(QSize(1, rowHeight)); // as wide as the list
    }
    int widest = 0;
    for (const Page* page : std::as_const(m_pages))
        widest = std::max(widest, fontMetrics().horizontalAdvance(page->title()));
    m_pageList->setFixedWidth(widest + kPageIcon + kPageListMargin);
    for (int i = 0; i < m_pages.size(); ++i)
        m_pageList->item(i)->setToolTip(tr("%1 (Ctrl+%2)").arg(m_pages[i]->title()).arg(i + 1));
}

/// The menu bar is not hidden but flat, so that its shortcuts keep working.
void MainWindow::showFullPage(bool full)
{
    menuBar()->setMaximumHeight(full ? 0 : QWIDGETSIZE_MAX);
    m_pageList->setVisible(!full);
    statusBar()->setVisible(!full);
}

void MainWindow::connectMenu()
{
    connect(m_pageList, &QListWidget::currentRowChanged, this, &MainWindow::showPageAt);
    connect(m_pageList, &QListWidget::itemClicked, this,
            [this](QListWidgetItem* item) { showPageAt(m_pageList->row(item)); });
    connect(m_menu, &MainMenu::importFiles, m_importer, &Importer::chooseFiles);
    connect(m_menu, &MainMenu::importFolder, m_importer, &Importer::chooseFolder);
    connect(m_menu, &MainMenu::startDemo, this, &MainWindow::startDemo);
    connect(m_menu, &MainMenu::openWorkspace, this, &MainWindow::openAnotherWorkspace);
    connect(m_menu, &MainMenu::openDesiDatabase, this, &MainWindow::openDesiDatabase);
    connect(m_menu, &MainMenu::findAction, this,
            [this] { m_palette->open(widgets::CommandPalette::actionsOf(menuBar())); });
    connect(m_menu, &MainMenu::showPage, this, [this](int index) { showPage(m_pages[index]->name()); });
    connect(m_menu, &MainMenu::moveCurrent, this, [this](int step) {
        if (Page* page = currentPage())
            page->moveCurrent(step);
    });
    connect(m_menu, &MainMenu::showOtherJobs, m_strip, [this] { m_strip->showOthers(true); });
    connect(m_menu, &MainMenu::stopAllJobs, &m_context.jobs(), &JobRunner::stopAll);
    connect(m_menu, &MainMenu::showGuide, this, &MainWindow::showGuide);
    connect(m_menu, &MainMenu::showKeys, this, &MainWindow::showKeys);
    connect(m_menu, &MainMenu::checkDevice, this,
            [this] { (new DeviceCheckDialog(m_context, this))->show(); });
    connect(m_menu, &MainMenu::showAbout, this, &MainWindow::showAbout);
}

void MainWindow::connectContext()
{
    connect(&m_context, &AppContext::stateChanged, this, &MainWindow::onStateChanged);
    connect(&m_context, &AppContext::showPage, this, &MainWindow::showPage);
    connect(&m_context, &AppContext::importWanted, m_importer, &Importer::chooseFiles);
    connect(&m_context.facts(), &WorkspaceFacts::changed, this, &MainWindow::onFactsChanged);
    connect(&m_context.facts(), &WorkspaceFacts::changed, this, &MainWindow::updateMenu);
    JobRunner& jobs = m_context.jobs();
    connect(&jobs, &JobRunner::jobAdded, this, &MainWindow::onJobAdded);
    connect(&jobs, &JobRunner::jobChanged, this, &MainWindow::updateMenu);
    connect(&jobs, &JobRunner::jobDismissed, this, &MainWindow::updateMenu);
    connect(&jobs, &JobRunner::jobFinished, this, &MainWindow::onJobFinished);
    connect(qApp, &QGuiApplication::commitDataRequest, this, &MainWindow::endSession, Qt::DirectConnection);
    connect(&m_context.ledger(), &JobLedger::interruptedFound, this, &MainWindow::offerInterrupted);
    connect(m_startPage, &StartPage::demoWanted, this, &MainWindow::startDemo);
    connect(m_startPage, &StartPage::importFilesWanted, m_importer, &Importer::chooseFiles);
    connect(m_startPage, &StartPage::importFolderWanted, m_importer, &Importer::chooseFolder);
    connect(m_startPage, &StartPage::otherWorkspaceWanted, this, &MainWindow::openAnotherWorkspace);
    connect(m_startPage, &StartPage::lookAroundWanted, this,
            [this] { showPageAt(m_pageList->currentRow()); });
}

Page* MainWindow::currentPage() const
{
    return qobject_cast<Page*>(m_stack->currentWidget());
}

Page* MainWindow::page(const QString& name) const
{
    for (Page* page : m_pages)
        if (page->name() == name)
            return page;
    return nullptr;
}

void MainWindow::showPage(const QString& name)
{
    Page* wanted = page(name);
    if (!wanted)
        return;
    const int index = static_cast<int>(m_pages.indexOf(wanted));
    m_pageList->setCurrentRow(index);
    showPageAt(index);
}

void MainWindow::showPageAt(int index)
{
    const bool canShow = m_context.state() == AppContext::State::Open || m_welcomed;
    if (index < 0 || index >= m_pages.size() || !canShow || m_stack->currentWidget() == m_pages[index])
        return;
    m_stack->setCurrentWidget(m_pages[index]);
    m_pages[index]->activate();
    updateMenu();
    m_memory->saveSoon();
}

void MainWindow::updateMenu()
{
    m_menu->setCan({m_context.session() != nullptr && !m_context.isBrowsing(), !m_context.jobs().isIdle(),
                    m_strip->count() > 1, currentPage() != nullptr && m_context.facts().targets() > 0});
}

void MainWindow::onStateChanged(AppContext::State state)
{
    m_pageList->setEnabled(m_welcomed || state == AppContext::State::Open);
    updateMenu();
    if (!m_welcomed)
        return;
    if (state == AppContext::State::Open)
        m_notices->clear(kDatabasePurpose);
    else if (state == AppContext::State::Lost || state == AppContext::State::Opening)
        m_notices->show(kDatabasePurpose, tr("The database went away. Connecting again…"), {});
    else if (state == AppContext::State::Failed)
        m_notices->show(kDatabasePurpose, m_context.lastError().toString(),
                        {{tr("Try again"), [this] { m_context.open(); }}});
}

void MainWindow::onFactsChanged()
{
    if (m_welcomed)
        return;
    m_welcomed = true;
    if (m_demoWanted) {
        startDemo();
    } else if (m_context.facts().targets() == 0 && !m_context.isBrowsing()) {
        m_startPage->offerFirstSteps();
    } else {
        showPageAt(m_pageList->currentRow());
    }
}

void MainWindow::startDemo()
{
    const auto session = m_context.session();
    if (!session)
        return;
    m_stack->setCurrentWidget(m_startPage); // shows its steps, also of one that runs
    if (m_context.jobs().isActive(kDemo))
        return;
    const auto interrupted = std::find_if(m_interrupted.begin(), m_interrupted.end(),
                                          [](const InterruptedJob& job) { return job.kind == kDemo; });
    if (interrupted != m_interrupted.end())
        startAgain(InterruptedJob(*interrupted));
    else
        m_context.jobs().start(demoJob(session, {}, m_context.trainObserver()));
}

/// Whoever is elsewhere by now stays there.
void MainWindow::onJobFinished(const JobStatus& job)
{
    if (job.kind != kDemo || job.state != JobState::Done)
        return;
    if (m_stack->currentWidget() == m_startPage)
        showPage(QStringLiteral("candidates"));
    else
        emit m_context.showMessage(tr("The demo is done: its ranked list is under Candidates."));
}

void MainWindow::offerInterrupted(const std::vector<InterruptedJob>& jobs)
{
    m_interrupted = jobs;
    for (const InterruptedJob& job : jobs) {
        m_notices->show(
            noticeOf(job), tr("%1 did not end last time.").arg(job.title),
            {{tr("Go on"), [this, job] { startAgain(job); }}, {tr("Leave it"), [this, job] { leave(job); }}});
        if (job.kind == kDemo)
            m_startPage->demoWasInterrupted();
    }
}

void MainWindow::leave(const InterruptedJob& job)
{
    m_context.ledger().forget(job.row);
    std::erase_if(m_interrupted, [&job](const InterruptedJob& offered) { return offered.row == job.row; });
}

/// A job that was offered is under way, from its notice or from its page: the offer is answered.
void MainWindow::onJobAdded(const JobStatus& job)
{
    for (const InterruptedJob& offered : std::as_const(m_interrupted)) {
        if (offered.kind != job.kind || offered.title != job.title)
            continue;
        m_notices->clear(noticeOf(offered));
        if (job.storedRow != offered.row)
            m_context.ledger().forget(offered.row);
    }
    std::erase_if(m_interrupted, [&job](const InterruptedJob& offered) {
        return offered.kind == job.kind && offered.title == job.title;
    });
}

void MainWindow::startAgain(const InterruptedJob& job)
{
    const auto session = m_context.session();
    if (!session)
        return;
    try {
        auto request = jobAgain(session, job.kind, job.configuration, m_context.trainObserver());
        if (!request) {
            m_context.ledger().forget(job.row);
            m_context.showMessage(
                tr("%1 cannot be started from its record; start it from its page.").arg(job.title));
            return;
        }
        request->storedRow = job.row;
        m_context.jobs().start(std::move(*request));
    } catch (...) {
        m_context.showMessage(errorTextOf(std::current_exception()).toString());
    }
}

void MainWindow::showGuide()
{
    if (!m_guide) {
        m_guide = new widgets::GuideViewer(QStringLiteral(":/guide"), this);
        m_guide->setWindowFlag(Qt::Window);
        m_guide->setWindowTitle(tr("Voorwerp guide"));
        m_guide->setObjectName(QStringLiteral("guide"));
        m_guide->resize(900, 680);
    }
    if (const Page* page = currentPage())
        m_guide->showPage(page->name() + QStringLiteral(".md"));
    m_guide->show();
    m_guide->raise();
    m_guide->activateWindow();
}

void MainWindow::showKeys()
{
    auto* sheet = new KeySheet(m_menu->groups(), this);
    sheet->show();
}

void MainWindow::showAbout()
{
    auto* box =
        new QMessageBox(QMessageBox::NoIcon, tr("About Voorwerp"),
                        tr("<h3>Voorwerp %1</h3><p>A workbench for anomalous quasars in DESI spectra.</p>"
                           "<p>Free software under the GNU General Public License, version 3 or later.</p>")
                            .arg(QCoreApplication::applicationVersion()),
                        QMessageBox::Close, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setModal(false);
    box->show();
}

void MainWindow::openAnotherWorkspace()
{
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Open a workspace in this folder"));
    if (folder.isEmpty())
        return;
    startWindow({QStringLiteral("--workspace"), folder});
}

void MainWindow::openDesiDatabase()
{
    auto* dialog = new DesiDatabaseDialog(m_context, this);
    connect(dialog, &DesiDatabaseDialog::chosen, this, &MainWindow::startWindow);
    dialog->open();
}

void MainWindow::startWindow(const QStringList& arguments)
{
    if (!QProcess::startDetached(QCoreApplication::applicationFilePath(), arguments))
        m_context.showMessage(tr("A second window could not be started."));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    const bool mayImport = m_context.permissions().may(catalog::Right::Ingest);
    if (m_context.session() && mayImport && !Importer::pathsOf(event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    m_importer->importPaths(Importer::pathsOf(event->mimeData()));
    event->acceptProposedAction();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    m_memory->save();
    if (m_guard->mayClose())
        event->accept();
    else
        event->ignore();
}

void MainWindow::endSession()
{
    m_memory->save();
    m_guard->closeWithoutQuestion();
}

} // namespace voorwerp::app

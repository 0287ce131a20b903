// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_menu.h"

#include "app/right_gate.h"
#include "app/spectrum_actions.h"

#include <QAction>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>

namespace voorwerp::app {

MainMenu::MainMenu(AppContext& context, QMainWindow* window, const QList<Page*>& pages)
    : QObject(window)
    , m_window(window)
{
    const std::pair<Menu, QString> titles[] = {{Menu::File, tr("&File")},   {Menu::Edit, tr("&Edit")},
                                               {Menu::View, tr("&View")},   {Menu::Survey, tr("&Survey")},
                                               {Menu::Model, tr("&Model")}, {Menu::Jobs, tr("&Jobs")}};
    for (const auto& [which, title] : titles) {
        m_menus[which] = window->menuBar()->addMenu(title);
        m_menus[which]->setToolTipsVisible(true);
    }
    m_help = window->menuBar()->addMenu(tr("&Help"));
    addFileActions(context);
    addViewActions(pages);
    addPageActions(pages);
    addJobActions();
    addHelpMenu();
    setCan({});
}

QAction* MainMenu::add(QMenu* menu, const QString& text, const QKeySequence& shortcut, const QString& toolTip)
{
    QAction* action = menu->addAction(text);
    action->setShortcut(shortcut);
    action->setToolTip(toolTipWithShortcut(text, shortcut, toolTip));
    action->setStatusTip(toolTip);
    return action;
}

void MainMenu::setCan(const Can& can)
{
    for (QAction* action : std::as_const(m_needWorkspace))
        RightGate::of(action)->setPossible(can.useWorkspace);
    for (QAction* action : std::as_const(m_needList))
        action->setEnabled(can.moveCurrent);
    m_stopJobs->setEnabled(can.stopJobs);
    m_otherJobs->setEnabled(can.showOtherJobs);
}

void MainMenu::addFileActions(AppContext& context)
{
    QMenu* file = menu(Menu::File);
    QAction* files = add(file, tr("Import DESI files…"), QKeySequence::Open,
                         tr("Coadd and redrock files (.fits, .fits.gz)"));
    QAction* folder = add(file, tr("Import a folder…"), Qt::CTRL | Qt::SHIFT | Qt::Key_O,
                          tr("All DESI files below a folder"));
    QAction* demo = add(file, tr("Start the demo"), {}, tr("A synthetic survey becomes a ranked list"));
    connect(files, &QAction::triggered, this, &MainMenu::importFiles);
    connect(folder, &QAction::triggered, this, &MainMenu::importFolder);
    connect(demo, &QAction::triggered, this, &MainMenu::startDemo);
    m_needWorkspace = {files, folder, demo};
    for (QAction* action : std::as_const(m_needWorkspace))
        new RightGate(context, action, catalog::Right::Ingest, m_window);
    file->addSeparator();
    connect(add(file, tr("Open another workspace…"), {}, tr("In a new window")), &QAction::triggered, this,
            &MainMenu::openWorkspace);
    connect(add(file, tr("Open a DESI database…"), {},
                tr("Browse a production on a specprod-db server, read-only, in a new window")),
            &QAction::triggered, this, &MainMenu::openDesiDatabase);
    connect(add(menu(Menu::Edit), tr("Find action…"), Qt::CTRL | Qt::Key_K,
                tr("Type a part of what you want to do")),
            &QAction::triggered, this, &MainMenu::findAction);
}

void MainMenu::addViewActions(const QList<Page*>& pages)
{
    QMenu* view = menu(Menu::View);
    for (int i = 0; i < pages.size(); ++i) {
        const QKeySequence keys(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + i));
        QAction* action = add(view, pages[i]->title(), keys, tr("Show this page"));
        action->setIcon(pages[i]->icon());
        action->setIconVisibleInMenu(true);
        connect(action, &QAction::triggered, this, [this, i] { emit showPage(i); });
    }
    view->addSeparator();
    QAction* next = add(view, tr("Next spectrum"), Qt::Key_N, tr("In the list of the page in front"));
    QAction* previous = add(view, tr("Previous spectrum"), Qt::Key_B, tr("In the list of the page in front"));
    connect(next, &QAction::triggered, this, [this] { emit moveCurrent(+1); });
    connect(previous, &QAction::triggered, this, [this] { emit moveCurrent(-1); });
    m_needList = {next, previous};
    QMenu* spectrum = view->addMenu(tr("Spectrum"));
    spectrum->setToolTipsVisible(true);
    spectrum->addActions((new SpectrumActions(pages, this))->actions());
}

void MainMenu::addJobActions()
{
    m_otherJobs = add(menu(Menu::Jobs), tr("Show the other jobs"), Qt::CTRL | Qt::Key_J,
                      tr("Unfolds the jobs for which the strip has no room"));
    m_stopJobs = add(menu(Menu::Jobs), tr("Stop all jobs"), Qt::CTRL | Qt::SHIFT | Qt::Key_Period,
                     tr("Each stops where it can go on later"));
    connect(m_otherJobs, &QAction::triggered, this, &MainMenu::showOtherJobs);
    connect(m_stopJobs, &QAction::triggered, this, &MainMenu::stopAllJobs);
}

void MainMenu::addPageActions(const QList<Page*>& pages)
{
    QMap<Menu, bool> needsSeparator;
    for (auto it = m_menus.cbegin(); it != m_menus.cend(); ++it)
        needsSeparator[it.key()] = !it.value()->isEmpty();
    for (const Page* page : pages) {
        for (const Page::MenuAction& entry : page->actions()) {
            if (std::exchange(needsSeparator[entry.menu], false))
                menu(entry.menu)->addSeparator();
            menu(entry.menu)->addAction(entry.action);
        }
        for (const Page::MenuAction& entry : page->actions())
            needsSeparator[entry.menu] = true;
    }
    menu(Menu::File)->addSeparator();
    connect(add(menu(Menu::File), tr("Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q),
                tr("Jobs are stopped after a question")),
            &QAction::triggered, m_window, &QWidget::close);
}

void MainMenu::addHelpMenu()
{
    connect(add(m_help, tr("Guide"), QKeySequence::HelpContents, tr("How to work with Voorwerp")),
            &QAction::triggered, this, &MainMenu::showGuide);
    connect(add(m_help, tr("Keys"), QKeySequence(Qt::Key_Question), tr("Every action that has a key")),
            &QAction::triggered, this, &MainMenu::showKeys);
    connect(
        add(m_help, tr("Check the device"), {},
            tr("The same training steps on the GPU (or all of the CPU) and on a plain CPU: do they agree?")),
        &QAction::triggered, this, &MainMenu::checkDevice);
    connect(add(m_help, tr("About Voorwerp"), {}, tr("Version and licence")), &QAction::triggered, this,
            &MainMenu::showAbout);
}

QList<KeySheet::Group> MainMenu::groups() const
{
    QList<KeySheet::Group> groups;
    const QList<QAction*> menus = m_window->menuBar()->actions();
    for (const QAction* top : menus) {
        KeySheet::Group group{top->text().remove(QLatin1Char('&')), {}};
        QList<KeySheet::Group> inner;
        const QList<QAction*> actions = top->menu()->actions();
        for (QAction* action : actions)
            if (action->menu())
                inner.append({action->text(), action->menu()->actions()});
            else if (!action->isSeparator())
                group.actions.append(action);
        groups.append(group);
        groups.append(inner);
    }
    return groups;
}

} // namespace voorwerp::app

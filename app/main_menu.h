// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The menu bar: the actions of the window itself and those of the pages, each with name, shortcut and
// tooltip.

#include "app/key_sheet.h"
#include "app/page.h"

#include <QMap>
#include <QObject>

class QMainWindow;
class QMenu;

namespace voorwerp::app {

class MainMenu : public QObject
{
    Q_OBJECT

public:
    MainMenu(AppContext& context, QMainWindow* window, const QList<Page*>& pages);

    /// What the window's own actions can do now; those that cannot are greyed.
    struct Can
    {
        bool useWorkspace = false;  ///< it is open: import, demo
        bool stopJobs = false;      ///< a job waits or runs
        bool showOtherJobs = false; ///< there are jobs besides the one in the strip
        bool moveCurrent = false;   ///< the page in front has a list
    };
    void setCan(const Can& can);

    /// Every action that can be run, menu by menu, for the palette and the key sheet.
    QList<KeySheet::Group> groups() const;

signals:
    void importFiles();
    void importFolder();
    void startDemo();
    void openWorkspace();
    void openDesiDatabase();
    void findAction();
    void showPage(int index);
    void moveCurrent(int step);
    void stopAllJobs();
    void showOtherJobs();
    void showGuide();
    void showKeys();
    void checkDevice();
    void showAbout();

private:
    QMenu* menu(Menu which) const { return m_menus.value(which); }
    QAction* add(QMenu* menu, const QString& text, const QKeySequence& shortcut, const QString& toolTip);
    void addFileActions(AppContext& context);
    void addViewActions(const QList<Page*>& pages);
    void addPageActions(const QList<Page*>& pages);
    void addJobActions();
    void addHelpMenu();

    QMainWindow* m_window;
    QMap<Menu, QMenu*> m_menus;
    QMenu* m_help = nullptr;
    QList<QAction*> m_needWorkspace;
    QList<QAction*> m_needList;
    QAction* m_stopJobs = nullptr;
    QAction* m_otherJobs = nullptr;
};

} // namespace voorwerp::app

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Base of the pages of the main window. A page shows one task, remembers its layout, and offers its actions
// to the menus and the command palette. GUI thread only; nothing in a page waits.

#include "catalog/roles.h"

#include <QIcon>
#include <QList>
#include <QSettings>
#include <QWidget>

class QAction;

namespace voorwerp::app {

class AppContext;

/// The menu of the main window in which an action stands.
enum class Menu { File, Edit, View, Survey, Model, Jobs };

class Page : public QWidget
{
    Q_OBJECT

public:
    struct MenuAction
    {
        Menu menu = Menu::View;
        QAction* action = nullptr;
    };

    /// name: stable, lower case ("survey"): the settings group and the value of --page.
    Page(AppContext& context, const QString& name, const QString& title, const QIcon& icon,
         QWidget* parent = nullptr);

    const QString& name() const { return m_name; }
    const QString& title() const { return m_title; }
    const QIcon& icon() const { return m_icon; }
    const QList<MenuAction>& actions() const { return m_actions; }

    /// The page comes to the front: load what is stale, put the focus where work starts.
    virtual void activate() {}
    /// Moves the current object in the list of this page: +1 next, -1 previous.
    virtual void moveCurrent(int step) { Q_UNUSED(step) }
    /// Everything that the page shows is loaded and drawn (for pictures and tests).
    virtual bool isSettled() const { return true; }
    /// Splitters, columns, choices; the window calls them inside the settings group of the page.
    virtual void saveState(QSettings& settings) const { Q_UNUSED(settings) }
    virtual void restoreState(QSettings& settings) { Q_UNUSED(settings) }

signals:
    /// The page wants the whole window (review mode), or gives it back.
    void fullPageWanted(bool full);
    /// One of its actions was chosen, perhaps in a menu while another page is in front.
    void frontWanted();

protected:
    AppContext& context() const { return m_context; }
    /// Makes an action with name, shortcut and a tooltip that says both; it works while the page is in front.
    QAction* addPageAction(Menu menu, const QString& text, const QKeySequence& shortcut,
                           const QString& toolTip);
    /// Only logins with this right may do it: for the others it is greyed and says why.
    void guard(QAction* action, catalog::Right right);
    /// Greys an action while the page has nothing to do it to; a guarded one also stays grey without its
    /// right.
    static void enable(QAction* action, bool possible);

private:
    AppContext& m_context;
    QString m_name;
    QString m_title;
    QIcon m_icon;
    QList<MenuAction> m_actions;
};

/// "Import files… (Ctrl+O)\nWhat it does."
QString toolTipWithShortcut(const QString& text, const QKeySequence& shortcut, const QString& toolTip);

} // namespace voorwerp::app

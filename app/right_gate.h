// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the connected login may not do is greyed, not hidden, and says why: in the tooltip, in the status
// line, and when its key is pressed. GUI thread only.

#include "catalog/roles.h"

#include <QObject>
#include <QString>

class QAbstractButton;
class QAction;
class QShortcut;
class QWidget;

namespace voorwerp::app {

class AppContext;

/// Guards one action; lives as long as it does.
class RightGate : public QObject
{
    Q_OBJECT

public:
    /// place: the page or window in which the action's key works.
    RightGate(AppContext& context, QAction* action, catalog::Right right, QWidget* place);
    /// Of a guarded action, else null.
    static RightGate* of(const QAction* action);
    /// What the page knows: there is something to do it to. Enabled is what is possible and allowed.
    void setPossible(bool possible);

private:
    void refresh();

    AppContext& m_context;
    QAction* m_action;
    catalog::Right m_right;
    QShortcut* m_key; ///< stands in for the action's own while that is not allowed
    QString m_toolTip, m_statusTip;
    bool m_possible;
};

/// Why the login may not do it, in one sentence or two; empty where it may.
QString whyNot(const AppContext& context, catalog::Right right);
/// For a widget without an action.
void enableWithRight(const AppContext& context, QWidget* widget, catalog::Right right, bool possible = true);
/// The button does what the action does, is greyed with it and says the same.
void bindButton(QAbstractButton* button, QAction* action);

} // namespace voorwerp::app

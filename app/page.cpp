// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/page.h"

#include "app/right_gate.h"

#include <QAction>

namespace voorwerp::app {

Page::Page(AppContext& context, const QString& name, const QString& title, const QIcon& icon, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_name(name)
    , m_title(title)
    , m_icon(icon)
{
    setObjectName(name + QStringLiteral("Page"));
}

QAction* Page::addPageAction(Menu menu, const QString& text, const QKeySequence& shortcut,
                             const QString& toolTip)
{
    auto* action = new QAction(text, this);
    action->setShortcut(shortcut);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    action->setToolTip(toolTipWithShortcut(text, shortcut, toolTip));
    action->setStatusTip(toolTip);
    connect(action, &QAction::triggered, this, &Page::frontWanted); // before what the action does
    addAction(action);
    m_actions.append({menu, action});
    return action;
}

void Page::guard(QAction* action, catalog::Right right)
{
    new RightGate(m_context, action, right, this);
}

void Page::enable(QAction* action, bool possible)
{
    if (RightGate* gate = RightGate::of(action))
        gate->setPossible(possible);
    else
        action->setEnabled(possible);
}

QString toolTipWithShortcut(const QString& text, const QKeySequence& shortcut, const QString& toolTip)
{
    QString name = text;
    name.remove(QLatin1Char('&'));
    if (!shortcut.isEmpty())
        name += QStringLiteral(" (%1)").arg(shortcut.toString(QKeySequence::NativeText));
    return toolTip.isEmpty() ? name : name + QLatin1Char('\n') + toolTip;
}

} // namespace voorwerp::app

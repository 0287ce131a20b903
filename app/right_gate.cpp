// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/right_gate.h"

#include "app/app_context.h"

#include <QAbstractButton>
#include <QAction>
#include <QShortcut>
#include <QVariant>

namespace voorwerp::app {

namespace {

constexpr const char* kOwnToolTip = "ownToolTip";

/// The first line of a tooltip names the thing and its key.
QString withReason(const QString& toolTip, const QString& reason)
{
    const QString name = toolTip.section(QLatin1Char('\n'), 0, 0);
    return name.isEmpty() ? reason : name + QLatin1Char('\n') + reason;
}

} // namespace

RightGate::RightGate(AppContext& context, QAction* action, catalog::Right right, QWidget* place)
    : QObject(action)
    , m_context(context)
    , m_action(action)
    , m_right(right)
    , m_key(new QShortcut(action->shortcut(), place))
    , m_toolTip(action->toolTip())
    , m_statusTip(action->statusTip())
    , m_possible(action->isEnabled())
{
    m_key->setContext(action->shortcutContext());
    connect(m_key, &QShortcut::activated, this,
            [this] { emit m_context.showMessage(whyNot(m_context, m_right)); });
    connect(&context, &AppContext::stateChanged, this, &RightGate::refresh);
    refresh();
}

RightGate* RightGate::of(const QAction* action)
{
    return action->findChild<RightGate*>(QString(), Qt::FindDirectChildrenOnly);
}

void RightGate::setPossible(bool possible)
{
    m_possible = possible;
    refresh();
}

void RightGate::refresh()
{
    const QString reason = whyNot(m_context, m_right);
    const bool allowed = reason.isEmpty();
    m_action->setEnabled(m_possible && allowed);
    m_action->setToolTip(allowed ? m_toolTip : withReason(m_toolTip, reason));
    m_action->setStatusTip(allowed ? m_statusTip : reason);
    m_key->setEnabled(!allowed && !m_key->key().isEmpty());
}

QString whyNot(const AppContext& context, catalog::Right right)
{
    return QString::fromStdString(context.permissions().whyNot(right).sentence());
}

void enableWithRight(const AppContext& context, QWidget* widget, catalog::Right right, bool possible)
{
    const QString reason = whyNot(context, right);
    const QVariant own = widget->property(kOwnToolTip);
    widget->setEnabled(possible && reason.isEmpty());
    if (!reason.isEmpty()) {
        widget->setProperty(kOwnToolTip, own.isValid() ? own.toString() : widget->toolTip());
        widget->setToolTip(reason);
    } else if (own.isValid()) {
        widget->setToolTip(own.toString());
        widget->setProperty(kOwnToolTip, QVariant());
    }
}

void bindButton(QAbstractButton* button, QAction* action)
{
    const auto follow = [button, action] {
        button->setEnabled(action->isEnabled());
        button->setToolTip(action->toolTip());
    };
    QObject::connect(button, &QAbstractButton::clicked, action, &QAction::trigger);
    QObject::connect(action, &QAction::changed, button, follow);
    follow();
}

} // namespace voorwerp::app

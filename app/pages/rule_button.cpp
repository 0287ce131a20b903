// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/rule_button.h"

#include "app/filter_parts.h"
#include "app/selection.h"
#include "catalog/quasar_rule.h"

#include <QAction>
#include <QActionGroup>
#include <QMenu>

namespace voorwerp::app {

RuleButton::RuleButton(Selection& selection, QWidget* parent)
    : QToolButton(parent)
    , m_selection(selection)
    , m_rules(new QActionGroup(this))
{
    setObjectName(QStringLiteral("ruleButton"));
    setAccessibleName(tr("Quasar rule"));
    setPopupMode(QToolButton::InstantPopup);
    setToolButtonStyle(Qt::ToolButtonTextOnly);
    auto* menu = new QMenu(this);
    menu->setToolTipsVisible(true);
    const auto add = [&](const QString& text, const QString& id, const QString& toolTip) {
        QAction* action = menu->addAction(text);
        action->setCheckable(true);
        action->setData(id);
        action->setToolTip(toolTip);
        m_rules->addAction(action);
    };
    add(tr("No rule"), {}, tr("All spectra, quasars or not"));
    for (const catalog::QuasarRule& rule : catalog::quasarRules())
        add(QStringLiteral("%1  (%2)")
                .arg(QString::fromStdString(rule.title), QString::fromStdString(rule.id)),
            QString::fromStdString(rule.id), QString::fromStdString(rule.source));
    setMenu(menu);
    connect(m_rules, &QActionGroup::triggered, this, [this](const QAction* action) {
        m_selection.setFilter(withRule(m_selection.filter(), action->data().toString()));
    });
    connect(&selection, &Selection::filterChanged, this, &RuleButton::refresh);
    refresh();
}

void RuleButton::refresh()
{
    const QString id = ruleOf(m_selection.filter());
    for (QAction* action : m_rules->actions())
        action->setChecked(action->data().toString() == id);
    setText(id.isEmpty() ? tr("Rule") : id);
    setToolTip(id.isEmpty() ? tr("Show only quasars with a good redshift, by a published rule")
                            : tr("The filter has the quasar rule %1").arg(id));
}

} // namespace voorwerp::app

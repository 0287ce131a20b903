// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/spectrum_actions.h"

#include "app/page.h"
#include "app/spectrum_panel.h"
#include "widgets/spectrum_commands.h"
#include "widgets/spectrum_plot.h"

#include <QAction>
#include <QEvent>

#include <algorithm>

namespace voorwerp::app {

SpectrumActions::SpectrumActions(const QList<Page*>& pages, QObject* parent)
    : QObject(parent)
{
    for (const widgets::SpectrumCommandText& text : widgets::spectrumCommands()) {
        auto* action = new QAction(text.name, this);
        action->setShortcut(text.key);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        action->setToolTip(toolTipWithShortcut(text.name, text.key, text.explanation));
        action->setStatusTip(text.explanation);
        action->setEnabled(false);
        connect(action, &QAction::triggered, this, [this, command = text.command] {
            if (SpectrumPanel* panel = panelInFront())
                panel->plot()->run(command);
        });
        m_actions.append(action);
        for (Page* page : pages)
            for (SpectrumPanel* panel : page->findChildren<SpectrumPanel*>())
                (text.needsFocus ? static_cast<QWidget*>(panel->plot()) : page)->addAction(action);
    }
    for (const Page* page : pages)
        m_panels.append(page->findChildren<SpectrumPanel*>());
    for (SpectrumPanel* panel : std::as_const(m_panels))
        panel->installEventFilter(this);
}

SpectrumPanel* SpectrumActions::panelInFront() const
{
    const auto found = std::find_if(m_panels.begin(), m_panels.end(),
                                    [](const SpectrumPanel* panel) { return panel->isVisible(); });
    return found == m_panels.end() ? nullptr : *found;
}

bool SpectrumActions::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Show || event->type() == QEvent::Hide)
        for (QAction* action : std::as_const(m_actions))
            action->setEnabled(panelInFront() != nullptr);
    return QObject::eventFilter(watched, event);
}

} // namespace voorwerp::app

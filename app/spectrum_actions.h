// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The commands of the spectrum panels as actions: one set for the menu, the palette and the key sheet, which
// acts on the panel in front. The letters work all over a page that has a panel, except in text fields; the
// arrow keys only while the plot has the focus. GUI thread only.

#include <QList>
#include <QObject>

class QAction;

namespace voorwerp::app {

class Page;
class SpectrumPanel;

class SpectrumActions : public QObject
{
    Q_OBJECT

public:
    SpectrumActions(const QList<Page*>& pages, QObject* parent);
    const QList<QAction*>& actions() const { return m_actions; }

    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    SpectrumPanel* panelInFront() const;

    QList<SpectrumPanel*> m_panels;
    QList<QAction*> m_actions;
};

} // namespace voorwerp::app

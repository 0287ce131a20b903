// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Ctrl+K: find any action of the window by a few letters of its name and run it.

#include <QFrame>
#include <QList>
#include <QPointer>

#include <vector>

class QAction;
class QLineEdit;
class QListWidget;

namespace voorwerp::widgets {

/// How well the letters of query appear in order in text, case ignored: < 0 no match; higher is better
/// (starts of words and runs count more).
int fuzzyScore(const QString& query, const QString& text);

class CommandPalette : public QFrame
{
    Q_OBJECT
public:
    /// Shown over its parent window. Takes part in nothing until open() is called.
    explicit CommandPalette(QWidget* window);

    /// Lists these actions (disabled ones greyed, invisible ones left out; submenus by their items) and takes
    /// the focus.
    void open(const QList<QAction*>& actions);
    /// All actions of a window's menu bar, submenus included, in menu order.
    static QList<QAction*> actionsOf(const QWidget* menuBar);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

private:
    void refresh();
    void runCurrent();
    void place();

    std::vector<QPointer<QAction>> m_actions;
    QPointer<QWidget> m_previousFocus;
    QLineEdit* m_edit;
    QListWidget* m_list;
};

} // namespace voorwerp::widgets

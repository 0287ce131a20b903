// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One line above a list that says what limits it and what is picked, each as a chip that takes it away, and
// whether the current object is in the list. Takes no room while there is nothing to say. GUI thread only.

#include <QWidget>

class QLabel;
class QToolButton;

namespace voorwerp::app {

class Selection;

class SelectionChips : public QWidget
{
    Q_OBJECT

public:
    /// withFilter: one chip for the whole filter. Else: one for each range that a plot put into it.
    SelectionChips(Selection& selection, bool withFilter, QWidget* parent = nullptr);

    /// Beside the chips; empty: nothing. A link in it is told by linkActivated().
    void setNote(const QString& html);
    QString note() const;

signals:
    void linkActivated();

private:
    QToolButton* addChip(const char* name, const QString& toolTip);
    void refresh();

    Selection& m_selection;
    bool m_withFilter;
    QToolButton* m_filter;
    QToolButton* m_z;
    QToolButton* m_sky;
    QToolButton* m_picked;
    QLabel* m_note;
};

} // namespace voorwerp::app

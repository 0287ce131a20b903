// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Puts a quasar rule into the filter, or takes it out: a button with the rules as its menu. The filter stays
// one expression, with rule('id/version') as a part of it.

#include <QToolButton>

class QActionGroup;

namespace voorwerp::app {

class Selection;

class RuleButton : public QToolButton
{
    Q_OBJECT

public:
    explicit RuleButton(Selection& selection, QWidget* parent = nullptr);

private:
    void refresh();

    Selection& m_selection;
    QActionGroup* m_rules;
};

} // namespace voorwerp::app

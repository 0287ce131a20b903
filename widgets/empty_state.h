// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a page shows instead of nothing: what is missing, what to do next, and the button for it.

#include <QWidget>

class QAction;
class QLabel;
class QPushButton;

namespace voorwerp::widgets {

class EmptyState : public QWidget
{
    Q_OBJECT
public:
    /// buttonText empty: no button.
    explicit EmptyState(const QString& title, const QString& text, const QString& buttonText = {},
                        QWidget* parent = nullptr);
    void setTexts(const QString& title, const QString& text, const QString& buttonText);
    QPushButton* button() const { return m_button; }

Q_SIGNALS:
    void triggered();

private:
    QLabel* m_title;
    QLabel* m_text;
    QPushButton* m_button;
};

} // namespace voorwerp::widgets

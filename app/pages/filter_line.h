// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The line in which a filter is typed: columns are completed, and what is wrong is said below with its place.

#include <QWidget>

class QCompleter;
class QLabel;
class QLineEdit;
class QTimer;

namespace voorwerp::app {

class FilterLine : public QWidget
{
    Q_OBJECT

public:
    explicit FilterLine(QWidget* parent = nullptr);

    QString expression() const;
    /// Without emitting filterChanged().
    void setExpression(const QString& expression);
    /// Score columns may be used.
    void setModelAvailable(bool available);
    /// An error that only the server found.
    void showError(const QString& text);
    void takeFocus();
    QLineEdit* edit() const { return m_edit; }
    /// What is wrong with the text, as shown; empty: nothing.
    QString errorText() const;

signals:
    /// The person finished a valid expression (Enter, or a pause).
    void filterChanged(const QString& expression);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    bool check();
    void apply();
    void onEdited();
    void complete(const QString& column);
    QString wordAtCursor() const;
    void updateCompletions();

    QLineEdit* m_edit;
    QLabel* m_error;
    QCompleter* m_completer;
    QTimer* m_pause;
    QString m_applied;
    bool m_modelAvailable = false;
};

} // namespace voorwerp::app

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A line between the pages and the job strip for what needs an answer but must not interrupt: a server that
// went away, a job of last time, closing with jobs running. One notice at a time for each purpose.

#include <QFrame>
#include <QHash>
#include <QString>

#include <functional>
#include <vector>

class QVBoxLayout;

namespace voorwerp::app {

class NoticeBar : public QFrame
{
    Q_OBJECT

public:
    struct Choice
    {
        QString text;
        std::function<void()> chosen; ///< the notice goes away, then this runs
    };

    explicit NoticeBar(QWidget* parent = nullptr);

    /// Shows the notice of this purpose, replacing the one that stands. A click on a choice removes it.
    void show(const QString& purpose, const QString& text, const std::vector<Choice>& choices);
    void clear(const QString& purpose);
    bool isShown(const QString& purpose) const { return m_rows.contains(purpose); }

private:
    QVBoxLayout* m_layout;
    QHash<QString, QWidget*> m_rows;
};

} // namespace voorwerp::app

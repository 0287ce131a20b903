// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Closing the window while jobs run: asks in the notice bar, stops them, and closes when they have ended.

#include <QObject>

class QWidget;

namespace voorwerp::app {

class AppContext;
class NoticeBar;

class ClosingGuard : public QObject
{
    Q_OBJECT

public:
    ClosingGuard(AppContext& context, NoticeBar* notices, QWidget* window);

    /// True: close now. False: the person is asked, or jobs are ending and the window closes by itself then.
    bool mayClose();
    /// The session ends: jobs are stopped and the window closes when they have ended, without a question.
    void closeWithoutQuestion();

private:
    AppContext& m_context;
    NoticeBar* m_notices;
    QWidget* m_window;
    bool m_closing = false;
};

} // namespace voorwerp::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/closing_guard.h"

#include "app/app_context.h"
#include "app/jobs/job_ledger.h"
#include "app/notice_bar.h"

#include <QWidget>

namespace voorwerp::app {

namespace {
const QString kPurpose = QStringLiteral("closing");
}

ClosingGuard::ClosingGuard(AppContext& context, NoticeBar* notices, QWidget* window)
    : QObject(window)
    , m_context(context)
    , m_notices(notices)
    , m_window(window)
{
    connect(&context.jobs(), &JobRunner::becameIdle, this, [this] {
        m_notices->clear(kPurpose);
        if (m_closing)
            m_window->close();
    });
}

bool ClosingGuard::mayClose()
{
    if (m_context.jobs().isIdle())
        return true;
    if (m_closing)
        return false;
    int running = 0;
    for (const JobStatus& job : m_context.jobs().jobs())
        running += job.isOver() ? 0 : 1;
    m_notices->show(kPurpose,
                    tr("%n job(s) are running. They can go on at the next start from where they stop now.",
                       nullptr, running),
                    {{tr("Stop and close"), [this] { closeWithoutQuestion(); }}, {tr("Keep working"), {}}});
    return false;
}

void ClosingGuard::closeWithoutQuestion()
{
    m_closing = true;
    m_context.ledger().setClosing(true);
    if (m_context.jobs().isIdle()) {
        m_window->close();
        return;
    }
    m_notices->show(kPurpose, tr("Stopping jobs, then the window closes…"), {});
    m_context.jobs().stopAll();
}

} // namespace voorwerp::app

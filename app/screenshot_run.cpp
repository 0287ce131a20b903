// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/screenshot_run.h"

#include "app/app_context.h"
#include "app/main_window.h"
#include "app/workspace_facts.h"

#include <QCoreApplication>
#include <QDir>

#include <chrono>
#include <cstdio>

namespace voorwerp::app {

namespace {
constexpr std::chrono::milliseconds kPoll{50};
constexpr qint64 kSettleMilliseconds = 300; ///< after the last change, so that layouts and charts are done
constexpr qint64 kGiveUpMilliseconds = 600'000; ///< the demo may run before the first picture

bool anyJobFailed(const JobRunner& runner)
{
    bool failed = false;
    for (const JobStatus& job : runner.jobs()) {
        if (job.state != JobState::Failed)
            continue;
        std::fprintf(stderr, "%s: %s\n", qPrintable(job.title), qPrintable(job.error.toString()));
        failed = true;
    }
    return failed;
}

} // namespace

ScreenshotRun::ScreenshotRun(AppContext& context, MainWindow& window, const QString& folder)
    : m_context(context)
    , m_window(window)
    , m_folder(folder)
{
    if (folder.isEmpty())
        return;
    window.resize(1280, 800);
    m_sincePage.start();
    connect(&m_timer, &QTimer::timeout, this, &ScreenshotRun::step);
    m_timer.start(kPoll);
}

bool ScreenshotRun::isReady() const
{
    if (m_context.state() == AppContext::State::Failed)
        return true; // a picture of the error is what is wanted then
    if (m_context.state() != AppContext::State::Open || !m_context.facts().isSettled() ||
        !m_context.jobs().isIdle())
        return false;
    return m_page < 0 || (m_window.currentPage() && m_window.currentPage()->isSettled());
}

void ScreenshotRun::step()
{
    if (m_sincePage.elapsed() > kGiveUpMilliseconds) {
        std::fprintf(stderr, "the page was not loaded in time\n");
        finish(1);
        return;
    }
    if (!isReady() || m_sincePage.elapsed() < kSettleMilliseconds)
        return;
    const bool noPages = m_context.state() == AppContext::State::Failed || m_context.facts().targets() == 0;
    if (m_page < 0 && noPages && !savePicture(QStringLiteral("start")))
        return;
    if (m_page >= 0 && !savePicture(m_window.pages()[m_page]->name()))
        return;
    ++m_page;
    if (m_context.state() == AppContext::State::Failed || m_page >= m_window.pages().size()) {
        finish(anyJobFailed(m_context.jobs()) ? 1 : 0);
        return;
    }
    m_window.showPage(m_window.pages()[m_page]->name());
    m_sincePage.restart();
}

bool ScreenshotRun::savePicture(const QString& name)
{
    const QString path = QDir(m_folder).filePath(name + QStringLiteral(".png"));
    if (QDir().mkpath(m_folder) && m_window.grab().save(path))
        return true;
    std::fprintf(stderr, "cannot write %s\n", qPrintable(path));
    finish(1);
    return false;
}

void ScreenshotRun::finish(int exitCode)
{
    m_timer.stop();
    QCoreApplication::exit(exitCode);
}

} // namespace voorwerp::app

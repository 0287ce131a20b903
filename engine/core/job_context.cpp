// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/job_context.h"

#include <utility>

namespace voorwerp::core {

namespace {
constexpr auto kReportInterval = std::chrono::milliseconds(100);
constexpr double kSecondsBeforeEstimate = 0.5;
} // namespace

JobContext::JobContext(std::stop_token stop, ProgressSink progress, LogSink log)
    : m_stop(std::move(stop))
    , m_progressSink(std::move(progress))
    , m_logSink(std::move(log))
{
}

void JobContext::throwIfStopped() const
{
    if (stopRequested())
        throw Cancelled();
}

void JobContext::beginPhase(std::string phase, std::string unit, double total)
{
    m_progress = Progress{std::move(phase), std::move(unit), 0.0, total, 0.0, -1.0, {}};
    m_phaseStart = Clock::now();
    m_lastReport = m_phaseStart;
    if (m_progressSink)
        m_progressSink(m_progress);
}

void JobContext::advanceTo(double done, std::string detail)
{
    m_progress.done = done;
    if (!detail.empty())
        m_progress.detail = std::move(detail);
    const auto now = Clock::now();
    const bool last = m_progress.total > 0.0 && done >= m_progress.total;
    if (!m_progressSink || (!last && now - m_lastReport < kReportInterval))
        return;
    m_lastReport = now;
    const double seconds = std::chrono::duration<double>(now - m_phaseStart).count();
    if (seconds > 0.0)
        m_progress.ratePerSecond = done / seconds;
    m_progress.secondsLeft = -1.0;
    if (m_progress.total > 0.0 && m_progress.ratePerSecond > 0.0 && seconds > kSecondsBeforeEstimate)
        m_progress.secondsLeft = (m_progress.total - done) / m_progress.ratePerSecond;
    m_progressSink(m_progress);
}

void JobContext::log(std::string_view line) const
{
    if (m_logSink)
        m_logSink(line);
}

} // namespace voorwerp::core

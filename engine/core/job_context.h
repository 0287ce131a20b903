// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How a long job talks to whoever started it: stop requests in, progress and log lines out.
// A job is a plain function that takes its inputs by value and a JobContext&; threads that it starts end with
// it.
// Thread rule: a JobContext is used by one thread at a time, except stopRequested(), which any thread may
// call.

#include "core/error.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace voorwerp::core {

/// A moment of a running job.
struct Progress
{
    std::string phase; ///< what is being done, "Reading spectra"
    std::string unit;  ///< what is counted, "spectra"; empty: nothing to show as a rate
    double done = 0.0;
    double total = 0.0;         ///< 0 = unknown
    double ratePerSecond = 0.0; ///< units per second in this phase
    double secondsLeft = -1.0;  ///< for this phase; < 0 = not known yet
    std::string detail;         ///< e.g. "epoch 12/40, validation loss 0.51"
};

class JobContext
{
public:
    using ProgressSink = std::function<void(const Progress&)>;
    using LogSink = std::function<void(std::string_view)>;

    /// A context nobody listens to and nobody stops: for tests and one-shot calls.
    JobContext() = default;
    JobContext(std::stop_token stop, ProgressSink progress, LogSink log);

    bool stopRequested() const noexcept { return m_stop.stop_requested(); }
    /// Throws Cancelled when a stop was requested. Call at least once per 200 ms of work.
    void throwIfStopped() const;
    std::stop_token stopToken() const noexcept { return m_stop; }

    /// Starts a phase: resets the clock of rate and time left.
    void beginPhase(std::string phase, std::string unit, double total);
    /// Reports that done of the phase's total are finished. Throttled to ten a second; the last one always
    /// goes out.
    void advanceTo(double done, std::string detail = {});
    void log(std::string_view line) const;

private:
    using Clock = std::chrono::steady_clock;
    std::stop_token m_stop;
    ProgressSink m_progressSink;
    LogSink m_logSink;
    Progress m_progress;
    Clock::time_point m_phaseStart = Clock::now();
    Clock::time_point m_lastReport{};
};

} // namespace voorwerp::core

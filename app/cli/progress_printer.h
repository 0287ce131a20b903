// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Progress on standard error: one bar that is drawn over itself on a terminal, a plain line now and then
// elsewhere (a log file of a batch job).

#include "core/job_context.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace voorwerp::cli {

/// "3 s", "2:05", "1:02:05".
std::string durationText(double seconds);
/// "Reading spectra: 640 of 1500 spectra (43 %), 1234/s, 12 s left".
std::string progressText(const core::Progress& progress);
/// The same with a bar, at most width columns.
std::string progressBar(const core::Progress& progress, int width);

/// One thread at a time.
class ProgressPrinter
{
public:
    /// terminal: draw a bar; else plain lines.
    ProgressPrinter(std::FILE* stream, bool terminal);
    ~ProgressPrinter();
    ProgressPrinter(const ProgressPrinter&) = delete;
    ProgressPrinter& operator=(const ProgressPrinter&) = delete;

    void update(const core::Progress& progress);
    /// A line of its own, above the bar.
    void line(std::string_view text);
    /// Takes the bar away, so that something else can be written.
    void clear();

private:
    void updateLines(const core::Progress& progress);

    using Clock = std::chrono::steady_clock;
    std::FILE* m_stream;
    bool m_terminal;
    bool m_barShown = false;
    std::string m_phase;
    bool m_phaseEnded = false;
    Clock::time_point m_lastLine{};
};

} // namespace voorwerp::cli

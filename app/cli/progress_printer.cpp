// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress_printer.h"

#include <algorithm>
#include <cmath>
#include <sys/ioctl.h>

namespace voorwerp::cli {

namespace {

constexpr std::chrono::seconds kLineInterval{5};
constexpr int kBarCells = 24;

int widthOf(std::FILE* stream)
{
    winsize size{};
    return ::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

std::string wholeNumber(double value)
{
    return std::to_string(std::llround(value));
}

std::string rateText(double perSecond)
{
    char text[32];
    std::snprintf(text, sizeof text, perSecond < 10.0 ? "%.1f/s" : "%.0f/s", perSecond);
    return text;
}

double shareOf(const core::Progress& progress)
{
    return progress.total > 0.0 ? std::clamp(progress.done / progress.total, 0.0, 1.0) : 0.0;
}

/// What follows the percentage: rate, time left, detail.
std::string tailText(const core::Progress& progress)
{
    std::string text;
    if (!progress.unit.empty() && progress.ratePerSecond > 0.0)
        text += ", " + rateText(progress.ratePerSecond);
    if (progress.secondsLeft >= 0.5)
        text += ", " + durationText(progress.secondsLeft) + " left";
    if (!progress.detail.empty())
        text += ", " + progress.detail;
    return text;
}

} // namespace

std::string durationText(double seconds)
{
    const long whole = std::lround(std::max(0.0, seconds));
    char text[48];
    if (whole < 60)
        std::snprintf(text, sizeof text, "%ld s", whole);
    else if (whole < 3600)
        std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
    else
        std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    return text;
}

std::string progressText(const core::Progress& progress)
{
    std::string text;
    const std::string unit = progress.unit.empty() ? "" : " " + progress.unit;
    if (progress.total > 0.0) {
        if (!unit.empty())
            text += " " + wholeNumber(progress.done) + " of " + wholeNumber(progress.total) + unit;
        text += (unit.empty() ? " " : " (") + wholeNumber(100.0 * shareOf(progress)) + " %" +
                (unit.empty() ? "" : ")");
    } else if (!unit.empty()) {
        text += " " + wholeNumber(progress.done) + unit;
    }
    text += tailText(progress);
    if (text.starts_with(","))
        text.erase(0, 1);
    return progress.phase + (text.empty() ? "" : ":" + text);
}

std::string progressBar(const core::Progress& progress, int width)
{
    std::string text = progress.phase + " ";
    if (progress.total > 0.0) {
        const int filled = static_cast<int>(std::lround(shareOf(progress) * kBarCells));
        text += "[" + std::string(static_cast<std::size_t>(filled), '#') +
                std::string(static_cast<std::size_t>(kBarCells - filled), '.') + "] " +
                wholeNumber(100.0 * shareOf(progress)) + " %";
    } else if (!progress.unit.empty()) {
        text += wholeNumber(progress.done) + " " + progress.unit;
    }
    text += tailText(progress);
    return text.substr(0, static_cast<std::size_t>(std::max(1, width - 1)));
}

ProgressPrinter::ProgressPrinter(std::FILE* stream, bool terminal)
    : m_stream(stream)
    , m_terminal(terminal)
{
}

ProgressPrinter::~ProgressPrinter()
{
    clear();
}

void ProgressPrinter::update(const core::Progress& progress)
{
    if (!m_terminal)
        return updateLines(progress);
    std::fprintf(m_stream, "\r\033[K%s", progressBar(progress, widthOf(m_stream)).c_str());
    std::fflush(m_stream);
    m_barShown = true;
}

void ProgressPrinter::updateLines(const core::Progress& progress)
{
    const Clock::time_point now = Clock::now();
    const bool newPhase = progress.phase != m_phase;
    const bool ends = progress.total > 0.0 && progress.done >= progress.total;
    if (newPhase) {
        m_phase = progress.phase;
        m_phaseEnded = false;
    }
    if (m_phaseEnded || (!newPhase && !ends && now - m_lastLine < kLineInterval))
        return;
    m_phaseEnded = ends;
    m_lastLine = now;
    std::fprintf(m_stream, "%s\n", progressText(progress).c_str());
}

void ProgressPrinter::line(std::string_view text)
{
    clear();
    std::fprintf(m_stream, "%.*s\n", static_cast<int>(text.size()), text.data());
}

void ProgressPrinter::clear()
{
    if (!m_barShown)
        return;
    std::fputs("\r\033[K", m_stream);
    std::fflush(m_stream);
    m_barShown = false;
}

} // namespace voorwerp::cli

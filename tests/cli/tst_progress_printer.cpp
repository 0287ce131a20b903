// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress_printer.h"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace voorwerp;
using namespace voorwerp::cli;

namespace {

core::Progress halfWay()
{
    core::Progress progress;
    progress.phase = "Reading spectra";
    progress.unit = "spectra";
    progress.done = 640;
    progress.total = 1280;
    progress.ratePerSecond = 320.0;
    progress.secondsLeft = 2.0;
    return progress;
}

/// What a printer writes to a stream that it takes for a terminal, or not.
template <typename Use> std::string written(bool terminal, const Use& use)
{
    char* buffer = nullptr;
    std::size_t size = 0;
    std::FILE* stream = ::open_memstream(&buffer, &size);
    {
        ProgressPrinter printer(stream, terminal);
        use(printer);
    }
    std::fclose(stream);
    const std::string text(buffer, size);
    std::free(buffer);
    return text;
}

} // namespace

TEST_CASE("a duration is short for people")
{
    CHECK(durationText(0.2) == "0 s");
    CHECK(durationText(59.4) == "59 s");
    CHECK(durationText(125.0) == "2:05");
    CHECK(durationText(3725.0) == "1:02:05");
    CHECK(durationText(-3.0) == "0 s");
}

TEST_CASE("progress names the count, the share, the rate and the time left")
{
    CHECK(progressText(halfWay()) == "Reading spectra: 640 of 1280 spectra (50 %), 320/s, 2 s left");
    core::Progress unknown = halfWay();
    unknown.total = 0.0;
    unknown.secondsLeft = -1.0;
    CHECK(progressText(unknown) == "Reading spectra: 640 spectra, 320/s");
    core::Progress share;
    share.phase = "Restoring";
    share.total = 4.0;
    share.done = 5.0;
    CHECK(progressText(share) == "Restoring: 100 %");
    core::Progress nothing;
    nothing.phase = "Starting the database";
    CHECK(progressText(nothing) == "Starting the database");
    nothing.detail = "second try";
    CHECK(progressText(nothing) == "Starting the database: second try");
}

TEST_CASE("a bar fits into its terminal")
{
    CHECK(progressBar(halfWay(), 200).find("[############............] 50 %") != std::string::npos);
    for (const int width : {1, 20, 40, 80})
        CHECK(progressBar(halfWay(), width).size() <= static_cast<std::size_t>(width));
}

TEST_CASE("a log file gets a line at the start and the end of a phase, a terminal one bar that goes away")
{
    const auto run = [](ProgressPrinter& printer) {
        core::Progress progress = halfWay();
        for (int done = 0; done <= 1280; done += 128) {
            progress.done = done;
            printer.update(progress);
        }
        printer.update(progress);
        printer.line("done");
    };
    const std::string lines = written(false, run);
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 3);
    CHECK(lines.find("1280 of 1280") != std::string::npos);
    CHECK(lines.find('\r') == std::string::npos);
    const std::string bar = written(true, run);
    CHECK(bar.ends_with("\r\033[Kdone\n"));
    CHECK(std::count(bar.begin(), bar.end(), '\n') == 1);
}

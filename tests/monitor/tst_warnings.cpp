// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/warnings.h"

#include <catch2/catch.hpp>

using namespace voorwerp::monitor;
using namespace std::chrono_literals;

namespace {

GpuSample calmCard()
{
    GpuSample gpu;
    gpu.smPercent = 60.0;
    gpu.memoryTotalBytes = 1000;
    gpu.memoryFreeBytes = 500;
    gpu.temperatureCelsius = 60.0;
    gpu.slowdownCelsius = 95.0;
    gpu.processes = std::vector<GpuProcess>{{7, "voorwerp", 1, true}};
    return gpu;
}

/// A card whose values change, and the readings of it second by second.
class Run
{
public:
    GpuSample gpu = calmCard();
    bool training = true;
    Warnings warnings;

    /// Feeds one reading a second; returns what changed, all together.
    std::vector<WarningChange> pass(std::chrono::seconds duration)
    {
        std::vector<WarningChange> all;
        for (std::chrono::seconds passed{0}; passed < duration; passed += 1s) {
            for (WarningChange& change : warnings.feed(reading(), training))
                all.push_back(std::move(change));
            m_now += 1s;
        }
        return all;
    }
    void skip(std::chrono::seconds duration) { m_now += duration; }
    bool has(WarningKind kind) const
    {
        for (const Warning& warning : warnings.active())
            if (warning.kind == kind)
                return true;
        return false;
    }

private:
    GpuReading reading() const
    {
        GpuReading result;
        result.time = m_now;
        result.gpus = {gpu};
        return result;
    }
    Time m_now{1000s};
};

} // namespace

TEST_CASE("a calm card has no warnings")
{
    Run run;
    CHECK(run.pass(3600s).empty());
    CHECK(run.warnings.active().empty());
}

TEST_CASE("a full card is told after 15 minutes, once, and not for short dips")
{
    Run run;
    run.gpu.smPercent = 98.0;
    CHECK(run.pass(600s).empty());
    run.gpu.smPercent = 92.0; // between the limits: neither begins nor ends
    CHECK(run.pass(5s).empty());
    run.gpu.smPercent = 98.0;
    CHECK(run.pass(295s).empty());
    const auto began = run.pass(600s);
    REQUIRE(began.size() == 1);
    CHECK(began[0].began);
    CHECK(began[0].warning.kind == WarningKind::Saturated);
    CHECK(began[0].warning.since == Time(1000s));
    CHECK(began[0].warning.text.find("15 minutes") != std::string::npos);
    CHECK_FALSE(began[0].warning.remedy.empty());
    run.gpu.smPercent = 50.0;
    CHECK(run.pass(20s).empty()); // a validation
    run.gpu.smPercent = 99.0;
    CHECK(run.pass(60s).empty());
    run.gpu.smPercent = 50.0;
    const auto ended = run.pass(40s);
    REQUIRE(ended.size() == 1);
    CHECK_FALSE(ended[0].began);
    CHECK(run.warnings.active().empty());
}

TEST_CASE("a break below 90 percent begins the 15 minutes anew")
{
    Run run;
    run.gpu.smPercent = 98.0;
    run.pass(800s);
    run.gpu.smPercent = 80.0;
    run.pass(1s);
    run.gpu.smPercent = 98.0;
    CHECK(run.pass(800s).empty());
    CHECK(run.pass(200s).size() == 1);
}

TEST_CASE("little free memory is told, and memory at the limit does not flicker")
{
    Run run;
    run.gpu.memoryFreeBytes = 99;
    const auto began = run.pass(5s);
    REQUIRE(began.size() == 1);
    CHECK(began[0].warning.kind == WarningKind::MemoryLow);
    for (int i = 0; i < 50; ++i) {
        run.gpu.memoryFreeBytes = i % 2 == 0 ? 101 : 99;
        CHECK(run.pass(3s).empty());
    }
    run.gpu.memoryFreeBytes = 100; // 10 % is not less than 10 %
    CHECK(run.pass(30s).empty());
    run.gpu.memoryFreeBytes = 200;
    CHECK(run.pass(12s).size() == 1);
    run.gpu.memoryFreeBytes = 100;
    CHECK(run.pass(30s).empty());
}

TEST_CASE("a card that waits for data is told after two minutes, of the card we train on only")
{
    Run run;
    run.gpu.smPercent = 10.0;
    CHECK(run.pass(120s).empty());
    const auto began = run.pass(2s);
    REQUIRE(began.size() == 1);
    CHECK(began[0].warning.kind == WarningKind::Idle);
    run.training = false;
    REQUIRE(run.pass(1s).size() == 1); // ends with the training
    CHECK(run.pass(600s).empty());
    run.training = true;
    run.gpu.processes->front().own = false; // somebody else's card
    CHECK(run.pass(600s).empty());
    run.gpu.processes.reset();
    CHECK(run.pass(600s).empty());
}

TEST_CASE("heat is told five degrees before the card slows down, or at 85 where it names no limit")
{
    Run run;
    run.gpu.temperatureCelsius = 89.0;
    CHECK(run.pass(30s).empty());
    run.gpu.temperatureCelsius = 90.0;
    auto began = run.pass(10s);
    REQUIRE(began.size() == 1);
    CHECK(began[0].warning.text == "GPU 0 is at 90 °C, and slows down at 95 °C.");
    run.gpu.temperatureCelsius = 88.0;
    CHECK(run.pass(60s).empty());
    run.gpu.temperatureCelsius = 80.0;
    CHECK(run.pass(15s).size() == 1);
    run.gpu.slowdownCelsius.reset();
    run.gpu.temperatureCelsius = 84.0;
    CHECK(run.pass(60s).empty());
    run.gpu.temperatureCelsius = 85.0;
    CHECK(run.pass(10s).size() == 1);
}

TEST_CASE("values that a card does not tell warn of nothing")
{
    Run run;
    run.gpu = {};
    CHECK(run.pass(1200s).empty());
    run.gpu = calmCard();
    run.gpu.memoryFreeBytes = 10;
    CHECK(run.pass(5s).size() == 1);
    run.gpu.memoryFreeBytes.reset();
    CHECK(run.pass(15s).size() == 1); // no longer known, no longer told
}

TEST_CASE("warnings of a lost GPU end, and a pause in the readings counts for nothing")
{
    Run run;
    run.gpu.memoryFreeBytes = 10;
    run.pass(5s);
    REQUIRE(run.has(WarningKind::MemoryLow));
    run.gpu.problem = "GPU is lost";
    CHECK(run.pass(1s).size() == 1);
    run.gpu = calmCard();
    run.gpu.smPercent = 99.0;
    run.pass(10s);
    run.skip(3600s); // the machine slept
    CHECK(run.pass(600s).empty());
}

TEST_CASE("each of two cards has its own warnings")
{
    Warnings warnings;
    GpuReading reading;
    reading.gpus = {calmCard(), calmCard()};
    reading.gpus[1].index = 1;
    reading.gpus[1].memoryFreeBytes = 0;
    std::vector<WarningChange> changes;
    for (int i = 0; i < 10; ++i) {
        reading.time += 1s;
        for (const WarningChange& change : warnings.feed(reading, false))
            changes.push_back(change);
    }
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].warning.gpu == 1);
    CHECK(changes[0].warning.text.starts_with("GPU 1 has 0 %"));
}

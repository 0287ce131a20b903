// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/fake_gpus.h"
#include "monitor/nvml.h"

#include <catch2/catch.hpp>

#include <unistd.h>

using namespace voorwerp;
using monitor::GpuReading;
using monitor::GpuSample;
using monitor::Nvml;
using test::FakeGpus;
using test::kOneCard;

namespace {

constexpr int kManyReadings = 20; ///< more than a reader waits before it looks again

GpuReading readOnce(const std::string& library)
{
    return Nvml(library).read(monitor::Time());
}

/// As many readings as needed until the driver (or all GPUs) answers; the last one is returned.
GpuReading readUntilGood(Nvml& nvml)
{
    GpuReading reading;
    for (int i = 0; i < kManyReadings; ++i) {
        reading = nvml.read(monitor::Time());
        if (reading.problem.empty() && reading.gpus.at(0).problem.empty())
            break;
    }
    return reading;
}

} // namespace

TEST_CASE("without NVIDIA's library every reading says that there is no driver")
{
    Nvml nvml("libnvidia-ml-that-is-not-there.so.1");
    for (int i = 0; i < kManyReadings; ++i) {
        const GpuReading reading = nvml.read(monitor::Time());
        CHECK(reading.problem == "no NVIDIA driver");
        CHECK(reading.gpus.empty());
    }
}

TEST_CASE("a library that is not NVML is no driver")
{
    CHECK(readOnce("libz.so.1").problem.starts_with("no NVIDIA driver"));
}

TEST_CASE("a driver that is not loaded is told in the library's words, and found once it is")
{
    const FakeGpus gpus(kOneCard + "init=9\n");
    Nvml nvml(VOORWERP_FAKE_NVML);
    CHECK(nvml.read(monitor::Time()).problem == "no NVIDIA driver: Driver Not Loaded");
    gpus.set(kOneCard);
    CHECK(readUntilGood(nvml).gpus.size() == 1);
}

TEST_CASE("all values of a card are read with their units")
{
    const FakeGpus gpus(kOneCard);
    const GpuReading reading = readOnce(VOORWERP_FAKE_NVML);
    REQUIRE(reading.problem.empty());
    CHECK(reading.driver == "550.54");
    REQUIRE(reading.gpus.size() == 1);
    const GpuSample& gpu = reading.gpus[0];
    CHECK(gpu.problem.empty());
    CHECK(gpu.index == 0);
    CHECK(gpu.name == "NVIDIA RTX A4000");
    CHECK(gpu.uuid == "GPU-1f2e");
    CHECK(gpu.smPercent == 97.0);
    CHECK(gpu.memoryPercent == 40.0);
    CHECK(gpu.memoryTotalBytes == 16LL << 30);
    CHECK(gpu.memoryFreeBytes == 8LL << 30);
    CHECK(gpu.memoryUsedBytes == 8LL << 30);
    CHECK(gpu.temperatureCelsius == 71.0);
    CHECK(gpu.slowdownCelsius == 92.0);
    CHECK(gpu.powerWatts.value() == Approx(128.5));
    CHECK(gpu.powerLimitWatts.value() == Approx(140.0));
    CHECK(gpu.smClockMHz == 1560.0);
    CHECK(gpu.memoryClockMHz == 7001.0);
    CHECK(gpu.fanPercent == 62.0);
    // 37 = idle, power cap, thermal: being idle is no throttling.
    CHECK(gpu.throttleReasons == std::vector<std::string>{"power limit", "temperature"});
}

TEST_CASE("processes come largest first, and our own is known")
{
    const FakeGpus gpus(kOneCard);
    const GpuReading reading = readOnce(VOORWERP_FAKE_NVML);
    const auto& processes = reading.gpus.at(0).processes.value();
    REQUIRE(processes.size() == 2);
    CHECK(processes[0].own);
    CHECK(processes[0].pid == static_cast<unsigned>(::getpid()));
    CHECK(processes[0].name == "tst_monitor");
    CHECK(processes[0].usedBytes == 6LL << 30);
    CHECK_FALSE(processes[1].own);
    CHECK(processes[1].name.empty()); // a number that no process has
    CHECK(reading.gpus[0].isUsedByUs());
}

TEST_CASE("more processes than expected are all listed, and memory that is not available is not a number")
{
    std::string list;
    for (int i = 0; i < 50; ++i)
        list += " " + std::to_string(4194305 + i) + " -1";
    const FakeGpus gpus(kOneCard + "0.processes=" + list + "\n");
    const auto processes = readOnce(VOORWERP_FAKE_NVML).gpus.at(0).processes.value();
    REQUIRE(processes.size() == 50);
    CHECK(processes[49].pid == 4194305 + 49);
    CHECK_FALSE(processes[49].usedBytes.has_value());
}

TEST_CASE("the functions of an old driver are found under their old names")
{
    const FakeGpus gpus(kOneCard);
    const GpuSample gpu = readOnce(VOORWERP_FAKE_NVML_OLD).gpus.at(0);
    REQUIRE(gpu.processes.has_value());
    CHECK(gpu.processes->size() == 2);
    CHECK(gpu.processes->at(0).usedBytes == 6LL << 30);
    CHECK(gpu.throttleReasons.size() == 2);
}

TEST_CASE("what a card does not support is missing alone")
{
    const FakeGpus gpus("count=1\n0.name=Tesla\n0.uuid=GPU-2\n0.temperature=40\n");
    const GpuSample gpu = readOnce(VOORWERP_FAKE_NVML).gpus.at(0);
    CHECK(gpu.problem.empty());
    CHECK(gpu.name == "Tesla");
    CHECK(gpu.temperatureCelsius == 40.0);
    CHECK_FALSE(gpu.slowdownCelsius.has_value());
    CHECK_FALSE(gpu.smPercent.has_value());
    CHECK_FALSE(gpu.memoryFreeBytes.has_value());
    CHECK_FALSE(gpu.powerWatts.has_value());
    CHECK_FALSE(gpu.fanPercent.has_value());
    CHECK_FALSE(gpu.processes.has_value());
    CHECK(gpu.throttleReasons.empty());
}

TEST_CASE("a lost GPU keeps its place, the other goes on, and it comes back after a reset")
{
    const std::string second = "1.name=Second\n1.uuid=GPU-3\n1.temperature=50\n";
    const FakeGpus gpus(kOneCard + second + "count=2\n");
    Nvml nvml(VOORWERP_FAKE_NVML);
    CHECK(nvml.read(monitor::Time()).gpus.size() == 2);
    gpus.set(kOneCard + second + "count=2\n0.lost=15\n");
    for (int i = 0; i < kManyReadings; ++i) {
        const GpuReading reading = nvml.read(monitor::Time());
        REQUIRE(reading.gpus.size() == 2);
        CHECK(reading.gpus[0].problem == "GPU is lost");
        CHECK_FALSE(reading.gpus[0].temperatureCelsius.has_value());
        CHECK(reading.gpus[1].index == 1);
        CHECK(reading.gpus[1].temperatureCelsius == 50.0);
    }
    gpus.set(kOneCard + second + "count=2\n");
    CHECK(readUntilGood(nvml).gpus.at(0).temperatureCelsius == 71.0);
}

TEST_CASE("a driver that is replaced under way is survived and found again")
{
    const FakeGpus gpus(kOneCard);
    Nvml nvml(VOORWERP_FAKE_NVML);
    CHECK(nvml.read(monitor::Time()).gpus.size() == 1);
    gpus.set(kOneCard + "all=18\n");
    const GpuReading gone = nvml.read(monitor::Time());
    CHECK(gone.problem == "the NVIDIA driver went away: Driver/library version mismatch");
    CHECK(gone.gpus.empty());
    gpus.set(kOneCard);
    CHECK(readUntilGood(nvml).gpus.size() == 1);
}

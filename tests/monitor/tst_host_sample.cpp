// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/host_sample.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace voorwerp;
using monitor::HostProbe;
using monitor::HostSample;
using test::TemporaryFolder;

TEST_CASE("the numbers of /proc become use, memory and load")
{
    const TemporaryFolder proc;
    const auto write = [&](const std::string& name, const std::string& text) {
        std::ofstream(proc / name) << text;
    };
    write("stat", "cpu 100 0 100 700 100 0 0 0 50 0\ncpu0 50 0 50 350 50 0 0 0 0 0\ncpu1 1 1 1 1 1 1 1 1 1 "
                  "1\nintr 5\n");
    write("meminfo", "MemTotal:  2048 kB\nMemFree:  1 kB\nMemAvailable:  512 kB\nHugePages_Total:  0\n");
    write("loadavg", "1.50 0.75 0.25 2/300 4711\n");
    HostProbe probe(proc.path(), proc.path());
    CHECK_FALSE(probe.read(monitor::Time()).cpuPercent.has_value()); // no time has passed
    // 30 of 100 further ticks were neither idle nor waiting for a disk
    write("stat", "cpu 110 10 110 760 110 0 0 0 90 0\ncpu0 1\ncpu1 1\n");
    const HostSample sample = probe.read(monitor::Time());
    CHECK(sample.cpuPercent.value() == Approx(30.0));
    CHECK(sample.cores == 2);
    CHECK(sample.memoryTotalBytes == 2048 * 1024);
    CHECK(sample.memoryAvailableBytes == 512 * 1024);
    CHECK(sample.load1 == 1.5);
    CHECK(sample.load15 == 0.25);
    CHECK_FALSE(sample.ownMemoryBytes.has_value());
}

TEST_CASE("this machine tells about itself, also for a workspace that is not there yet")
{
    const TemporaryFolder folder;
    HostProbe probe(folder / "not/there/yet");
    const HostSample sample = probe.read(std::chrono::system_clock::now());
    CHECK(sample.cores >= 1);
    CHECK(sample.memoryTotalBytes.value() > sample.ownMemoryBytes.value());
    CHECK(sample.ownMemoryBytes.value() > 0);
    CHECK(sample.diskTotalBytes.value() >= sample.diskFreeBytes.value());
}

TEST_CASE("without /proc nothing is known and nothing fails")
{
    const TemporaryFolder empty;
    const HostSample sample = HostProbe(empty.path(), empty / "proc").read(monitor::Time());
    CHECK(sample.cores == 0);
    CHECK_FALSE(sample.cpuPercent.has_value());
    CHECK_FALSE(sample.memoryTotalBytes.has_value());
    CHECK_FALSE(sample.load1.has_value());
}

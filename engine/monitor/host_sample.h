// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What this machine and this program use besides the GPU, from /proc. nullopt: the kernel does not tell.

#include "monitor/gpu_sample.h"

#include <filesystem>

namespace voorwerp::monitor {

struct HostSample
{
    Time time{};
    int cores = 0;
    std::optional<double> cpuPercent; ///< of all cores, since the reading before
    std::optional<std::int64_t> memoryTotalBytes;
    std::optional<std::int64_t> memoryAvailableBytes; ///< what a program can still get without swapping
    std::optional<double> load1, load5, load15; ///< mean number of processes that run or wait, in minutes
    std::optional<std::int64_t> diskTotalBytes,
        diskFreeBytes;                          ///< of the workspace's file system, for this user
    std::optional<std::int64_t> ownMemoryBytes; ///< resident
};

/// Reads again and again; the processor's use is that between two readings. One thread.
class HostProbe
{
public:
    /// folder: the workspace, or where it will be. proc: another /proc, for tests.
    explicit HostProbe(std::filesystem::path folder, std::filesystem::path proc = "/proc");
    HostSample read(Time now);

private:
    struct CpuTimes
    {
        std::uint64_t busy = 0, total = 0; ///< in ticks since the start of the machine
        int cores = 0;
    };
    CpuTimes cpuTimes() const;

    std::filesystem::path m_folder, m_proc;
    CpuTimes m_before;
};

} // namespace voorwerp::monitor

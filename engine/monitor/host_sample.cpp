// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/host_sample.h"

#include <fstream>
#include <sstream>
#include <system_error>
#include <unistd.h>

namespace voorwerp::monitor {

namespace fs = std::filesystem;

namespace {

void readMemory(const fs::path& file, HostSample& sample)
{
    constexpr std::int64_t kKibibyte = 1024;
    std::ifstream stream(file);
    std::string line;
    while (std::getline(stream, line)) {
        std::istringstream words(line);
        std::string key;
        std::int64_t kibibytes = 0;
        if (!(words >> key >> kibibytes))
            continue;
        if (key == "MemTotal:")
            sample.memoryTotalBytes = kibibytes * kKibibyte;
        else if (key == "MemAvailable:")
            sample.memoryAvailableBytes = kibibytes * kKibibyte;
    }
}

void readLoad(const fs::path& file, HostSample& sample)
{
    std::ifstream stream(file);
    double one = 0.0, five = 0.0, fifteen = 0.0;
    if (stream >> one >> five >> fifteen) {
        sample.load1 = one;
        sample.load5 = five;
        sample.load15 = fifteen;
    }
}

void readOwnMemory(const fs::path& file, HostSample& sample)
{
    std::ifstream stream(file);
    std::int64_t size = 0, resident = 0;
    if (stream >> size >> resident)
        sample.ownMemoryBytes = resident * ::sysconf(_SC_PAGESIZE);
}

void readDisk(fs::path folder, HostSample& sample)
{
    std::error_code error;
    while (!fs::exists(folder, error) && folder.has_relative_path()) // a workspace yet to be made
        folder = folder.parent_path();
    const fs::space_info space = fs::space(folder, error);
    if (error)
        return;
    sample.diskTotalBytes = static_cast<std::int64_t>(space.capacity);
    sample.diskFreeBytes = static_cast<std::int64_t>(space.available);
}

} // namespace

HostProbe::HostProbe(fs::path folder, fs::path proc)
    : m_folder(fs::absolute(folder))
    , m_proc(std::move(proc))
    , m_before(cpuTimes())
{
}

HostSample HostProbe::read(Time now)
{
    HostSample sample;
    sample.time = now;
    const CpuTimes times = cpuTimes();
    sample.cores = times.cores;
    if (times.total > m_before.total && times.busy >= m_before.busy)
        sample.cpuPercent = 100.0 * static_cast<double>(times.busy - m_before.busy) /
                            static_cast<double>(times.total - m_before.total);
    m_before = times;
    readMemory(m_proc / "meminfo", sample);
    readLoad(m_proc / "loadavg", sample);
    readOwnMemory(m_proc / "self" / "statm", sample);
    readDisk(m_folder, sample);
    return sample;
}

/// "cpu user nice system idle iowait irq softirq steal ...": see proc(5).
HostProbe::CpuTimes HostProbe::cpuTimes() const
{
    constexpr int kIdle = 3, kWaiting = 4, kCounted = 8; // what follows is part of user and nice
    CpuTimes times;
    std::ifstream stream(m_proc / "stat");
    std::string line;
    while (std::getline(stream, line) && line.starts_with("cpu")) {
        std::istringstream words(line);
        std::string name;
        words >> name;
        if (name != "cpu") {
            ++times.cores;
            continue;
        }
        std::uint64_t ticks = 0;
        for (int i = 0; i < kCounted && words >> ticks; ++i) {
            times.total += ticks;
            times.busy += i == kIdle || i == kWaiting ? 0 : ticks;
        }
    }
    return times;
}

} // namespace voorwerp::monitor

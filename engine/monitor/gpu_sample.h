// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the GPUs of this machine said at one moment. Values; nullopt: this card or driver does not tell.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace voorwerp::monitor {

using Time = std::chrono::system_clock::time_point;

struct GpuProcess
{
    unsigned pid = 0;                      ///< as the driver knows it: outside a container's own numbers
    std::string name;                      ///< empty: gone, or not visible from here
    std::optional<std::int64_t> usedBytes; ///< GPU memory
    bool own = false;                      ///< this program
};

struct GpuSample
{
    unsigned index = 0; ///< NVML's number (by PCI bus), which CUDA's order may differ from
    std::string name;
    std::string uuid;
    std::string problem; ///< empty: it answers; else why not, and there are no values

    std::optional<double> smPercent;     ///< share of the last moments in which a kernel ran
    std::optional<double> memoryPercent; ///< share in which memory was read or written
    std::optional<std::int64_t> memoryUsedBytes, memoryFreeBytes, memoryTotalBytes;
    std::optional<double> temperatureCelsius;
    std::optional<double> slowdownCelsius; ///< where the card lowers its clocks to protect itself
    std::optional<double> powerWatts, powerLimitWatts;
    std::optional<double> smClockMHz, memoryClockMHz;
    std::optional<double> fanPercent;
    std::optional<std::vector<GpuProcess>> processes; ///< of CUDA, largest first
    std::vector<std::string> throttleReasons; ///< why the clocks are lower than they could be, in words

    bool isUsedByUs() const
    {
        for (const GpuProcess& process : processes.value_or(std::vector<GpuProcess>()))
            if (process.own)
                return true;
        return false;
    }
};

struct GpuReading
{
    Time time{};
    std::string problem; ///< empty: the driver answers; "no NVIDIA driver" and the like: gpus is empty
    std::string driver;  ///< version
    std::vector<GpuSample> gpus;
};

} // namespace voorwerp::monitor

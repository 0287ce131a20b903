// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: the part of NVML that is used, declared after NVIDIA's public documentation,
// https://docs.nvidia.com/deploy/nvml-api/ ("Device Queries", "Initialization and Cleanup", "Device
// Structs"). Only functions that read: nothing is ever set on a card.

#include <dlfcn.h>
#include <initializer_list>

namespace voorwerp::monitor::nvml {

using Device = struct DeviceHandle*; ///< nvmlDevice_t

enum Code : int { // nvmlReturn_t
    kSuccess = 0,
    kUninitialized = 1,
    kNotSupported = 3,
    kInsufficientSize = 7,
    kDriverNotLoaded = 9,
    kFunctionNotFound = 13,
    kGpuIsLost = 15,
    kResetRequired = 16,
    kVersionMismatch = 18, ///< the driver was replaced while this library was loaded
};

constexpr unsigned kTextSize = 96;             ///< NVML_DEVICE_UUID_V2_BUFFER_SIZE and _NAME_V2_: 96
constexpr unsigned kGpuTemperature = 0;        ///< NVML_TEMPERATURE_GPU
constexpr unsigned kSlowdownThreshold = 1;     ///< NVML_TEMPERATURE_THRESHOLD_SLOWDOWN
constexpr unsigned kSmClock = 1;               ///< NVML_CLOCK_SM
constexpr unsigned kMemoryClock = 2;           ///< NVML_CLOCK_MEM
constexpr unsigned long long kNoValue = ~0ULL; ///< NVML_VALUE_NOT_AVAILABLE

struct Utilization // nvmlUtilization_t, percent
{
    unsigned gpu, memory;
};
struct Memory // nvmlMemory_t, bytes
{
    unsigned long long total, free, used;
};
struct ProcessV1 // nvmlProcessInfo_v1_t
{
    unsigned pid;
    unsigned long long usedGpuMemory; ///< bytes or kNoValue
};
struct ProcessV2 // nvmlProcessInfo_v2_t = nvmlProcessInfo_t, of the functions _v2 and _v3
{
    unsigned pid;
    unsigned long long usedGpuMemory;
    unsigned gpuInstanceId, computeInstanceId;
};

/// A function of the library. One that this version of it lacks answers kFunctionNotFound.
template <typename... Arguments> class Function
{
public:
    /// The first of the names that is there.
    void find(void* library, std::initializer_list<const char*> names)
    {
        for (const char* name : names)
            if (m_function == nullptr)
                m_function = reinterpret_cast<int (*)(Arguments...)>(::dlsym(library, name));
    }
    bool isThere() const { return m_function != nullptr; }
    int operator()(Arguments... arguments) const
    {
        return m_function ? m_function(arguments...) : kFunctionNotFound;
    }

private:
    int (*m_function)(Arguments...) = nullptr;
};

struct Api
{
    void load(void* library);

    Function<> init, shutdown;
    const char* (*errorString)(int) = nullptr;
    Function<char*, unsigned> driverVersion;
    Function<unsigned*> count;
    Function<unsigned, Device*> handle;
    Function<Device, char*, unsigned> name, uuid;
    Function<Device, Utilization*> utilization;
    Function<Device, Memory*> memory;
    Function<Device, unsigned, unsigned*> temperature, temperatureThreshold, clock;
    Function<Device, unsigned*> power, powerLimit, fan; ///< milliwatts, milliwatts, percent
    Function<Device, unsigned long long*> throttleReasons;
    Function<Device, unsigned*, ProcessV2*> processes;
    Function<Device, unsigned*, ProcessV1*> oldProcesses; ///< of drivers before 450
};

} // namespace voorwerp::monitor::nvml

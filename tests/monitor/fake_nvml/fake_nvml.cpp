// SPDX-License-Identifier: GPL-3.0-or-later
// A library with the symbols of NVIDIA's libnvidia-ml.so.1 that are used, for machines without a GPU. Its
// numbers come from the file that FAKE_NVML_FILE names, read at each call; lines "key=value":
//   init=9               what nvmlInit_v2 answers; all=18: what every function but init answers from then on
//   count=2              number of GPUs
//   0.name=NVIDIA RTX A4000   0.uuid=GPU-…
//   0.utilization=97 40  0.memory=TOTAL FREE USED (bytes)  0.temperature=83  0.slowdown=92
//   0.power=140000  0.powerLimit=140000 (mW)  0.smClock=1560  0.memoryClock=7001  0.fan=62  0.throttle=36
//   0.processes=PID BYTES PID BYTES ...     ("self" is this process, BYTES -1: not available)
//   0.lost=15            what every function of this GPU answers
// A key that is missing is "not supported". Nothing can be set: there are no such symbols.
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

struct FakeDevice
{
    unsigned index;
};
struct FakeUtilization
{
    unsigned gpu, memory;
};
struct FakeMemory
{
    unsigned long long total, free, used;
};
struct FakeProcess
{
    unsigned pid;
    unsigned long long usedGpuMemory;
#ifndef FAKE_NVML_OLD
    unsigned gpuInstanceId, computeInstanceId;
#endif
};

namespace {

constexpr int kSuccess = 0, kUninitialized = 1, kNotSupported = 3, kInsufficientSize = 7;
FakeDevice g_devices[] = {{0}, {1}, {2}, {3}};
int g_initialised = 0;

std::map<std::string, std::string> settings()
{
    std::map<std::string, std::string> values;
    const char* name = std::getenv("FAKE_NVML_FILE");
    std::ifstream file(name ? name : "");
    std::string line;
    while (std::getline(file, line))
        if (const auto equals = line.find('='); equals != std::string::npos)
            values[line.substr(0, equals)] = line.substr(equals + 1);
    return values;
}

int codeOf(const std::string& key)
{
    const auto values = settings();
    const auto value = values.find(key);
    return value == values.end() ? kSuccess : std::stoi(value->second);
}

/// The value of a device's key, or a code that is not success.
int find(const FakeDevice* device, const std::string& key, std::string& value)
{
    if (g_initialised == 0)
        return kUninitialized;
    if (const int code = codeOf("all"); code != kSuccess)
        return code;
    const std::string prefix = std::to_string(device->index) + ".";
    if (const int code = codeOf(prefix + "lost"); code != kSuccess)
        return code;
    const auto values = settings();
    const auto found = values.find(prefix + key);
    if (found == values.end())
        return kNotSupported;
    value = found->second;
    return kSuccess;
}

template <typename... Numbers> int numbers(const FakeDevice* device, const std::string& key, Numbers&... out)
{
    std::string value;
    if (const int code = find(device, key, value); code != kSuccess)
        return code;
    std::istringstream stream(value);
    (stream >> ... >> out);
    return kSuccess;
}

int text(const FakeDevice* device, const std::string& key, char* out, unsigned size)
{
    std::string value;
    if (const int code = find(device, key, value); code != kSuccess)
        return code;
    if (value.size() + 1 > size)
        return kInsufficientSize;
    std::memcpy(out, value.c_str(), value.size() + 1);
    return kSuccess;
}

int listProcesses(const FakeDevice* device, unsigned* count, FakeProcess* out)
{
    std::string value;
    if (const int code = find(device, "processes", value); code != kSuccess)
        return code;
    std::istringstream stream(value);
    std::vector<FakeProcess> list;
    std::string pid;
    long long bytes = 0;
    while (stream >> pid >> bytes) {
        FakeProcess process{};
        process.pid =
            pid == "self" ? static_cast<unsigned>(::getpid()) : static_cast<unsigned>(std::stoul(pid));
        process.usedGpuMemory = static_cast<unsigned long long>(bytes);
        list.push_back(process);
    }
    const auto room = *count;
    *count = static_cast<unsigned>(list.size());
    if (list.size() > room)
        return kInsufficientSize;
    for (std::size_t i = 0; i < list.size(); ++i)
        out[i] = list[i];
    return kSuccess;
}

} // namespace

extern "C" {

int nvmlInit_v2()
{
    const int code = codeOf("init");
    if (code == kSuccess)
        ++g_initialised;
    return code;
}
int nvmlShutdown()
{
    return g_initialised-- > 0 ? kSuccess : kUninitialized;
}
const char* nvmlErrorString(int code)
{
    switch (code) {
    case 9:
        return "Driver Not Loaded";
    case 15:
        return "GPU is lost";
    case 18:
        return "Driver/library version mismatch";
    default:
        return "Unknown Error";
    }
}
int nvmlSystemGetDriverVersion(char* out, unsigned size)
{
    const std::string version = "550.54";
    if (size <= version.size())
        return kInsufficientSize;
    std::memcpy(out, version.c_str(), version.size() + 1);
    return kSuccess;
}
int nvmlDeviceGetCount_v2(unsigned* count)
{
    if (const int code = codeOf("all"); code != kSuccess)
        return code;
    const auto values = settings();
    const auto value = values.find("count");
    *count = value == values.end() ? 0U : static_cast<unsigned>(std::stoul(value->second));
    return kSuccess;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, FakeDevice** device)
{
    *device = &g_devices[index];
    return kSuccess;
}
int nvmlDeviceGetName(FakeDevice* device, char* out, unsigned size)
{
    return text(device, "name", out, size);
}
int nvmlDeviceGetUUID(FakeDevice* device, char* out, unsigned size)
{
    return text(device, "uuid", out, size);
}
int nvmlDeviceGetUtilizationRates(FakeDevice* device, FakeUtilization* out)
{
    return numbers(device, "utilization", out->gpu, out->memory);
}
int nvmlDeviceGetMemoryInfo(FakeDevice* device, FakeMemory* out)
{
    return numbers(device, "memory", out->total, out->free, out->used);
}
int nvmlDeviceGetTemperature(FakeDevice* device, unsigned, unsigned* out)
{
    return numbers(device, "temperature", *out);
}
int nvmlDeviceGetTemperatureThreshold(FakeDevice* device, unsigned type, unsigned* out)
{
    return type == 1 ? numbers(device, "slowdown", *out) : kNotSupported;
}
int nvmlDeviceGetClockInfo(FakeDevice* device, unsigned type, unsigned* out)
{
    return numbers(device, type == 1 ? "smClock" : "memoryClock", *out);
}
int nvmlDeviceGetPowerUsage(FakeDevice* device, unsigned* out)
{
    return numbers(device, "power", *out);
}
int nvmlDeviceGetEnforcedPowerLimit(FakeDevice* device, unsigned* out)
{
    return numbers(device, "powerLimit", *out);
}
int nvmlDeviceGetFanSpeed(FakeDevice* device, unsigned* out)
{
    return numbers(device, "fan", *out);
}
#ifdef FAKE_NVML_OLD
int nvmlDeviceGetCurrentClocksThrottleReasons(FakeDevice* device, unsigned long long* out)
{
    return numbers(device, "throttle", *out);
}
int nvmlDeviceGetComputeRunningProcesses(FakeDevice* device, unsigned* count, FakeProcess* out)
{
    return listProcesses(device, count, out);
}
#else
int nvmlDeviceGetCurrentClocksEventReasons(FakeDevice* device, unsigned long long* out)
{
    return numbers(device, "throttle", *out);
}
int nvmlDeviceGetComputeRunningProcesses_v3(FakeDevice* device, unsigned* count, FakeProcess* out)
{
    return listProcesses(device, count, out);
}
#endif

} // extern "C"

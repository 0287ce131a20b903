// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/nvml.h"

#include "monitor/nvml_api.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <unistd.h>
#include <utility>

namespace voorwerp::monitor {

namespace {

constexpr int kRetryReads = 10;
constexpr std::size_t kUsualProcesses = 32;

/// After "Clocks Event Reasons" of the documentation. Idle and a person's own clock settings hold back
/// nothing.
constexpr std::pair<unsigned long long, const char*> kThrottleReasons[] = {
    {0x04, "power limit"}, {0x08, "hardware slowdown"},        {0x10, "in step with other GPUs"},
    {0x20, "temperature"}, {0x40, "temperature, by hardware"}, {0x80, "power supply"},
};

bool endsSession(int code)
{
    return code == nvml::kUninitialized || code == nvml::kDriverNotLoaded || code == nvml::kVersionMismatch;
}

bool losesGpu(int code)
{
    return code == nvml::kGpuIsLost || code == nvml::kResetRequired;
}

std::string nameOfProcess(unsigned pid)
{
    std::string name;
    std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), name);
    return name;
}

template <typename Number> std::optional<double> toDouble(std::optional<Number> value, double factor = 1.0)
{
    return value ? std::optional(static_cast<double>(*value) * factor) : std::nullopt;
}

/// Asks one card; remembers a code that says that there is no use in asking further.
class DeviceReader
{
public:
    DeviceReader(const nvml::Api& api, nvml::Device device)
        : m_api(api)
        , m_device(device)
    {
    }

    int fatalCode() const { return m_fatalCode; }

    void fill(GpuSample& sample)
    {
        sample.name = text(m_api.name);
        sample.uuid = text(m_api.uuid);
        if (const auto use = value<nvml::Utilization>(m_api.utilization)) {
            sample.smPercent = use->gpu;
            sample.memoryPercent = use->memory;
        }
        if (const auto memory = value<nvml::Memory>(m_api.memory)) {
            sample.memoryTotalBytes = static_cast<std::int64_t>(memory->total);
            sample.memoryFreeBytes = static_cast<std::int64_t>(memory->free);
            sample.memoryUsedBytes = static_cast<std::int64_t>(memory->used);
        }
        sample.temperatureCelsius = toDouble(value<unsigned>(m_api.temperature, nvml::kGpuTemperature));
        sample.slowdownCelsius =
            toDouble(value<unsigned>(m_api.temperatureThreshold, nvml::kSlowdownThreshold));
        sample.powerWatts = toDouble(value<unsigned>(m_api.power), 1e-3);
        sample.powerLimitWatts = toDouble(value<unsigned>(m_api.powerLimit), 1e-3);
        sample.smClockMHz = toDouble(value<unsigned>(m_api.clock, nvml::kSmClock));
        sample.memoryClockMHz = toDouble(value<unsigned>(m_api.clock, nvml::kMemoryClock));
        sample.fanPercent = toDouble(value<unsigned>(m_api.fan));
        const auto reasons = value<unsigned long long>(m_api.throttleReasons).value_or(0);
        for (const auto& [bit, words] : kThrottleReasons)
            if ((reasons & bit) != 0)
                sample.throttleReasons.emplace_back(words);
        sample.processes =
            m_api.processes.isThere() ? processes(m_api.processes) : processes(m_api.oldProcesses);
    }

private:
    bool accept(int code)
    {
        if (m_fatalCode == nvml::kSuccess && (endsSession(code) || losesGpu(code)))
            m_fatalCode = code;
        return code == nvml::kSuccess;
    }

    template <typename Value, typename Function, typename... Fixed>
    std::optional<Value> value(const Function& function, Fixed... fixed)
    {
        Value out{};
        return accept(function(m_device, fixed..., &out)) ? std::optional(out) : std::nullopt;
    }

    std::string text(const nvml::Function<nvml::Device, char*, unsigned>& function)
    {
        std::array<char, nvml::kTextSize> buffer{};
        return accept(function(m_device, buffer.data(), buffer.size() - 1)) ? buffer.data() : std::string();
    }

    template <typename Info>
    std::optional<std::vector<GpuProcess>>
    processes(const nvml::Function<nvml::Device, unsigned*, Info*>& function)
    {
        std::vector<Info> infos(kUsualProcesses);
        auto count = static_cast<unsigned>(infos.size());
        int code = function(m_device, &count, infos.data());
        if (code == nvml::kInsufficientSize) { // processes may start between the two calls
            infos.resize(count + kUsualProcesses);
            count = static_cast<unsigned>(infos.size());
            code = function(m_device, &count, infos.data());
        }
        if (!accept(code))
            return std::nullopt;
        infos.resize(std::min<std::size_t>(count, infos.size()));
        std::vector<GpuProcess> list;
        for (const Info& info : infos)
            list.push_back({info.pid, nameOfProcess(info.pid),
                            info.usedGpuMemory == nvml::kNoValue
                                ? std::nullopt
                                : std::optional(static_cast<std::int64_t>(info.usedGpuMemory)),
                            info.pid == static_cast<unsigned>(::getpid())});
        std::stable_sort(list.begin(), list.end(), [](const GpuProcess& a, const GpuProcess& b) {
            return a.usedBytes.value_or(-1) > b.usedBytes.value_or(-1);
        });
        return list;
    }

    const nvml::Api& m_api;
    nvml::Device m_device;
    int m_fatalCode = nvml::kSuccess;
};

} // namespace

void nvml::Api::load(void* library)
{
    init.find(library, {"nvmlInit_v2"});
    shutdown.find(library, {"nvmlShutdown"});
    errorString = reinterpret_cast<const char* (*)(int)>(::dlsym(library, "nvmlErrorString"));
    driverVersion.find(library, {"nvmlSystemGetDriverVersion"});
    count.find(library, {"nvmlDeviceGetCount_v2"});
    handle.find(library, {"nvmlDeviceGetHandleByIndex_v2"});
    name.find(library, {"nvmlDeviceGetName"});
    uuid.find(library, {"nvmlDeviceGetUUID"});
    utilization.find(library, {"nvmlDeviceGetUtilizationRates"});
    memory.find(library, {"nvmlDeviceGetMemoryInfo"});
    temperature.find(library, {"nvmlDeviceGetTemperature"});
    temperatureThreshold.find(library, {"nvmlDeviceGetTemperatureThreshold"});
    clock.find(library, {"nvmlDeviceGetClockInfo"});
    power.find(library, {"nvmlDeviceGetPowerUsage"});
    powerLimit.find(library, {"nvmlDeviceGetEnforcedPowerLimit"});
    fan.find(library, {"nvmlDeviceGetFanSpeed"});
    throttleReasons.find(
        library, {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"});
    processes.find(library,
                   {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"});
    oldProcesses.find(library, {"nvmlDeviceGetComputeRunningProcesses"});
}

/// The loaded and initialised library.
class Nvml::Session
{
public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session()
    {
        if (m_initialised)
            m_api.shutdown();
        if (m_library != nullptr)
            ::dlclose(m_library);
    }

    /// Empty, or why it cannot be used.
    std::string open(const std::string& library)
    {
        m_library = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (m_library == nullptr)
            return "no NVIDIA driver";
        m_api.load(m_library);
        if (!m_api.init.isThere() || !m_api.count.isThere() || !m_api.handle.isThere())
            return "no NVIDIA driver: " + library + " is not its management library";
        if (const int code = m_api.init(); code != nvml::kSuccess)
            return "no NVIDIA driver: " + words(code);
        m_initialised = true;
        return {};
    }

    /// reading.problem is set when the session has ended.
    void read(GpuReading& reading) const
    {
        std::array<char, nvml::kTextSize> driver{};
        if (m_api.driverVersion(driver.data(), driver.size() - 1) == nvml::kSuccess)
            reading.driver = driver.data();
        unsigned count = 0;
        if (const int code = m_api.count(&count); code != nvml::kSuccess)
            return fail(reading, code);
        for (unsigned index = 0; index < count; ++index) {
            GpuSample sample;
            const int code = readGpu(index, sample);
            if (endsSession(code))
                return fail(reading, code);
            reading.gpus.push_back(std::move(sample));
        }
    }

private:
    int readGpu(unsigned index, GpuSample& sample) const
    {
        nvml::Device device = nullptr;
        int code = m_api.handle(index, &device);
        if (code == nvml::kSuccess) {
            DeviceReader reader(m_api, device);
            reader.fill(sample);
            code = reader.fatalCode();
        }
        if (code != nvml::kSuccess) {
            sample = {};
            sample.problem = words(code);
        }
        sample.index = index;
        return code;
    }

    void fail(GpuReading& reading, int code) const
    {
        reading.gpus.clear();
        reading.problem = "the NVIDIA driver went away: " + words(code);
    }

    std::string words(int code) const
    {
        const char* text = m_api.errorString ? m_api.errorString(code) : nullptr;
        return text ? text : "NVML error " + std::to_string(code);
    }

    void* m_library = nullptr;
    nvml::Api m_api;
    bool m_initialised = false;
};

Nvml::Nvml(std::string library)
    : m_library(std::move(library))
{
}

Nvml::~Nvml() = default;

void Nvml::open()
{
    m_session = std::make_unique<Session>();
    m_problem = m_session->open(m_library);
    if (m_problem.empty())
        return;
    m_session.reset();
    m_pause = kRetryReads;
}

GpuReading Nvml::read(Time now)
{
    GpuReading reading;
    reading.time = now;
    if (!m_session && m_pause == 0)
        open();
    if (!m_session) {
        --m_pause;
        reading.problem = m_problem;
        return reading;
    }
    m_session->read(reading);
    const bool lost = std::any_of(reading.gpus.begin(), reading.gpus.end(),
                                  [](const GpuSample& gpu) { return !gpu.problem.empty(); });
    m_lostReads = lost ? m_lostReads + 1 : 0;
    if (!reading.problem.empty()) {
        m_problem = reading.problem;
        m_session.reset();
        m_pause = kRetryReads;
    } else if (m_lostReads >= kRetryReads) { // a GPU that was reset is seen again only by a new session
        m_session.reset();
        m_lostReads = 0;
    }
    return reading;
}

} // namespace voorwerp::monitor

// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/prometheus.h"

#include <array>
#include <charconv>

namespace voorwerp::monitor {

namespace {

struct Line
{
    std::string labels; ///< "{...}" or empty
    double value = 0.0;
};
using Lines = std::vector<Line>;

std::string escaped(const std::string& text)
{
    std::string result;
    for (const char letter : text) {
        if (letter == '\\' || letter == '"')
            result += '\\';
        result += letter == '\n' ? std::string("\\n") : std::string(1, letter);
    }
    return result;
}

std::string label(const char* name, const std::string& value)
{
    return std::string(name) + "=\"" + escaped(value) + "\"";
}

/// The shortest that reads back as the same number.
std::string numberText(double value)
{
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

std::string labelsOf(const GpuSample& gpu)
{
    return label("gpu", std::to_string(gpu.index)) + "," + label("uuid", gpu.uuid) + "," +
           label("name", gpu.name);
}

class Writer
{
public:
    void write(const char* name, const char* help, const Lines& lines)
    {
        if (lines.empty())
            return;
        const std::string metric = std::string("voorwerp_") + name;
        m_text += "# HELP " + metric + " " + help + "\n# TYPE " + metric + " gauge\n";
        for (const Line& line : lines)
            m_text += metric + line.labels + " " + numberText(line.value) + "\n";
    }

    template <typename Number>
    void write(const char* name, const char* help, std::optional<Number> value, double factor = 1.0)
    {
        if (value)
            write(name, help, Lines{{"", static_cast<double>(*value) * factor}});
    }

    /// A value of each card that tells it.
    template <typename Number>
    void write(const char* name, const char* help, const std::vector<GpuSample>& gpus,
               std::optional<Number> GpuSample::*member, double factor = 1.0)
    {
        Lines lines;
        for (const GpuSample& gpu : gpus)
            if (const auto& value = gpu.*member)
                lines.push_back({"{" + labelsOf(gpu) + "}", static_cast<double>(*value) * factor});
        write(name, help, lines);
    }

    std::string take() { return std::move(m_text); }

private:
    std::string m_text;
};

constexpr double kRatio = 0.01; // of percent
constexpr double kMega = 1e6;

void writeProcesses(Writer& writer, const std::vector<GpuSample>& gpus)
{
    Lines processes, reasons;
    for (const GpuSample& gpu : gpus) {
        for (const GpuProcess& process : gpu.processes.value_or(std::vector<GpuProcess>()))
            if (process.usedBytes)
                processes.push_back({"{" + labelsOf(gpu) + "," + label("pid", std::to_string(process.pid)) +
                                         "," + label("process", process.name) + "}",
                                     static_cast<double>(*process.usedBytes)});
        for (const std::string& reason : gpu.throttleReasons)
            reasons.push_back({"{" + labelsOf(gpu) + "," + label("reason", reason) + "}", 1.0});
    }
    writer.write("gpu_process_memory_bytes", "GPU memory of a CUDA process.", processes);
    writer.write("gpu_throttled", "1 for each reason that holds the clocks back.", reasons);
}

void writeGpus(Writer& writer, const GpuReading& reading)
{
    const auto& gpus = reading.gpus;
    writer.write("gpu_driver_up", "1 when NVIDIA's driver answers.",
                 Lines{{"", reading.problem.empty() ? 1.0 : 0.0}});
    Lines up;
    for (const GpuSample& gpu : gpus)
        up.push_back({"{" + label("gpu", std::to_string(gpu.index)) + "}", gpu.problem.empty() ? 1.0 : 0.0});
    writer.write("gpu_up", "1 when the GPU answers, 0 when it is lost.", up);
    writer.write("gpu_utilisation_ratio", "Share of time in which a kernel ran.", gpus, &GpuSample::smPercent,
                 kRatio);
    writer.write("gpu_memory_utilisation_ratio", "Share of time in which GPU memory was read or written.",
                 gpus, &GpuSample::memoryPercent, kRatio);
    writer.write("gpu_memory_used_bytes", "GPU memory in use.", gpus, &GpuSample::memoryUsedBytes);
    writer.write("gpu_memory_free_bytes", "GPU memory that is free.", gpus, &GpuSample::memoryFreeBytes);
    writer.write("gpu_memory_total_bytes", "GPU memory of the card.", gpus, &GpuSample::memoryTotalBytes);
    writer.write("gpu_temperature_celsius", "Temperature of the GPU.", gpus, &GpuSample::temperatureCelsius);
    writer.write("gpu_slowdown_temperature_celsius", "Temperature at which the GPU slows down.", gpus,
                 &GpuSample::slowdownCelsius);
    writer.write("gpu_power_watts", "Power drawn by the card.", gpus, &GpuSample::powerWatts);
    writer.write("gpu_power_limit_watts", "Power that the card may draw.", gpus, &GpuSample::powerLimitWatts);
    writer.write("gpu_sm_clock_hertz", "Clock of the multiprocessors.", gpus, &GpuSample::smClockMHz, kMega);
    writer.write("gpu_memory_clock_hertz", "Clock of the GPU memory.", gpus, &GpuSample::memoryClockMHz,
                 kMega);
    writer.write("gpu_fan_ratio", "Speed of the fan, of its maximum.", gpus, &GpuSample::fanPercent, kRatio);
    writeProcesses(writer, gpus);
}

void writeHost(Writer& writer, const HostSample& host)
{
    writer.write("host_cpu_utilisation_ratio", "Share of all cores in use.", host.cpuPercent, kRatio);
    writer.write("host_cores", "Processor cores.", std::optional(host.cores));
    writer.write("host_memory_total_bytes", "Memory of the machine.", host.memoryTotalBytes);
    writer.write("host_memory_available_bytes", "Memory that programs can still get.",
                 host.memoryAvailableBytes);
    writer.write("host_load1", "Mean number of processes that run or wait, of one minute.", host.load1);
    writer.write("host_load5", "The same of five minutes.", host.load5);
    writer.write("host_load15", "The same of fifteen minutes.", host.load15);
    writer.write("workspace_disk_total_bytes", "Size of the workspace's file system.", host.diskTotalBytes);
    writer.write("workspace_disk_free_bytes", "Free space of the workspace's file system.",
                 host.diskFreeBytes);
    writer.write("process_resident_memory_bytes", "Memory of this program.", host.ownMemoryBytes);
}

} // namespace

std::string prometheusText(const Sample& sample, const DatabaseSample& database,
                           const std::vector<Warning>& warnings)
{
    Writer writer;
    writeGpus(writer, sample.gpu);
    writeHost(writer, sample.host);
    writer.write("database_up", "1 when the database answers.", Lines{{"", database.reachable ? 1.0 : 0.0}});
    writer.write("database_size_bytes", "Size of the database on its server's disk.", database.bytes);
    writer.write("database_connections", "Connections to the database.", database.connections);
    writer.write("database_connections_max", "Connections that the server takes.",
                 database.maximumConnections);
    Lines active;
    for (const Warning& warning : warnings)
        active.push_back({"{" + label("gpu", std::to_string(warning.gpu)) + "," +
                              label("kind", nameOf(warning.kind)) + "}",
                          1.0});
    writer.write("warning_active", "1 for each warning that holds.", active);
    return writer.take();
}

} // namespace voorwerp::monitor

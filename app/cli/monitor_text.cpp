// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/monitor_text.h"

#include "app/cli/text_table.h"
#include "app/pipeline/provenance.h"

namespace voorwerp::cli {

using monitor::DatabaseSample;
using monitor::GpuProcess;
using monitor::GpuSample;
using monitor::HostSample;
using monitor::Sample;
using monitor::Warning;

namespace {

constexpr const char* kIndent = "           "; // as wide as the headings

std::string timeText(monitor::Time time)
{
    return pipeline::timeText(std::chrono::system_clock::to_time_t(time));
}

template <typename Number> Json jsonOf(const std::optional<Number>& value)
{
    return value ? Json(*value) : Json(nullptr);
}

std::string mebibytes(std::int64_t bytes)
{
    return std::to_string(bytes >> 20);
}

/// Value and limit where it is known: "128 of 140 W".
std::string ofLimit(double value, const std::optional<double>& limit, const std::string& unit)
{
    return fixedNumber(value, 0) + (limit ? " of " + fixedNumber(*limit, 0) : "") + " " + unit;
}

std::string gpuText(const GpuSample& gpu)
{
    if (!gpu.problem.empty())
        return gpu.problem;
    std::vector<std::string> parts{gpu.name};
    if (gpu.smPercent)
        parts.push_back(fixedNumber(*gpu.smPercent, 0) + " % busy");
    if (gpu.memoryUsedBytes && gpu.memoryTotalBytes)
        parts.push_back("memory " + mebibytes(*gpu.memoryUsedBytes) + " of " +
                        mebibytes(*gpu.memoryTotalBytes) + " MiB");
    if (gpu.temperatureCelsius)
        parts.push_back(
            fixedNumber(*gpu.temperatureCelsius, 0) + " °C" +
            (gpu.slowdownCelsius ? " (slows down at " + fixedNumber(*gpu.slowdownCelsius, 0) + ")" : ""));
    if (gpu.powerWatts)
        parts.push_back(ofLimit(*gpu.powerWatts, gpu.powerLimitWatts, "W"));
    if (gpu.smClockMHz)
        parts.push_back("SM " + fixedNumber(*gpu.smClockMHz, 0) + " MHz");
    if (gpu.memoryClockMHz)
        parts.push_back("memory " + fixedNumber(*gpu.memoryClockMHz, 0) + " MHz");
    if (gpu.fanPercent)
        parts.push_back("fan " + fixedNumber(*gpu.fanPercent, 0) + " %");
    if (!gpu.throttleReasons.empty())
        parts.push_back("held back by " + joined(gpu.throttleReasons));
    return joined(parts);
}

std::string processText(const GpuProcess& process)
{
    return "process " + std::to_string(process.pid) + " " + process.name +
           (process.usedBytes ? ", " + mebibytes(*process.usedBytes) + " MiB" : "");
}

std::string hostText(const HostSample& host)
{
    std::vector<std::string> parts{counted(host.cores, "core")};
    if (host.cpuPercent)
        parts.push_back(fixedNumber(*host.cpuPercent, 0) + " % busy");
    if (host.load1)
        parts.push_back("load " + fixedNumber(*host.load1, 2));
    if (host.memoryTotalBytes && host.memoryAvailableBytes)
        parts.push_back("memory " + byteText(*host.memoryAvailableBytes) + " free of " +
                        byteText(*host.memoryTotalBytes));
    if (host.diskFreeBytes && host.diskTotalBytes)
        parts.push_back("disk " + byteText(*host.diskFreeBytes) + " free of " +
                        byteText(*host.diskTotalBytes));
    return joined(parts);
}

std::string databaseText(const DatabaseSample& database)
{
    if (!database.reachable)
        return "not reachable: " + database.problem;
    return joined({database.description, byteText(database.bytes.value_or(0)),
                   std::to_string(database.connections.value_or(0)) + " of " +
                       counted(database.maximumConnections.value_or(0), "connection")});
}

Json jsonOf(const GpuSample& gpu)
{
    Json processes = gpu.processes ? Json::array() : Json(nullptr);
    for (const GpuProcess& process : gpu.processes.value_or(std::vector<GpuProcess>()))
        processes.push_back({{"pid", process.pid},
                             {"name", process.name},
                             {"memory_bytes", jsonOf(process.usedBytes)},
                             {"own", process.own}});
    return {{"index", gpu.index},
            {"name", gpu.name},
            {"uuid", gpu.uuid},
            {"problem", gpu.problem},
            {"utilisation_percent", jsonOf(gpu.smPercent)},
            {"memory_utilisation_percent", jsonOf(gpu.memoryPercent)},
            {"memory_used_bytes", jsonOf(gpu.memoryUsedBytes)},
            {"memory_free_bytes", jsonOf(gpu.memoryFreeBytes)},
            {"memory_total_bytes", jsonOf(gpu.memoryTotalBytes)},
            {"temperature_celsius", jsonOf(gpu.temperatureCelsius)},
            {"slowdown_celsius", jsonOf(gpu.slowdownCelsius)},
            {"power_watts", jsonOf(gpu.powerWatts)},
            {"power_limit_watts", jsonOf(gpu.powerLimitWatts)},
            {"sm_clock_mhz", jsonOf(gpu.smClockMHz)},
            {"memory_clock_mhz", jsonOf(gpu.memoryClockMHz)},
            {"fan_percent", jsonOf(gpu.fanPercent)},
            {"throttle_reasons", gpu.throttleReasons},
            {"processes", std::move(processes)}};
}

Json jsonOf(const HostSample& host)
{
    return {{"cores", host.cores},
            {"cpu_percent", jsonOf(host.cpuPercent)},
            {"memory_total_bytes", jsonOf(host.memoryTotalBytes)},
            {"memory_available_bytes", jsonOf(host.memoryAvailableBytes)},
            {"load", {jsonOf(host.load1), jsonOf(host.load5), jsonOf(host.load15)}},
            {"disk_total_bytes", jsonOf(host.diskTotalBytes)},
            {"disk_free_bytes", jsonOf(host.diskFreeBytes)}};
}

Json jsonOf(const DatabaseSample& database)
{
    return {{"reachable", database.reachable},
            {"database", database.description},
            {"problem", database.problem},
            {"bytes", jsonOf(database.bytes)},
            {"connections", jsonOf(database.connections)},
            {"connections_max", jsonOf(database.maximumConnections)}};
}

} // namespace

std::string monitorText(const Sample& sample, const DatabaseSample& database,
                        const std::vector<Warning>& warnings)
{
    std::string text = "time       " + timeText(sample.host.time) + "\n";
    if (!sample.gpu.problem.empty() || sample.gpu.gpus.empty())
        text += "gpu        " + (sample.gpu.problem.empty() ? "none" : sample.gpu.problem) + "\n";
    for (const GpuSample& gpu : sample.gpu.gpus) {
        text += "gpu " + std::to_string(gpu.index) + "      " + gpuText(gpu) + "\n";
        for (const GpuProcess& process : gpu.processes.value_or(std::vector<GpuProcess>()))
            text += kIndent + processText(process) + "\n";
    }
    text += "host       " + hostText(sample.host) + "\n";
    text += "database   " + databaseText(database) + "\n";
    for (const Warning& warning : warnings)
        text += "warning    " + warning.text + " " + warning.remedy + "\n";
    return text;
}

Json monitorJson(const Sample& sample, const DatabaseSample& database, const std::vector<Warning>& warnings)
{
    Json gpus = Json::array();
    for (const GpuSample& gpu : sample.gpu.gpus)
        gpus.push_back(jsonOf(gpu));
    Json active = Json::array();
    for (const Warning& warning : warnings)
        active.push_back({{"kind", monitor::nameOf(warning.kind)},
                          {"gpu", warning.gpu},
                          {"since", timeText(warning.since)},
                          {"text", warning.text},
                          {"remedy", warning.remedy}});
    return {{"time", timeText(sample.host.time)}, {"gpu_problem", sample.gpu.problem},
            {"gpu_driver", sample.gpu.driver},    {"gpus", std::move(gpus)},
            {"host", jsonOf(sample.host)},        {"database", jsonOf(database)},
            {"warnings", std::move(active)}};
}

} // namespace voorwerp::cli

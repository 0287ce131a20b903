// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/fake_gpus.h"
#include "monitor/nvml.h"
#include "monitor/prometheus.h"

#include <catch2/catch.hpp>

#include <unistd.h>

using namespace voorwerp;
using namespace voorwerp::monitor;

namespace {

/// A metric with its two lines before it, as it must appear.
std::string metric(const std::string& name, const std::string& help, const std::string& labels,
                   const std::string& value)
{
    return "# HELP voorwerp_" + name + " " + help + "\n# TYPE voorwerp_" + name + " gauge\nvoorwerp_" + name +
           labels + " " + value + "\n";
}

} // namespace

TEST_CASE("Prometheus text has every metric with its unit, line by line")
{
    const test::FakeGpus gpus(test::kOneCard +
                              "0.name=A \"quoted\" card\\\n0.processes=self 1024\n0.throttle=4\n");
    Sample sample;
    sample.gpu = Nvml(VOORWERP_FAKE_NVML).read(Time());
    sample.host.cores = 2;
    sample.host.cpuPercent = 50.0;
    sample.host.memoryTotalBytes = 8000;
    sample.host.memoryAvailableBytes = 4000;
    sample.host.load1 = 1.25;
    sample.host.diskFreeBytes = 123456789012;
    sample.host.ownMemoryBytes = 99;
    const DatabaseSample database{true, "voorwerp", {}, 5'000'000, 3, 100};
    const std::vector<Warning> warnings = {{WarningKind::Hot, 0, {}, {}, {}}};

    const std::string card = R"(gpu="0",uuid="GPU-1f2e",name="A \"quoted\" card\\")";
    const std::string labels = "{" + card + "}";
    const std::string process =
        "{" + card + ",pid=\"" + std::to_string(::getpid()) + "\",process=\"tst_monitor\"}";
    const std::string expected =
        metric("gpu_driver_up", "1 when NVIDIA's driver answers.", "", "1") +
        metric("gpu_up", "1 when the GPU answers, 0 when it is lost.", "{gpu=\"0\"}", "1") +
        metric("gpu_utilisation_ratio", "Share of time in which a kernel ran.", labels, "0.97") +
        metric("gpu_memory_utilisation_ratio", "Share of time in which GPU memory was read or written.",
               labels, "0.4") +
        metric("gpu_memory_used_bytes", "GPU memory in use.", labels, "8589934592") +
        metric("gpu_memory_free_bytes", "GPU memory that is free.", labels, "8589934592") +
        metric("gpu_memory_total_bytes", "GPU memory of the card.", labels, "17179869184") +
        metric("gpu_temperature_celsius", "Temperature of the GPU.", labels, "71") +
        metric("gpu_slowdown_temperature_celsius", "Temperature at which the GPU slows down.", labels, "92") +
        metric("gpu_power_watts", "Power drawn by the card.", labels, "128.5") +
        metric("gpu_power_limit_watts", "Power that the card may draw.", labels, "140") +
        metric("gpu_sm_clock_hertz", "Clock of the multiprocessors.", labels, "1.56e+09") +
        metric("gpu_memory_clock_hertz", "Clock of the GPU memory.", labels, "7.001e+09") +
        metric("gpu_fan_ratio", "Speed of the fan, of its maximum.", labels, "0.62") +
        metric("gpu_process_memory_bytes", "GPU memory of a CUDA process.", process, "1024") +
        metric("gpu_throttled", "1 for each reason that holds the clocks back.",
               "{" + card + ",reason=\"power limit\"}", "1") +
        metric("host_cpu_utilisation_ratio", "Share of all cores in use.", "", "0.5") +
        metric("host_cores", "Processor cores.", "", "2") +
        metric("host_memory_total_bytes", "Memory of the machine.", "", "8000") +
        metric("host_memory_available_bytes", "Memory that programs can still get.", "", "4000") +
        metric("host_load1", "Mean number of processes that run or wait, of one minute.", "", "1.25") +
        metric("workspace_disk_free_bytes", "Free space of the workspace's file system.", "",
               "123456789012") +
        metric("process_resident_memory_bytes", "Memory of this program.", "", "99") +
        metric("database_up", "1 when the database answers.", "", "1") +
        metric("database_size_bytes", "Size of the database on its server's disk.", "", "5e+06") +
        metric("database_connections", "Connections to the database.", "", "3") +
        metric("database_connections_max", "Connections that the server takes.", "", "100") +
        metric("warning_active", "1 for each warning that holds.", "{gpu=\"0\",kind=\"hot\"}", "1");
    CHECK(prometheusText(sample, database, warnings) == expected);
}

TEST_CASE("without a driver Prometheus text says so, and has the host and the database")
{
    Sample sample;
    sample.gpu.problem = "no NVIDIA driver";
    sample.host.cores = 4;
    const std::string expected = metric("gpu_driver_up", "1 when NVIDIA's driver answers.", "", "0") +
                                 metric("host_cores", "Processor cores.", "", "4") +
                                 metric("database_up", "1 when the database answers.", "", "0");
    CHECK(prometheusText(sample, {}, {}) == expected);
}

TEST_CASE("of two cards each metric has its two lines together, and of a lost one none")
{
    const test::FakeGpus gpus("count=3\n0.temperature=40\n1.lost=15\n2.temperature=60\n");
    Sample sample;
    sample.gpu = Nvml(VOORWERP_FAKE_NVML).read(Time());
    const std::string text = prometheusText(sample, {}, {});
    CHECK(text.find(
              "voorwerp_gpu_up{gpu=\"0\"} 1\nvoorwerp_gpu_up{gpu=\"1\"} 0\nvoorwerp_gpu_up{gpu=\"2\"} 1\n") !=
          std::string::npos);
    CHECK(text.find("voorwerp_gpu_temperature_celsius{gpu=\"0\",uuid=\"\",name=\"\"} 40\n"
                    "voorwerp_gpu_temperature_celsius{gpu=\"2\",uuid=\"\",name=\"\"} 60\n") !=
          std::string::npos);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The numbers that the library with NVML's symbols (fake_nvml/) gives out.

#include "support/test_support.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace voorwerp::test {

inline const std::string kOneCard = "count=1\n"
                                    "0.name=NVIDIA RTX A4000\n"
                                    "0.uuid=GPU-1f2e\n"
                                    "0.utilization=97 40\n"
                                    "0.memory=17179869184 8589934592 8589934592\n"
                                    "0.temperature=71\n"
                                    "0.slowdown=92\n"
                                    "0.power=128500\n"
                                    "0.powerLimit=140000\n"
                                    "0.smClock=1560\n"
                                    "0.memoryClock=7001\n"
                                    "0.fan=62\n"
                                    "0.throttle=37\n"
                                    "0.processes=4194305 1048576 self 6442450944\n";

/// The file in force while the object lives. A process has one at a time.
class FakeGpus
{
public:
    explicit FakeGpus(const std::string& text)
    {
        set(text);
        ::setenv("FAKE_NVML_FILE", file().c_str(), 1);
    }
    ~FakeGpus() { ::unsetenv("FAKE_NVML_FILE"); }
    FakeGpus(const FakeGpus&) = delete;
    FakeGpus& operator=(const FakeGpus&) = delete;

    /// Later lines win over earlier ones. Appears at once: another thread may read.
    void set(const std::string& text) const
    {
        const std::string next = file() + ".next";
        std::ofstream(next) << text;
        std::filesystem::rename(next, file());
    }
    std::string file() const { return (m_folder / "gpus").string(); }

private:
    TemporaryFolder m_folder;
};

} // namespace voorwerp::test

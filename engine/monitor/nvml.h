// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// NVIDIA's management library, loaded at run time where it is there. Reads, never sets.

#include "monitor/gpu_sample.h"

#include <memory>
#include <string>

namespace voorwerp::monitor {

/// The GPUs of this machine. Without a driver every reading says so; a driver that goes away (a GPU lost, the
/// driver replaced) is looked for again after some readings. One thread.
class Nvml
{
public:
    /// library: as dlopen() takes it. Nothing is loaded before the first reading.
    explicit Nvml(std::string library = "libnvidia-ml.so.1");
    ~Nvml();
    Nvml(const Nvml&) = delete;
    Nvml& operator=(const Nvml&) = delete;

    GpuReading read(Time now);

private:
    class Session;
    void open();

    std::string m_library;
    std::string m_problem;
    std::unique_ptr<Session> m_session;
    int m_pause = 0;     ///< readings until the library is tried again
    int m_lostReads = 0; ///< readings in which a GPU was lost
};

} // namespace voorwerp::monitor

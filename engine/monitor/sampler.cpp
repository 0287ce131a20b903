// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/sampler.h"

#include "monitor/nvml.h"

namespace voorwerp::monitor {

Sampler::Sampler(Options options, Sink sink)
    : m_options(std::move(options))
    , m_sink(std::move(sink))
{
}

Sampler::~Sampler() = default;

void Sampler::start()
{
    {
        const std::lock_guard lock(m_mutex);
        m_running = true;
        ++m_starts;
        m_step.reset();
    }
    if (!m_thread.joinable())
        m_thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
    m_changed.notify_all();
}

void Sampler::pause()
{
    const std::lock_guard lock(m_mutex);
    m_running = false;
    m_step.reset();
}

void Sampler::setStep(TrainingStep step)
{
    const std::lock_guard lock(m_mutex);
    m_step = step;
}

void Sampler::run(const std::stop_token& stop)
{
    Nvml nvml(m_options.library);
    HostProbe host(m_options.folder);
    std::unique_lock lock(m_mutex);
    while (m_changed.wait(lock, stop, [this] { return m_running; }) && !stop.stop_requested()) {
        const int starts = m_starts;
        const std::optional<TrainingStep> step = m_step; // that of the moment in which the cards are asked
        lock.unlock();
        const Time now = std::chrono::system_clock::now();
        m_sink({nvml.read(now), host.read(now), step});
        lock.lock();
        m_changed.wait_for(lock, stop, m_options.interval, [&] { return m_starts != starts; });
    }
}

} // namespace voorwerp::monitor

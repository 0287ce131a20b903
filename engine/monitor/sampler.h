// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Takes a sample a second on a thread of its own while it is told to.

#include "monitor/sample_log.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace voorwerp::monitor {

/// Any thread may call its functions; none of them waits for a driver that does not answer, except the
/// destructor.
class Sampler
{
public:
    struct Options
    {
        std::string library = "libnvidia-ml.so.1";
        std::filesystem::path folder; ///< whose file system is watched
        std::chrono::milliseconds interval{1000};
    };
    using Sink = std::function<void(Sample)>;

    /// sink is called on the sampler's thread, which starts with the first start().
    Sampler(Options options, Sink sink);
    ~Sampler();

    /// The first sample comes at once. No step is known until setStep().
    void start();
    void pause();
    /// What the training does now. To be called after each step: costs a lock.
    void setStep(TrainingStep step);

private:
    void run(const std::stop_token& stop);

    Options m_options;
    Sink m_sink;
    std::mutex m_mutex; ///< of the next four
    bool m_running = false;
    int m_starts = 0;
    std::optional<TrainingStep> m_step;
    std::condition_variable_any m_changed;
    std::jthread m_thread; ///< the last: it uses the others
};

} // namespace voorwerp::monitor

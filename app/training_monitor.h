// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the machine does while a training runs: a sample a second with the step that it belongs to, the last
// ten minutes of them, and the warnings in force. GUI thread, except onStep(). No function waits for a driver
// that does not answer, except the destructor.

#include "monitor/sampler.h"
#include "monitor/warnings.h"

#include <QObject>

#include <atomic>
#include <filesystem>

namespace voorwerp::app {

class TrainingMonitor : public QObject
{
    Q_OBJECT

public:
    /// folder: the workspace. Nothing is asked and no thread runs before the first training.
    explicit TrainingMonitor(const std::filesystem::path& folder, QObject* parent = nullptr);

    /// Any thread. What pipeline::TrainObserver::onStep is told: the first step begins the sampling, nullopt
    /// ends it.
    void onStep(const std::optional<monitor::TrainingStep>& step);

    bool isRunning() const { return m_running; }
    /// Kept when the training ends, until the next one begins.
    const monitor::SampleLog& log() const { return m_log; }
    /// None when no training runs.
    const std::vector<monitor::Warning>& warnings() const { return m_warnings.active(); }

    // What the samples do, called when they arrive; tests call it with samples of their own.
    void begin();
    void take(monitor::Sample sample); ///< ignored when no training runs: it came late
    void end();

signals:
    void changed(); ///< a sample, the beginning, the end

private:
    std::atomic<bool> m_sampling = false; ///< between the first step and the last
    bool m_running = false;               ///< the same as the GUI thread has heard
    monitor::SampleLog m_log;
    monitor::Warnings m_warnings;
    monitor::Sampler m_sampler; ///< the last: its thread ends before the others go
};

} // namespace voorwerp::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/training_monitor.h"

namespace voorwerp::app {

namespace {

monitor::Sampler::Options optionsFor(const std::filesystem::path& folder)
{
    monitor::Sampler::Options options;
    options.folder = folder;
    return options;
}

} // namespace

TrainingMonitor::TrainingMonitor(const std::filesystem::path& folder, QObject* parent)
    : QObject(parent)
    , m_sampler(optionsFor(folder), [this](monitor::Sample sample) {
        QMetaObject::invokeMethod(
            this, [this, sample = std::move(sample)]() mutable { take(std::move(sample)); },
            Qt::QueuedConnection);
    })
{
}

void TrainingMonitor::onStep(const std::optional<monitor::TrainingStep>& step)
{
    const bool sampled = m_sampling.exchange(step.has_value());
    if (step && !sampled) {
        QMetaObject::invokeMethod(this, &TrainingMonitor::begin, Qt::QueuedConnection);
        m_sampler.start();
    }
    if (step) {
        m_sampler.setStep(*step);
    } else {
        m_sampler.pause();
        QMetaObject::invokeMethod(this, &TrainingMonitor::end, Qt::QueuedConnection);
    }
}

void TrainingMonitor::begin()
{
    m_running = true;
    m_log.clear();
    m_warnings = {};
    emit changed();
}

void TrainingMonitor::take(monitor::Sample sample)
{
    if (!m_running)
        return;
    m_warnings.feed(sample.gpu, sample.step.has_value());
    m_log.add(std::move(sample));
    emit changed();
}

void TrainingMonitor::end()
{
    m_running = false;
    m_warnings = {};
    emit changed();
}

} // namespace voorwerp::app

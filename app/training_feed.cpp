// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/training_feed.h"

#include <chrono>
#include <utility>

namespace voorwerp::app {

namespace {
constexpr std::chrono::milliseconds kThrottle{100}; // a tiny model has hundreds of epochs a second
}

TrainingFeed::TrainingFeed(QObject* parent)
    : QObject(parent)
{
    m_throttle.setSingleShot(true);
    m_throttle.setInterval(kThrottle);
    connect(&m_throttle, &QTimer::timeout, this, &TrainingFeed::takePending);
}

std::function<void(const train::EpochReport&, const train::Preview&)> TrainingFeed::observer()
{
    return [this](const train::EpochReport& report, const train::Preview& preview) {
        auto shared = std::make_shared<const train::Preview>(preview);
        const std::lock_guard lock(m_mutex);
        const bool first = m_pending.empty();
        m_pending.push_back(report);
        m_pendingPreview = std::move(shared);
        if (first)
            QMetaObject::invokeMethod(&m_throttle, qOverload<>(&QTimer::start), Qt::QueuedConnection);
    };
}

void TrainingFeed::clear()
{
    {
        const std::lock_guard lock(m_mutex);
        m_pending.clear();
        m_pendingPreview.reset();
    }
    m_history.clear();
    m_preview.reset();
    emit cleared();
}

void TrainingFeed::takePending()
{
    m_throttle.stop();
    std::vector<train::EpochReport> reports;
    {
        const std::lock_guard lock(m_mutex);
        if (m_pending.empty())
            return;
        reports.swap(m_pending);
        m_preview = std::exchange(m_pendingPreview, nullptr);
    }
    for (const train::EpochReport& report : reports)
        take(report);
    emit epochDone();
}

void TrainingFeed::take(const train::EpochReport& report)
{
    // A resumed training may repeat the epochs after its checkpoint.
    while (!m_history.empty() && m_history.back().epoch >= report.epoch)
        m_history.pop_back();
    m_history.push_back(report);
}

} // namespace voorwerp::app

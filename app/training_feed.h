// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The live news of the training under way: one epoch after the other, with reconstructions. Kept here, so
// that the Train page can be left and come back to. GUI thread; observer() may be called from any thread.

#include "app/pipeline/train_job.h"
#include "core/wavelength_grid.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace voorwerp::app {

class TrainingFeed : public QObject
{
    Q_OBJECT

public:
    explicit TrainingFeed(QObject* parent = nullptr);

    /// What pipeline::TrainObserver::onEpoch is; the feed must outlive the job.
    std::function<void(const train::EpochReport&, const train::Preview&)> observer();

    const std::vector<train::EpochReport>& history() const { return m_history; }
    std::shared_ptr<const train::Preview> preview() const { return m_preview; }
    /// Rest-frame wavelengths of the preview's pixels, when they are known.
    const std::optional<core::LogGrid>& grid() const { return m_grid; }
    void setGrid(const std::optional<core::LogGrid>& grid) { m_grid = grid; }
    void clear();
    /// What the throttle still holds back goes out now: the training has ended.
    void takePending();

signals:
    void epochDone(); ///< history and preview have news; at most ten times a second
    void cleared();

private:
    void take(const train::EpochReport& report);

    std::mutex m_mutex; ///< of the two pending members, which the training thread fills
    std::vector<train::EpochReport> m_pending;
    std::shared_ptr<const train::Preview> m_pendingPreview;
    QTimer m_throttle;
    std::vector<train::EpochReport> m_history;
    std::shared_ptr<const train::Preview> m_preview;
    std::optional<core::LogGrid> m_grid;
};

} // namespace voorwerp::app

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The last minutes of readings, each with the training step that ran when it was taken.

#include "monitor/host_sample.h"

#include <cstddef>
#include <deque>

namespace voorwerp::monitor {

/// Where a training is, as it reports itself.
struct TrainingStep
{
    std::size_t done = 0;  ///< steps or spectra, see unit
    std::size_t total = 0; ///< planned; 0: not known yet
    std::string unit = "steps";
    std::string detail; ///< "epoch 12/40"; empty before the first step
    std::string device; ///< what computes: "cpu", "cuda:0"
};

struct Sample
{
    GpuReading gpu;
    HostSample host;
    std::optional<TrainingStep> step; ///< nullopt: before the first step, or no training
};

/// Forgets the oldest. A value; one thread at a time.
class SampleLog
{
public:
    explicit SampleLog(std::size_t capacity = 600) ///< ten minutes at one a second
        : m_capacity(capacity)
    {
    }
    void add(Sample sample)
    {
        m_samples.push_back(std::move(sample));
        if (m_samples.size() > m_capacity)
            m_samples.pop_front();
    }
    void clear() { m_samples.clear(); }
    /// Oldest first.
    const std::deque<Sample>& samples() const { return m_samples; }

private:
    std::size_t m_capacity;
    std::deque<Sample> m_samples;
};

} // namespace voorwerp::monitor

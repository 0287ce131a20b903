// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/fake_gpus.h"
#include "monitor/sampler.h"

#include <catch2/catch.hpp>

using namespace voorwerp;
using namespace voorwerp::monitor;
using namespace std::chrono_literals;

namespace {

/// What a sampler gave, to be waited for.
class Inbox
{
public:
    Sampler::Sink sink()
    {
        return [this](Sample sample) {
            const std::lock_guard lock(m_mutex);
            m_samples.push_back(std::move(sample));
            m_arrived.notify_all();
        };
    }
    /// The first sample after the one that was waited for before that is as wanted; waits for it.
    template <typename Wanted> Sample waitFor(Wanted wanted)
    {
        std::unique_lock lock(m_mutex);
        while (true) {
            REQUIRE(m_arrived.wait_for(lock, 60s, [&] { return m_samples.size() > m_next; }));
            if (wanted(m_samples[m_next++]))
                return m_samples[m_next - 1];
        }
    }
    std::size_t size()
    {
        const std::lock_guard lock(m_mutex);
        return m_samples.size();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_arrived;
    std::vector<Sample> m_samples;
    std::size_t m_next = 0;
};

Sampler::Options fastOptions()
{
    return {VOORWERP_FAKE_NVML, "/", 5ms};
}

} // namespace

TEST_CASE("each sample has the training step that ran when it was taken")
{
    const test::FakeGpus gpus(test::kOneCard);
    Inbox inbox;
    Sampler sampler(fastOptions(), inbox.sink());
    sampler.start();
    sampler.setStep({120, 400});
    const Sample sample = inbox.waitFor([](const Sample& s) { return s.step && s.step->done == 120; });
    CHECK(sample.step->total == 400);
    CHECK(sample.gpu.gpus.at(0).smPercent == 97.0);
    CHECK(sample.host.cores >= 1);
    CHECK(sample.gpu.time == sample.host.time);
    sampler.setStep({121, 400});
    inbox.waitFor([](const Sample& s) { return s.step && s.step->done == 121; });
}

TEST_CASE("a sampler takes nothing before its start, stops when paused and forgets the step")
{
    Inbox inbox;
    Sampler sampler(fastOptions(), inbox.sink());
    sampler.setStep({1, 2});
    CHECK(inbox.size() == 0);
    sampler.start();
    CHECK_FALSE(inbox.waitFor([](const Sample&) { return true; }).step.has_value());
    sampler.setStep({5, 9});
    inbox.waitFor([](const Sample& s) { return s.step.has_value(); });
    sampler.pause();
    sampler.start();
    inbox.waitFor([](const Sample& s) { return !s.step.has_value(); });
}

TEST_CASE("a sampler that samples once an hour ends at once")
{
    Inbox inbox;
    {
        Sampler sampler({VOORWERP_FAKE_NVML, "/", 1h}, inbox.sink());
        sampler.start();
        inbox.waitFor([](const Sample&) { return true; });
        sampler.pause();
        sampler.start(); // the next sample is not an hour away
        inbox.waitFor([](const Sample&) { return true; });
    }
    CHECK(inbox.size() >= 2);
}

TEST_CASE("the log keeps the newest samples in order")
{
    SampleLog log(3);
    for (std::size_t i = 1; i <= 5; ++i) {
        Sample sample;
        sample.step = TrainingStep{i, 5};
        log.add(sample);
    }
    REQUIRE(log.samples().size() == 3);
    CHECK(log.samples().front().step->done == 3);
    CHECK(log.samples().back().step->done == 5);
    log.clear();
    CHECK(log.samples().empty());
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/warnings.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::monitor {

namespace {

using std::chrono::seconds;

constexpr seconds kLongestPause{60};
constexpr double kHotCelsius = 85.0;         ///< where the card names no slowdown threshold
constexpr double kHotMarginCelsius = 5.0;    ///< below the slowdown threshold
constexpr double kCooledMarginCelsius = 3.0; ///< below where the warning begins

std::string rounded(double value)
{
    return std::to_string(std::lround(value));
}

double hotLimit(const GpuSample& gpu)
{
    return gpu.slowdownCelsius ? *gpu.slowdownCelsius - kHotMarginCelsius : kHotCelsius;
}

/// NaN: not known.
double freePercent(const GpuSample& gpu)
{
    if (!gpu.memoryFreeBytes || gpu.memoryTotalBytes.value_or(0) <= 0)
        return std::nan("");
    return 100.0 * static_cast<double>(*gpu.memoryFreeBytes) / static_cast<double>(*gpu.memoryTotalBytes);
}

std::string textOf(WarningKind kind, const GpuSample& gpu)
{
    const std::string card = "GPU " + std::to_string(gpu.index);
    switch (kind) {
    case WarningKind::Saturated:
        return card + " has been more than 95 % busy for 15 minutes: it has nothing left for anybody else.";
    case WarningKind::MemoryLow:
        return card + " has " + rounded(freePercent(gpu)) + " % of its memory free (" +
               std::to_string(gpu.memoryFreeBytes.value_or(0) >> 20) +
               " MiB): what asks for more next may fail.";
    case WarningKind::Idle:
        return card + " has been less than 20 % busy for 2 minutes while training: it waits for its data.";
    case WarningKind::Hot:
        break;
    }
    return card + " is at " + rounded(gpu.temperatureCelsius.value_or(0.0)) + " °C" +
           (gpu.slowdownCelsius ? ", and slows down at " + rounded(*gpu.slowdownCelsius) + " °C."
                                : ", hotter than 85 °C.");
}

std::string remedyOf(WarningKind kind)
{
    switch (kind) {
    case WarningKind::Saturated:
        return "A training at full speed does this; on a shared card, agree with those who wait.";
    case WarningKind::MemoryLow:
        return "Close what else uses the card, or train with a smaller batch.";
    case WarningKind::Idle:
        return "Try a larger batch, or see whether the disk or the processor is the bottleneck.";
    case WarningKind::Hot:
        break;
    }
    return "Check the fans and the air of the case, or let fewer jobs run on the card.";
}

/// What a new set of watches looks like: how long each must last, and be away.
LastingCondition::Rule ruleOf(WarningKind kind)
{
    switch (kind) {
    case WarningKind::Saturated:
        return {seconds(15 * 60), seconds(30)};
    case WarningKind::MemoryLow:
        return {seconds(3), seconds(10)};
    case WarningKind::Idle:
        return {seconds(2 * 60), seconds(5)};
    case WarningKind::Hot:
        break;
    }
    return {seconds(5), seconds(10)};
}

constexpr WarningKind kKinds[] = {WarningKind::Saturated, WarningKind::MemoryLow, WarningKind::Idle,
                                  WarningKind::Hot};

} // namespace

std::string nameOf(WarningKind kind)
{
    switch (kind) {
    case WarningKind::Saturated:
        return "saturated";
    case WarningKind::MemoryLow:
        return "memory_low";
    case WarningKind::Idle:
        return "idle";
    case WarningKind::Hot:
        break;
    }
    return "hot";
}

void LastingCondition::reset()
{
    m_active = false;
    m_since.reset();
    m_clearedAt.reset();
}

void LastingCondition::feed(Time now, bool raised, bool cleared)
{
    if (!m_active) {
        if (cleared)
            m_since.reset();
        else if (raised && !m_since)
            m_since = now;
        m_active = raised && now - *m_since >= m_rule.hold;
        return;
    }
    if (!cleared)
        m_clearedAt.reset();
    else if (!m_clearedAt)
        m_clearedAt = now;
    if (m_clearedAt && now - *m_clearedAt >= m_rule.release)
        reset();
}

Warnings::Watches Warnings::newWatches()
{
    Watches watches;
    for (const WarningKind kind : kKinds)
        watches.emplace(kind, LastingCondition(ruleOf(kind)));
    return watches;
}

/// A value that is not known clears its warning.
void Warnings::feedGpu(Watches& watches, const GpuSample& gpu, Time now, bool training)
{
    const auto feed = [&](WarningKind kind, bool raised, bool cleared) {
        watches.at(kind).feed(now, raised, cleared);
    };
    const double use = gpu.smPercent.value_or(0.0);
    feed(WarningKind::Saturated, use > 95.0, use < 90.0);
    const double free = freePercent(gpu);
    feed(WarningKind::MemoryLow, free < 10.0, !(free <= 12.0));
    if (training && gpu.smPercent && gpu.isUsedByUs())
        feed(WarningKind::Idle, use<20.0, use> 25.0);
    else
        watches.at(WarningKind::Idle).reset();
    const double celsius = gpu.temperatureCelsius.value_or(0.0);
    feed(WarningKind::Hot, celsius >= hotLimit(gpu), celsius < hotLimit(gpu) - kCooledMarginCelsius);
}

std::vector<WarningChange> Warnings::feed(const GpuReading& reading, bool training)
{
    if (m_before && (reading.time < *m_before || reading.time - *m_before > kLongestPause))
        m_gpus.clear();
    m_before = reading.time;
    std::map<unsigned, Watches> known;
    std::vector<Warning> now;
    for (const GpuSample& gpu : reading.gpus) {
        if (!gpu.problem.empty())
            continue;
        const auto before = m_gpus.find(gpu.index);
        Watches& watches =
            known.emplace(gpu.index, before == m_gpus.end() ? newWatches() : before->second).first->second;
        feedGpu(watches, gpu, reading.time, training);
        for (const auto& [kind, watch] : watches)
            if (watch.isActive())
                now.push_back({kind, gpu.index, watch.since(), textOf(kind, gpu), remedyOf(kind)});
    }
    m_gpus = std::move(known); // of a GPU that is gone nothing is said
    std::vector<WarningChange> changes;
    const auto addMissing = [&](const std::vector<Warning>& from, const std::vector<Warning>& in,
                                bool began) {
        for (const Warning& warning : from)
            if (std::none_of(in.begin(), in.end(), [&](const Warning& other) {
                    return other.kind == warning.kind && other.gpu == warning.gpu;
                }))
                changes.push_back({warning, began});
    };
    addMissing(now, m_active, true);
    addMissing(m_active, now, false);
    m_active = std::move(now);
    return changes;
}

} // namespace voorwerp::monitor

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which warnings about the GPUs begin and end. No clock inside: time is that of the readings.
//
//   Saturated  SM utilisation > 95 % for 15 minutes        ends at < 90 % for 30 seconds
//   MemoryLow  free memory < 10 % for 3 seconds            ends at > 12 % for 10 seconds
//   Idle       utilisation < 20 % for 2 minutes on a GPU   ends at > 25 % for 5 seconds, or with the training
//              that this program trains on
//   Hot        temperature ≥ slowdown threshold − 5 °C      ends 3 °C below that for 10 seconds
//              (85 °C where the card names none) for 5 s
// Between the two limits neither begins nor ends. A pause of more than a minute in the readings, and a clock
// that is set back, begin the count anew.

#include "monitor/gpu_sample.h"

#include <map>
#include <string>
#include <vector>

namespace voorwerp::monitor {

enum class WarningKind { Saturated, MemoryLow, Idle, Hot };

struct Warning
{
    WarningKind kind = WarningKind::Saturated;
    unsigned gpu = 0;   ///< index
    Time since{};       ///< when the condition began, not when it had lasted long enough
    std::string text;   ///< what it means, one sentence
    std::string remedy; ///< what to do, one sentence
};

/// "saturated", "memory_low", "idle", "hot".
std::string nameOf(WarningKind kind);

struct WarningChange
{
    Warning warning;
    bool began = true; ///< false: it ended
};

/// A condition that must last before it counts, and must be away for some time before it is over.
class LastingCondition
{
public:
    struct Rule
    {
        std::chrono::seconds hold{0}, release{0};
    };
    explicit LastingCondition(Rule rule)
        : m_rule(rule)
    {
    }
    /// raised: beyond the limit; cleared: back beyond the other one; both false: between them.
    void feed(Time now, bool raised, bool cleared);
    bool isActive() const { return m_active; }
    Time since() const { return m_since.value_or(Time()); }
    void reset();

private:
    Rule m_rule;
    bool m_active = false;
    std::optional<Time> m_since;     ///< raised since
    std::optional<Time> m_clearedAt; ///< cleared since, while active
};

class Warnings
{
public:
    /// training: this program trains now. Feed in the order of time.
    std::vector<WarningChange> feed(const GpuReading& reading, bool training);
    /// By GPU, then in the order of WarningKind.
    const std::vector<Warning>& active() const { return m_active; }

private:
    using Watches = std::map<WarningKind, LastingCondition>;
    static Watches newWatches();
    static void feedGpu(Watches& watches, const GpuSample& gpu, Time now, bool training);

    std::map<unsigned, Watches> m_gpus; ///< by index
    std::optional<Time> m_before;
    std::vector<Warning> m_active;
};

} // namespace voorwerp::monitor

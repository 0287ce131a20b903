// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Readings in Prometheus' text exposition format 0.0.4: metric names with units, values in base units.

#include "monitor/sample_log.h"
#include "monitor/warnings.h"

namespace voorwerp::monitor {

/// The database, as whoever knows it says. nullopt: not known.
struct DatabaseSample
{
    bool reachable = false;
    std::string description; ///< never with a password
    std::string problem;     ///< why it is not reachable
    std::optional<std::int64_t> bytes;
    std::optional<int> connections, maximumConnections;
};

/// A value that is not known has no line; a metric without a value has no HELP and TYPE.
std::string prometheusText(const Sample& sample, const DatabaseSample& database,
                           const std::vector<Warning>& warnings);

} // namespace voorwerp::monitor

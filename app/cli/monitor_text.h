// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What `monitor` found, as lines for people and as JSON for programs.

#include "app/cli/runtime.h"
#include "monitor/prometheus.h"

namespace voorwerp::cli {

std::string monitorText(const monitor::Sample& sample, const monitor::DatabaseSample& database,
                        const std::vector<monitor::Warning>& warnings);
/// Values that are not known are null.
Json monitorJson(const monitor::Sample& sample, const monitor::DatabaseSample& database,
                 const std::vector<monitor::Warning>& warnings);

} // namespace voorwerp::cli

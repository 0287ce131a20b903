// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The first start: a mock survey is written, ingested, a VAE trained, everything scored.

#include "app/pipeline/train_job.h"
#include "core/job_context.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace voorwerp::pipeline {

class Session;

/// What the demo makes.
inline constexpr const char* kDemoSelection = "quasars";
inline constexpr const char* kDemoDataset = "demo";
inline constexpr const char* kDemoModel = "vae-demo";

struct DemoRequest
{
    std::size_t targets = 1500;
    std::uint64_t seed = 1;
    std::string device = "auto";
    train::TrainConfig config; ///< its defaults are what the Train page proposes
};

struct DemoReport
{
    std::string model; ///< NAME@VERSION
    std::int64_t scored = 0;
    double seconds = 0.0;
};

/// Each step is skipped when its result is there: an interrupted demo goes on.
DemoReport runDemo(const Session& session, const DemoRequest& request, const TrainObserver& observer,
                   core::JobContext& context);

} // namespace voorwerp::pipeline

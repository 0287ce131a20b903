// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A workspace as the demo leaves it, only smaller: written, ingested, trained on and scored.

#include "app/pipeline/demo_job.h"
#include "app/pipeline/session.h"
#include "core/job_context.h"

#include <filesystem>
#include <memory>

namespace voorwerp::test {

inline constexpr int kDemoTargets = 150;

inline pipeline::DemoRequest smallDemo()
{
    pipeline::DemoRequest request;
    request.targets = kDemoTargets;
    request.device = "cpu";
    request.config.hidden = {16};
    request.config.latent = 3;
    request.config.epochs = 3;
    return request;
}

/// Closed again when the result goes.
inline std::shared_ptr<pipeline::Session> makeSmallDemo(const std::filesystem::path& workspace)
{
    core::JobContext quiet;
    auto session = pipeline::Session::open({workspace, {}}, quiet);
    pipeline::runDemo(*session, smallDemo(), {}, quiet);
    return session;
}

} // namespace voorwerp::test

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Imports and matches of foreign catalogues as requests for the JobRunner.

#include "app/jobs/workbench_jobs.h"
#include "app/pipeline/match_job.h"

#include <optional>

namespace voorwerp::app {

/// Imports the file first where there is one, then matches. details: "catalogue", "statistics" (text of
/// JSON), "problems" (as of an import).
JobRequest matchJob(const SessionPointer& session, const std::optional<pipeline::CatalogueRequest>& import,
                    const catalog::MatchRequest& match);

} // namespace voorwerp::app

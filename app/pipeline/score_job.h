// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A model version scores a selection: latents, component scores, fused rank, p and q, suggested kind, all
// stored.

#include "core/job_context.h"

#include <cstdint>
#include <map>
#include <string>

namespace voorwerp::pipeline {

class Session;

struct ScoreRequest
{
    std::string model;     ///< NAME, NAME@VERSION or NAME@ALIAS; NAME alone is its newest version
    std::string selection; ///< a saved selection; empty: everything that can be scored
    std::string device = "auto";
    std::string precision = "fp32"; ///< of the network's products; or "tf32", as nn::Precision says
};

struct ScoreReport
{
    std::string model; ///< NAME@VERSION
    std::string modelSha256;
    std::string device, precision; ///< that it was scored on and in
    std::int64_t scored = 0;
    std::map<std::string, std::int64_t> rejected; ///< reason → spectra not scored
    double seconds = 0.0;
    double spectraPerSecond = 0.0;
};

/// Replaces earlier scores of the same model version in one transaction.
/// Throws UserError (also for "bf16", which is too coarse for bright spectra), FormatError (model file
/// differs from its recorded hash), DatabaseError, Cancelled.
ScoreReport scoreSelection(const Session& session, const ScoreRequest& request, core::JobContext& context);

} // namespace voorwerp::pipeline

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From component scores of a sample to one rank: each component becomes a percentile among the spectra of
// nearest S/N and z, the percentiles are fused, and the fused score gets a p-value from an empirical null and
// a q-value.

#include "core/job_context.h"
#include "score/component_scores.h"

#include <cstddef>
#include <span>
#include <vector>

namespace voorwerp::score {

struct FusionOptions
{
    std::size_t neighbours = 1000; ///< at most; a tenth of the sample when that is less (50 at least)
    /// Weights of the components in the mean; 0 = not used. Tuned with bench_recovery, see README.md.
    double weightChi2 = 0.0;
    double weightRobust = 0.5;
    double weightSmoothed = 1.0;
    double weightDensity = 1.0;
    double weightKl = 0.5;
    double artefactPenalty = 1.0; ///< the fused score is multiplied by 1 − penalty·artefact
    int threads = 0;              ///< that compare spectra; 0 = as many as the machine has
};

struct FusedScores
{
    std::vector<float> score;   ///< larger is stranger; finite
    std::vector<double> pValue; ///< probability that a usual spectrum scores as high
    std::vector<double> qValue; ///< Benjamini-Hochberg: expected share of usual ones at or above this score
};

/// All spans of one length. Each spectrum is compared with its neighbours on options.threads threads; the
/// result does not depend on how many. Throws Cancelled when stopped.
FusedScores fuseScores(std::span<const ComponentScores> scores, std::span<const float> snr,
                       std::span<const float> z, const FusionOptions& options, core::JobContext& context);

/// p-values of scores under a gamma distribution fitted to the lower part of their own distribution (Efron
/// 2004's empirical null).
std::vector<double> empiricalNullPValues(std::span<const float> scores);

/// Benjamini & Hochberg 1995: q_i = min over j with p_j >= p_i of p_j·n/rank_j.
std::vector<double> benjaminiHochberg(std::span<const double> pValues);

} // namespace voorwerp::score

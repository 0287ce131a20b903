// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A mock survey with its truth, for measuring how well what was put in is found again.

#include "core/job_context.h"
#include "core/spectrum.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace voorwerp::bench {

struct Truth
{
    std::string kind;
    std::string group; ///< normal, anomaly, artefact
};

struct RecoverySample
{
    std::vector<core::TargetInfo> targets;
    std::vector<core::Spectrum> spectra;
    std::vector<Truth> truth;
};

/// Writes a mock survey into folder (unless it is there) and reads it back as any survey is read.
RecoverySample makeRecoverySample(const std::filesystem::path& folder, std::size_t targets,
                                  std::uint64_t seed, core::JobContext& context);

/// Probability that a positive scores above a negative (ties count half); NaN when there are none of either.
double auroc(std::span<const double> positives, std::span<const double> negatives);

} // namespace voorwerp::bench

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Writes a synthetic survey in DESI's own healpix layout, so that the same reader reads it: coadd-*.fits and
// redrock-*.fits per pixel, and truth.csv, which names what each target really is. How spectra are made, with
// the literature, is in README.md of this folder.

#include "core/job_context.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace voorwerp::mock {

struct MockConfig
{
    std::size_t targets = 1500;
    std::uint64_t seed = 1;
    double anomalyFraction = 0.08;  ///< of targets, shared evenly by the kinds of anomaly
    double artefactFraction = 0.04; ///< of targets, shared evenly by the kinds of artefact
    std::string specprod = "mock";
};

struct MockSummary
{
    std::int64_t files = 0; ///< coadd files; each has its redrock
    std::int64_t targets = 0;
    std::int64_t anomalies = 0;
    std::int64_t artefacts = 0;
    std::map<std::string, std::int64_t> kinds; ///< KIND of truth.csv -> number
    std::filesystem::path truth;
    double seconds = 0.0;
};

/// Writes folder/healpix/main/dark/<pixel/100>/<pixel>/{coadd,redrock}-main-dark-<pixel>.fits and
/// folder/truth.csv (TARGETID,KIND,CLASS,Z_TRUE,Z,MAG_R,SNR; CLASS is normal, anomaly or artefact; truth.csv
/// comes last). Each file appears complete or not at all; existing ones are replaced. The same configuration
/// gives the same spectra, whatever the machine's number of cores. Throws UserError (fractions, targets),
/// SystemError, Cancelled.
MockSummary writeMockSurvey(const std::filesystem::path& folder, const MockConfig& config,
                            core::JobContext& context);

} // namespace voorwerp::mock

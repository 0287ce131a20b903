// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a model version says about spectra: fused score, components, significance, suggested kind, latents.
// Pages of ranked rows come from queryTargets() with a model.

#include "catalog/database.h"
#include "core/ids.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::catalog {

/// The components that are stored, in this order; column "score_" + name.
inline constexpr std::array<const char*, 5> kScoreComponents{"chi2", "robust", "smoothed", "density", "kl"};

/// The scores of one spectrum. NaN is stored as NULL and sorts last.
struct Score
{
    core::SpectrumId id;
    float score = 0.0f; ///< fused; larger is stranger
    std::array<float, kScoreComponents.size()> components{};
    float artefact = 0.0f; ///< 0 (sky) to 1 (instrument)
    double pValue = 1.0;   ///< double: the tail below 1e-38 matters
    double qValue = 1.0;
    std::string kind; ///< suggested explanation
    std::vector<float> latent;
    std::int64_t rank = 0; ///< 1 = highest score of the model; filled when read
};

/// One scoring of a selection: provenance of its scores.
struct ScoreRun
{
    std::int64_t id = 0;
    core::ModelVersionId model;
    std::string selection;     ///< name, or empty
    std::string where;         ///< its expression at that time
    std::string configuration; ///< JSON object
    std::int64_t scored = 0;
    std::string finished; ///< ISO 8601
};

/// Replaces all scores of run.model by these, and ranks them, in one transaction. Returns the run's id.
/// Spectra that were deleted meanwhile are left out. All latents must have one length.
std::int64_t replaceScores(const Database& database, const ScoreRun& run, std::span<const Score> scores,
                           std::stop_token stop = {});
/// Newest run of a model, or nullopt when it scored nothing yet.
std::optional<ScoreRun> latestScoreRun(const Database& database, core::ModelVersionId model);
/// The newest run of each model that scored, newest first.
std::vector<ScoreRun> latestScoreRuns(const Database& database);
std::optional<Score> findScore(const Database& database, core::ModelVersionId model, core::SpectrumId id);

/// Everything a map and a histogram need, one value a spectrum in each vector, ordered by id. NaN: not known.
struct ScoreColumns
{
    std::vector<core::SpectrumId> ids;
    std::vector<core::TargetId> targetIds;
    std::vector<float> z, snr, score, artefact;
    std::array<std::vector<float>, kScoreComponents.size()> components;
    std::vector<float> pValue, qValue;
    std::vector<std::int32_t> rank;
    std::vector<std::string> kind;
    std::vector<std::string> labelClass; ///< empty: no label
    std::vector<float> latent;           ///< row-major (ids.size(), latentDimensions)
    std::size_t latentDimensions = 0;
};
ScoreColumns loadScoreColumns(const Database& database, core::ModelVersionId model,
                              const std::string& where = {}, std::stop_token stop = {});

} // namespace voorwerp::catalog

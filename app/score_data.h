// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Everything that a model version says about all spectra, ready for maps, histograms and ranked lists: one
// value a spectrum in each column, coordinates of the map, percentiles. Built once off the GUI thread, then
// immutable.

#include "catalog/score_store.h"
#include "latent/projection.h"
#include "widgets/latent_map.h"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace voorwerp::app {

/// What a subset shares with the whole, so that its map and percentiles mean the same.
struct ScoreBasis
{
    latent::PcaProjection projection;
    std::array<std::vector<float>, catalog::kScoreComponents.size()>
        sortedComponents; ///< finite values, ascending
};

struct ScoreData
{
    core::ModelVersionId model;
    catalog::ScoreColumns columns; ///< ordered by id; the latents are dropped after the projection
    std::shared_ptr<const ScoreBasis> basis;
    std::shared_ptr<const widgets::MapPoints> points;

    std::size_t size() const { return columns.ids.size(); }
    /// Row of a spectrum; nullopt when this model did not score it.
    std::optional<std::uint32_t> rowOf(core::SpectrumId id) const;
    /// Rows of those that are here, ascending. ids ascending.
    std::vector<std::uint32_t> rowsOf(const std::vector<core::SpectrumId>& ids) const;
    std::vector<core::SpectrumId> idsOf(const std::vector<std::uint32_t>& rows) const;
    /// Share of all scored spectra with a smaller value, in [0, 1]; NaN where it was not computed.
    double percentile(std::size_t component, std::uint32_t row) const;
};
using ScoreDataPointer = std::shared_ptr<const ScoreData>;

/// A number of each spectrum that can colour the map, be a histogram, or sort a list.
struct ScoreValue
{
    const char* key; ///< column of catalog::columns(), "score_chi2"
    QString name;    ///< "χ²/ν"
};
/// Score first, then components, artefact, q, z and S/N.
const std::vector<ScoreValue>& scoreValues();
/// The array that belongs to scoreValues()[index]; shares the life of data.
std::shared_ptr<const std::vector<float>> scoreArray(const ScoreDataPointer& data, int index);

/// basis null: made from these columns. Any thread.
ScoreDataPointer buildScoreData(core::ModelVersionId model, catalog::ScoreColumns columns,
                                std::shared_ptr<const ScoreBasis> basis);

} // namespace voorwerp::app

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
    catalog::ScoreColumns columns; ///< ordered by id; the latents are the most of it (1.6 M × 32: 205 MB)
    std::shared_ptr<const ScoreBasis> basis;
    std::shared_ptr<const widgets::MapPoints> points; ///< on the principal components

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

/// What can be an axis of the map. name is short; the label of the axis may say more.
struct MapAxis
{
    QString key;
    QString name;
};
/// The two principal components ("pc1", "pc2"), the latent components ("latent1", ...), then scoreValues().
std::vector<MapAxis> mapAxes(const ScoreData& data);
/// The points on two of these axes, by key; a key that data does not have stands for its principal component.
std::shared_ptr<const widgets::MapPoints> mapPoints(const ScoreDataPointer& data, const QString& xKey,
                                                    const QString& yKey);

/// basis null: made from these columns. Any thread.
ScoreDataPointer buildScoreData(core::ModelVersionId model, catalog::ScoreColumns columns,
                                std::shared_ptr<const ScoreBasis> basis);

} // namespace voorwerp::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/score_data.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>

namespace voorwerp::app {

namespace {

std::shared_ptr<const ScoreBasis> makeBasis(const catalog::ScoreColumns& columns)
{
    auto basis = std::make_shared<ScoreBasis>();
    if (columns.latentDimensions > 0)
        basis->projection = latent::fitPca(columns.latent, columns.latentDimensions);
    for (std::size_t c = 0; c < columns.components.size(); ++c) {
        std::vector<float>& sorted = basis->sortedComponents[c];
        std::copy_if(columns.components[c].begin(), columns.components[c].end(), std::back_inserter(sorted),
                     [](float value) { return std::isfinite(value); });
        std::sort(sorted.begin(), sorted.end());
    }
    return basis;
}

QString axisName(const ScoreBasis& basis, int axis)
{
    const double share = 100.0 * basis.projection.varianceShare[static_cast<std::size_t>(axis)];
    return QCoreApplication::translate("ScoreData", "latent PC %1 (%2 % of variance)")
        .arg(axis + 1)
        .arg(share, 0, 'f', 0);
}

std::shared_ptr<const widgets::MapPoints> project(const catalog::ScoreColumns& columns,
                                                  const ScoreBasis& basis)
{
    auto points = std::make_shared<widgets::MapPoints>();
    if (columns.latentDimensions == 0 || basis.projection.dimensions != columns.latentDimensions)
        return points;
    const std::vector<float> flat = basis.projection.apply(columns.latent);
    points->x.reserve(columns.ids.size());
    points->y.reserve(columns.ids.size());
    for (std::size_t row = 0; row < columns.ids.size(); ++row) {
        points->x.push_back(flat[2 * row]);
        points->y.push_back(flat[2 * row + 1]);
    }
    points->xName = axisName(basis, 0);
    points->yName = axisName(basis, 1);
    return points;
}

} // namespace

std::optional<std::uint32_t> ScoreData::rowOf(core::SpectrumId id) const
{
    const auto found = std::lower_bound(columns.ids.begin(), columns.ids.end(), id);
    if (found == columns.ids.end() || *found != id)
        return std::nullopt;
    return static_cast<std::uint32_t>(found - columns.ids.begin());
}

std::vector<std::uint32_t> ScoreData::rowsOf(const std::vector<core::SpectrumId>& ids) const
{
    std::vector<std::uint32_t> rows;
    auto from = columns.ids.begin();
    for (const core::SpectrumId id : ids) {
        from = std::lower_bound(from, columns.ids.end(), id);
        if (from == columns.ids.end())
            break;
        if (*from == id)
            rows.push_back(static_cast<std::uint32_t>(from - columns.ids.begin()));
    }
    return rows;
}

std::vector<core::SpectrumId> ScoreData::idsOf(const std::vector<std::uint32_t>& rows) const
{
    std::vector<core::SpectrumId> ids;
    ids.reserve(rows.size());
    for (const std::uint32_t row : rows)
        ids.push_back(columns.ids[row]);
    return ids;
}

double ScoreData::percentile(std::size_t component, std::uint32_t row) const
{
    const float value = columns.components[component][row];
    const std::vector<float>& sorted = basis->sortedComponents[component];
    if (!std::isfinite(value) || sorted.empty())
        return std::numeric_limits<double>::quiet_NaN();
    const auto below = std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
    return static_cast<double>(below) / static_cast<double>(sorted.size());
}

const std::vector<ScoreValue>& scoreValues()
{
    const auto tr = [](const char* text) { return QCoreApplication::translate("ScoreData", text); };
    static const std::vector<ScoreValue> values = {{"score", tr("score")},
                                                   {"score_chi2", tr("χ²/ν")},
                                                   {"score_robust", tr("robust χ²/ν")},
                                                   {"score_smoothed", tr("smoothed residual [σ]")},
                                                   {"score_density", tr("−ln p(latent)")},
                                                   {"score_kl", tr("KL [nat]")},
                                                   {"artefact", tr("artefact")},
                                                   {"q_value", tr("q-value")},
                                                   {"z", tr("z")},
                                                   {"snr", tr("S/N")}};
    return values;
}

std::shared_ptr<const std::vector<float>> scoreArray(const ScoreDataPointer& data, int index)
{
    const catalog::ScoreColumns& columns = data->columns;
    const auto share = [&](const std::vector<float>& values) {
        return std::shared_ptr<const std::vector<float>>(data, &values);
    };
    switch (index) {
    case 0:
        return share(columns.score);
    case 6:
        return share(columns.artefact);
    case 7:
        return share(columns.qValue);
    case 8:
        return share(columns.z);
    case 9:
        return share(columns.snr);
    default:
        return share(columns.components[static_cast<std::size_t>(index - 1)]);
    }
}

ScoreDataPointer buildScoreData(core::ModelVersionId model, catalog::ScoreColumns columns,
                                std::shared_ptr<const ScoreBasis> basis)
{
    auto data = std::make_shared<ScoreData>();
    data->model = model;
    data->columns = std::move(columns);
    data->basis = basis ? std::move(basis) : makeBasis(data->columns);
    data->points = project(data->columns, *data->basis);
    data->columns.latent = {};
    return data;
}

} // namespace voorwerp::app

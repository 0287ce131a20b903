// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/score_data.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace voorwerp::app {

namespace {

const QString kFirstComponent = QStringLiteral("pc1");
const QString kSecondComponent = QStringLiteral("pc2");
const QString kLatent = QStringLiteral("latent");

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
                                                   {"z", tr("redshift z")},
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

std::vector<MapAxis> mapAxes(const ScoreData& data)
{
    const auto tr = [](const char* text) { return QCoreApplication::translate("ScoreData", text); };
    std::vector<MapAxis> axes = {{kFirstComponent, tr("latent PC 1")}, {kSecondComponent, tr("latent PC 2")}};
    for (std::size_t i = 1; i <= data.columns.latentDimensions; ++i)
        axes.push_back({kLatent + QString::number(i), tr("latent z%1").arg(i)});
    for (const ScoreValue& value : scoreValues())
        axes.push_back({QString::fromLatin1(value.key), value.name});
    return axes;
}

namespace {

/// Values and label of one axis; the principal component where data does not have the key.
std::pair<std::vector<float>, QString> axisOf(const ScoreDataPointer& data, const QString& key, int component)
{
    const auto& points = *data->points;
    const std::vector<MapAxis> axes = mapAxes(*data);
    const auto axis = std::find_if(axes.begin(), axes.end(), [&](const auto& a) { return a.key == key; });
    if (key == kSecondComponent || (axis == axes.end() && component == 1))
        return {points.y, points.yName};
    if (key == kFirstComponent || axis == axes.end())
        return {points.x, points.xName};
    const std::size_t dimensions = data->columns.latentDimensions;
    const std::size_t index = static_cast<std::size_t>(axis - axes.begin()) - 2;
    if (index >= dimensions)
        return {*scoreArray(data, static_cast<int>(index - dimensions)), axis->name};
    std::vector<float> values(data->size());
    for (std::size_t row = 0; row < values.size(); ++row)
        values[row] = data->columns.latent[row * dimensions + index];
    return {std::move(values), axis->name};
}

} // namespace

std::shared_ptr<const widgets::MapPoints> mapPoints(const ScoreDataPointer& data, const QString& xKey,
                                                    const QString& yKey)
{
    if (xKey == kFirstComponent && yKey == kSecondComponent)
        return data->points;
    auto points = std::make_shared<widgets::MapPoints>();
    std::tie(points->x, points->xName) = axisOf(data, xKey, 0);
    std::tie(points->y, points->yName) = axisOf(data, yKey, 1);
    if (points->x.size() != points->y.size()) // a model without latents has no principal components
        return std::make_shared<widgets::MapPoints>();
    return points;
}

ScoreDataPointer buildScoreData(core::ModelVersionId model, catalog::ScoreColumns columns,
                                std::shared_ptr<const ScoreBasis> basis)
{
    auto data = std::make_shared<ScoreData>();
    data->model = model;
    data->columns = std::move(columns);
    data->basis = basis ? std::move(basis) : makeBasis(data->columns);
    data->points = project(data->columns, *data->basis);
    return data;
}

} // namespace voorwerp::app

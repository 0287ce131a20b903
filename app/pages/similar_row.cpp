// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/similar_row.h"

#include "app/app_context.h"
#include "catalog/spectrum_store.h"
#include "core/wavelength_grid.h"
#include "latent/neighbours.h"
#include "widgets/spectrum_thumbnail.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>

#include <cmath>

namespace voorwerp::app {

namespace {

constexpr std::size_t kSteps = 90; // of a curve

/// Mean flux in equal steps of rest wavelength [Å], weighted by inverse variance; NaN where there is none.
std::vector<float> restCurve(const core::Spectrum& spectrum, double z, double low, double high)
{
    std::vector<double> sums(kSteps), weights(kSteps);
    for (std::size_t i = 0; i < spectrum.flux.size(); ++i) {
        const double rest = core::DesiGrid::wavelength(i) / (1.0 + z);
        const double step = (rest - low) / (high - low) * static_cast<double>(kSteps);
        if (step < 0.0 || step >= static_cast<double>(kSteps))
            continue;
        sums[static_cast<std::size_t>(step)] += static_cast<double>(spectrum.ivar[i]) * spectrum.flux[i];
        weights[static_cast<std::size_t>(step)] += spectrum.ivar[i];
    }
    std::vector<float> curve(kSteps, std::nanf(""));
    for (std::size_t i = 0; i < kSteps; ++i) {
        if (weights[i] > 0.0)
            curve[i] = static_cast<float>(sums[i] / weights[i]);
    }
    return curve;
}

} // namespace

SimilarRow::SimilarRow(AppContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_query(context)
{
    setObjectName(QStringLiteral("similarRow"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 0, 8, 6);
    row->setSpacing(4);
    auto* title = new QLabel(tr("like it\nz · score"));
    title->setToolTip(tr("The nearest in the model's latent space, of the spectra on the map, drawn over the "
                         "same rest-frame range"));
    row->addWidget(title);
    for (std::size_t i = 0; i < kCount; ++i) {
        m_buttons[i] = new widgets::SpectrumThumbnail;
        m_buttons[i]->setObjectName(QStringLiteral("similar%1").arg(i));
        row->addWidget(m_buttons[i], 1);
        connect(m_buttons[i], &QAbstractButton::clicked, this,
                [this, i] { m_context.selection().setCurrent(m_ids[i]); });
    }
    hide();
    connect(&m_query, &AsyncQuery::failed, this, [this] { showLike(nullptr, std::nullopt); });
}

void SimilarRow::showLike(const ScoreDataPointer& scores, std::optional<std::uint32_t> row)
{
    if (!scores || !row || scores->columns.latentDimensions == 0 || !m_context.session()) {
        m_query.cancel();
        m_ids.clear();
        hide();
        return;
    }
    m_query.ask(
        [scores, row = *row](const pipeline::Session& session, std::stop_token stop) {
            return find(session, *scores, row, stop);
        },
        [this, scores](const std::shared_ptr<const std::vector<Like>>& likes) { fill(*scores, *likes); });
}

std::vector<SimilarRow::Like> SimilarRow::find(const pipeline::Session& session, const ScoreData& scores,
                                               std::uint32_t row, std::stop_token stop)
{
    const catalog::ScoreColumns& columns = scores.columns;
    std::vector<Like> likes;
    const double z = columns.z[row];
    const double low = core::DesiGrid::kFirstAngstrom / (1.0 + z);
    const double high = core::DesiGrid::kLastAngstrom / (1.0 + z);
    for (const auto& near :
         latent::nearestNeighbours(columns.latent, columns.latentDimensions, row, kCount, stop)) {
        const core::Spectrum spectrum = catalog::readSpectrum(session.database(), columns.ids[near.row]);
        likes.push_back({near.row, near.distance, restCurve(spectrum, columns.z[near.row], low, high)});
    }
    return likes;
}

void SimilarRow::fill(const ScoreData& scores, const std::vector<Like>& likes)
{
    const catalog::ScoreColumns& columns = scores.columns;
    const QLocale locale;
    m_ids.clear();
    for (std::size_t i = 0; i < kCount; ++i) {
        m_buttons[i]->setVisible(i < likes.size());
        if (i >= likes.size())
            continue;
        const Like& like = likes[i];
        m_ids.push_back(columns.ids[like.row]);
        const QString z = locale.toString(columns.z[like.row], 'f', 3);
        const QString score = locale.toString(columns.score[like.row], 'f', 2);
        m_buttons[i]->setCurve(like.curve);
        m_buttons[i]->setText(tr("%1 · %2").arg(z, score));
        m_buttons[i]->setToolTip(tr("TARGETID %1\nz %2, score %3, rank %4\n%5 away in latent space")
                                     .arg(columns.targetIds[like.row].value)
                                     .arg(z, score)
                                     .arg(columns.rank[like.row])
                                     .arg(locale.toString(like.distance, 'f', 2)));
        m_buttons[i]->setAccessibleName(m_buttons[i]->toolTip());
    }
    setVisible(!likes.empty());
}

} // namespace voorwerp::app

// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/scorer.h"

#include "core/error.h"
#include "core/row_threads.h"
#include "dataset/training_set.h"
#include "nn/error.h"
#include "score/artefact.h"
#include "score/observed_model.h"
#include "score/regions.h"
#include "score/suggest.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace voorwerp::score {
namespace {

constexpr double kClip = 5.0; // σ
constexpr std::size_t kMostRegions = 8;
constexpr std::size_t kConditions = 2;

/// Calls work while the backend obeys stop. What ends that way is Cancelled.
template <class Work> void stoppable(nn::Backend& backend, const std::stop_token& stop, Work work)
{
    struct Rule
    {
        nn::Backend& backend;
        ~Rule() { backend.setStop({}); }
    } rule{backend};
    backend.setStop(stop);
    try {
        work();
    } catch (const nn::Stopped&) {
        throw core::Cancelled();
    }
}

/// What the density is conditioned on.
std::array<float, kConditions> conditionOf(double z, double snr)
{
    return {static_cast<float>(std::log1p(std::max(0.0, z))),
            static_cast<float>(std::log10(std::max(0.1, snr)))};
}

/// Rows that the backend sees together, and what it makes of them.
struct EncodedRows
{
    std::size_t pixels = 0, latent = 0;
    std::vector<float> flux, weight;
    std::vector<float> mean, logVariance, model;

    void add(const dataset::RestFrameSpectrum& row)
    {
        flux.insert(flux.end(), row.flux.begin(), row.flux.end());
        weight.insert(weight.end(), row.weight.begin(), row.weight.end());
    }
    void run(nn::Backend& backend)
    {
        pixels = backend.config().pixels;
        latent = backend.config().latent;
        const std::size_t rows = flux.size() / pixels;
        mean.resize(rows * latent);
        logVariance.resize(rows * latent);
        model.resize(rows * pixels);
        if (rows == 0)
            return;
        backend.encode({rows, flux.data(), weight.data()}, mean.data(), logVariance.data());
        backend.decode(mean.data(), rows, model.data());
    }
    std::span<const float> latentOf(std::size_t row) const { return {mean.data() + row * latent, latent}; }
    std::span<const float> logVarianceOf(std::size_t row) const
    {
        return {logVariance.data() + row * latent, latent};
    }
    std::span<float> modelOf(std::size_t row) { return {model.data() + row * pixels, pixels}; }
};

/// Everything that is known about one modelled spectrum.
Explanation judge(const dataset::ObservedSpectrum& item, const dataset::Preprocessor& preprocessor,
                  const LatentDensity& density, const dataset::RestFrameSpectrum& rest, EncodedRows& encoded,
                  std::size_t index)
{
    const core::LogGrid& grid = preprocessor.recipe().grid;
    Explanation result;
    const std::span<float> model = encoded.modelOf(index);
    const double amplitude = bestAmplitude({rest.flux, rest.weight, model});
    for (float& value : model)
        value *= static_cast<float>(amplitude);
    const ModelledRow row{rest.flux, rest.weight, model};
    const std::vector<float> residual = residualSigma(row, 1.0);

    ObservedModel observed =
        putOnObservedGrid(preprocessor, *item.spectrum, item.z, item.ebv, rest.normalisation, model);
    const ArtefactVerdict artefact = judgeArtefact(artefactFeatures(*item.spectrum, observed, item.z));
    const std::span<const float> latent = encoded.latentOf(index);
    const auto condition = conditionOf(item.z, rest.snr);
    ComponentScores& scores = result.components;
    scores.chi2 = static_cast<float>(reducedChi2(residual, rest.weight, 0.0));
    scores.robust = static_cast<float>(reducedChi2(residual, rest.weight, kClip));
    scores.smoothed = static_cast<float>(smoothedScore(residual, rest.weight, grid.kmPerSecond()));
    scores.density = static_cast<float>(density.score(latent, condition));
    scores.kl = static_cast<float>(klDivergence(latent, encoded.logVarianceOf(index)));
    scores.artefact = artefact.score;

    result.regions = findRegions(row, residual, grid, kMostRegions);
    result.suggestion = suggestKind({row, grid, item.z, result.regions, artefact});
    result.latent.assign(latent.begin(), latent.end());
    result.model = std::move(observed.model);
    result.residual = std::move(observed.residual);
    result.amplitude = amplitude;
    result.normalisation = rest.normalisation;
    return result;
}

} // namespace

Scorer::Scorer(nn::Backend& backend, const dataset::Recipe& recipe, LatentDensity density)
    : m_backend(backend)
    , m_single(recipe)
    , m_threads(core::threadCount(backend.attributes().threads))
    , m_density(std::move(density))
{
    const nn::ModelConfig& config = backend.config();
    if (config.pixels != recipe.grid.pixels)
        throw core::UserError("The model has " + std::to_string(config.pixels) + " pixels, its recipe " +
                                  std::to_string(recipe.grid.pixels) + ".",
                              "Use the recipe that the model was trained with.");
    if (!m_density.empty() &&
        (m_density.latentSize() != config.latent || m_density.conditionSize() != kConditions))
        throw core::UserError("The latent density is not of this model.", "Train the model again.");
    if (config.scatter)
        for (const nn::NamedTensor& tensor : backend.parameters())
            if (tensor.name == "scatter.log")
                for (const float value : tensor.values)
                    m_scatterVariance.push_back(std::exp(2.0F * value));
}

/// The scatter that the model has learned counts as noise: what all quasars differ by makes none of them
/// strange.
void Scorer::addScatter(dataset::RestFrameSpectrum& row) const
{
    if (row.usable() && !m_scatterVariance.empty())
        for (std::size_t i = 0; i < row.weight.size(); ++i)
            row.weight[i] /= 1.0F + row.weight[i] * m_scatterVariance[i];
}

std::vector<SpectrumScore> Scorer::score(std::span<const dataset::ObservedSpectrum> spectra,
                                         const std::stop_token& stop)
{
    if (!m_batches)
        m_batches = dataset::makeBatchPreprocessor(m_single.recipe(), m_backend.attributes().device,
                                                   m_backend.attributes().threads);
    std::vector<SpectrumScore> results(spectra.size());
    stoppable(m_backend, stop, [&] {
        for (std::size_t first = 0; first < spectra.size(); first += kBatch) {
            const std::size_t count = std::min(kBatch, spectra.size() - first);
            scoreBatch(spectra.subspan(first, count), std::span(results).subspan(first, count), stop);
        }
    });
    return results;
}

void Scorer::scoreBatch(std::span<const dataset::ObservedSpectrum> batch, std::span<SpectrumScore> results,
                        const std::stop_token& stop)
{
    std::vector<dataset::RestFrameSpectrum> rows = m_batches->apply(batch);
    EncodedRows encoded;
    std::vector<std::size_t> usable; // of the batch, in the order of the encoded rows
    for (std::size_t i = 0; i < batch.size(); ++i) {
        results[i].rejection = rows[i].rejection;
        if (!rows[i].usable())
            continue;
        addScatter(rows[i]);
        encoded.add(rows[i]);
        usable.push_back(i);
    }
    encoded.run(m_backend);
    core::forEachRow(usable.size(), m_threads, [&](std::size_t k) {
        if (stop.stop_requested())
            throw core::Cancelled();
        const std::size_t i = usable[k];
        Explanation judged = judge(batch[i], m_single, m_density, rows[i], encoded, k);
        results[i].latent = std::move(judged.latent);
        results[i].components = judged.components;
        results[i].suggestion = std::move(judged.suggestion);
        results[i].snr = rows[i].snr;
    });
}

Explanation Scorer::explain(const dataset::ObservedSpectrum& spectrum)
{
    dataset::RestFrameSpectrum row = m_single.apply(*spectrum.spectrum, spectrum.z, spectrum.ebv);
    if (!row.usable()) {
        Explanation rejected;
        rejected.rejection = row.rejection;
        return rejected;
    }
    addScatter(row);
    EncodedRows encoded;
    encoded.add(row);
    encoded.run(m_backend);
    return judge(spectrum, m_single, m_density, row, encoded, 0);
}

LatentDensity fitLatentDensity(nn::Backend& backend, const dataset::TrainingSet& set, std::uint64_t seed,
                               core::JobContext& context)
{
    const std::vector<std::size_t> rows = set.rowsOf(dataset::Split::Train);
    const std::size_t pixels = set.pixels(), latent = backend.config().latent;
    std::vector<float> latents, conditions;
    std::vector<float> flux(Scorer::kBatch * pixels), weight(Scorer::kBatch * pixels),
        mean(Scorer::kBatch * latent), spread(Scorer::kBatch * latent);
    context.beginPhase("Latent density", "spectra", static_cast<double>(rows.size()));
    for (std::size_t first = 0; first < rows.size(); first += Scorer::kBatch) {
        context.throwIfStopped();
        const std::size_t count = std::min(Scorer::kBatch, rows.size() - first);
        set.readRows(std::span(rows).subspan(first, count), flux.data(), weight.data());
        stoppable(backend, context.stopToken(), [&] {
            backend.encode({count, flux.data(), weight.data()}, mean.data(), spread.data());
        });
        latents.insert(latents.end(), mean.begin(),
                       mean.begin() + static_cast<std::ptrdiff_t>(count * latent));
        for (std::size_t i = 0; i < count; ++i) {
            const std::span<const float> f(flux.data() + i * pixels, pixels),
                w(weight.data() + i * pixels, pixels);
            for (float value : conditionOf(set.redshifts()[rows[first + i]], dataset::medianSnr(f, w)))
                conditions.push_back(value);
        }
        context.advanceTo(static_cast<double>(first + count));
    }
    return LatentDensity::fit(latents, latent, conditions, kConditions, seed, context);
}

} // namespace voorwerp::score

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Spectra in, latents and component scores out. Thread rule: one thread at a time (the backend's rule).

#include "core/job_context.h"
#include "dataset/batch_preprocessor.h"
#include "nn/backend.h"
#include "score/component_scores.h"
#include "score/explain.h"
#include "score/latent_density.h"

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::dataset {
class TrainingSet;
}

namespace voorwerp::score {

struct SpectrumScore
{
    std::string rejection; ///< empty, or why it was not scored (all else is then empty)
    std::vector<float> latent;
    ComponentScores components;
    Suggestion suggestion;
    float snr = 0.0F; ///< RestFrameSpectrum::snr, what fusion conditions on

    bool scored() const { return rejection.empty(); }
};

class Scorer
{
public:
    /// backend must outlive the scorer; spectra are preprocessed on its device. Throws UserError when the
    /// model's pixels or latents do not belong to the recipe or the density.
    Scorer(nn::Backend& backend, const dataset::Recipe& recipe, LatentDensity density);

    /// Spectra worked on at once: fewer leave the backend waiting for its weights.
    static constexpr std::size_t kBatch = 512;

    /// Any number of spectra; results in the same order. A spectrum that cannot be scored says so in its own
    /// result. Throws Cancelled soon after stop is requested, nn::Error where the device fails.
    std::vector<SpectrumScore> score(std::span<const dataset::ObservedSpectrum> spectra,
                                     const std::stop_token& stop = {});
    Explanation explain(const dataset::ObservedSpectrum& spectrum);

private:
    void scoreBatch(std::span<const dataset::ObservedSpectrum> batch, std::span<SpectrumScore> results,
                    const std::stop_token& stop);
    void addScatter(dataset::RestFrameSpectrum& row) const;

    nn::Backend& m_backend;
    dataset::Preprocessor m_single;
    /// On the backend's device; made by the first score().
    std::unique_ptr<dataset::BatchPreprocessor> m_batches;
    std::size_t m_threads; ///< that judge rows
    LatentDensity m_density;
    std::vector<float> m_scatterVariance; ///< of each pixel, that the model has learned; empty: it has none
};

/// Density of the latents of a training set's train split under this model, for the model file.
LatentDensity fitLatentDensity(nn::Backend& backend, const dataset::TrainingSet& set, std::uint64_t seed,
                               core::JobContext& context);

} // namespace voorwerp::score

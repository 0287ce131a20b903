// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/score_job.h"

#include "app/pipeline/model_loader.h"
#include "app/pipeline/nn_errors.h"
#include "app/pipeline/provenance.h"
#include "app/pipeline/session.h"
#include "catalog/ingest_store.h"
#include "catalog/score_store.h"
#include "catalog/selection_store.h"
#include "catalog/spectrum_store.h"
#include "catalog/target_query.h"
#include "score/fusion.h"
#include "score/scorer.h"

#include <nlohmann/json.hpp>

#include <chrono>

namespace voorwerp::pipeline {

namespace {

nn::Precision precisionOf(const ScoreRequest& request)
{
    if (request.precision != "fp32" && request.precision != "tf32")
        throw core::UserError("spectra are scored in fp32 or tf32, not in '" + request.precision + "'",
                              "Use one of these; bf16 keeps too few bits to judge bright spectra.");
    return nn::precisionOf(request.precision);
}

class Scoring
{
public:
    Scoring(const Session& session, const ScoreRequest& request, core::JobContext& context)
        : m_session(session)
        , m_context(context)
        , m_model(loadModel(session, request.model, request.device, 0, precisionOf(request)))
    {
        const nn::BackendAttributes device = m_model.backend->attributes();
        m_report.device = device.device;
        m_report.precision = device.precision;
        m_context.log("scoring on " + device.device + " (" + device.description + "), in " +
                      device.precision + (device.reason.empty() ? "" : "; " + device.reason));
        if (!request.selection.empty())
            m_selection = catalog::findSelection(session.database(), request.selection);
    }

    ScoreReport run()
    {
        const auto start = std::chrono::steady_clock::now();
        scoreSpectra();
        if (m_scores.empty())
            throw core::UserError("the selection holds no spectrum that " + m_model.version.reference() +
                                      " can score" + rejectionSummary(),
                                  "Choose another selection, or a model with another recipe.");
        fuse();
        store();
        m_report.model = m_model.version.reference();
        m_report.modelSha256 = m_model.version.sha256;
        m_report.scored = static_cast<std::int64_t>(m_scores.size());
        m_report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        m_report.spectraPerSecond = static_cast<double>(m_report.scored) / m_report.seconds;
        return std::move(m_report);
    }

private:
    void scoreSpectra()
    {
        const catalog::Database& database = m_session.database();
        const std::int64_t total =
            catalog::countTargets(database, m_selection.where, {}, m_context.stopToken());
        m_context.beginPhase("Scoring", "spectra", static_cast<double>(total));
        score::Scorer scorer = withNetworkErrors(
            [&] { return score::Scorer(*m_model.backend, m_model.recipe, std::move(m_model.density)); });
        catalog::SpectrumStream stream(database, m_selection.where, score::Scorer::kBatch,
                                       m_context.stopToken());
        std::int64_t done = 0;
        for (std::vector<catalog::StoredSpectrum> batch; stream.next(batch);) {
            m_context.throwIfStopped();
            scoreBatch(scorer, batch);
            done += static_cast<std::int64_t>(batch.size());
            m_context.advanceTo(static_cast<double>(done));
        }
    }

    void scoreBatch(score::Scorer& scorer, const std::vector<catalog::StoredSpectrum>& batch)
    {
        std::vector<dataset::ObservedSpectrum> items;
        std::vector<const catalog::StoredSpectrum*> usable;
        for (const catalog::StoredSpectrum& stored : batch) {
            const core::TargetInfo& info = stored.info;
            if (!info.problem.empty() || !info.redshift) {
                ++m_report.rejected[info.problem.empty() ? catalog::kNoRedshift : info.problem];
                continue;
            }
            items.push_back({&stored.spectrum, info.redshift->z, info.ebv});
            usable.push_back(&stored);
        }
        const auto results = withNetworkErrors([&] { return scorer.score(items, m_context.stopToken()); });
        for (std::size_t i = 0; i < results.size(); ++i)
            keep(*usable[i], results[i]);
    }

    void keep(const catalog::StoredSpectrum& stored, const score::SpectrumScore& result)
    {
        if (!result.scored()) {
            ++m_report.rejected[result.rejection];
            return;
        }
        const score::ComponentScores& c = result.components;
        catalog::Score row;
        row.id = stored.id;
        row.components = {c.chi2, c.robust, c.smoothed, c.density, c.kl};
        row.artefact = c.artefact;
        row.kind = result.suggestion.kind;
        row.latent = result.latent;
        m_scores.push_back(std::move(row));
        m_components.push_back(c);
        m_snr.push_back(result.snr);
        m_z.push_back(static_cast<float>(stored.info.redshift->z));
    }

    void fuse()
    {
        const score::FusedScores fused = score::fuseScores(m_components, m_snr, m_z, {}, m_context);
        for (std::size_t i = 0; i < m_scores.size(); ++i) {
            m_scores[i].score = fused.score[i];
            m_scores[i].pValue = fused.pValue[i];
            m_scores[i].qValue = fused.qValue[i];
        }
    }

    void store()
    {
        m_context.beginPhase("Storing the scores", "", 1.0);
        catalog::ScoreRun run;
        run.model = m_model.version.id;
        run.selection = m_selection.name;
        run.where = m_selection.where;
        run.configuration =
            nlohmann::json{{"recipe", m_model.recipe.name}, {"recipe_hash", m_model.recipe.hash()},
                           {"device", m_report.device},     {"precision", m_report.precision},
                           {"software", softwareVersion()}, {"rejected", m_report.rejected}}
                .dump();
        run.scored = static_cast<std::int64_t>(m_scores.size());
        catalog::replaceScores(m_session.database(), run, m_scores, m_context.stopToken());
        m_context.advanceTo(1.0);
    }

    std::string rejectionSummary() const
    {
        std::string text;
        for (const auto& [reason, count] : m_report.rejected)
            text += (text.empty() ? " (" : ", ") + std::to_string(count) + " " + reason;
        return text.empty() ? text : text + ")";
    }

    const Session& m_session;
    core::JobContext& m_context;
    LoadedModel m_model;
    catalog::Selection m_selection;
    std::vector<catalog::Score> m_scores;
    std::vector<score::ComponentScores> m_components;
    std::vector<float> m_snr;
    std::vector<float> m_z;
    ScoreReport m_report;
};

} // namespace

ScoreReport scoreSelection(const Session& session, const ScoreRequest& request, core::JobContext& context)
{
    catalog::requireRight(session.database(), catalog::Right::Score);
    return Scoring(session, request, context).run();
}

} // namespace voorwerp::pipeline

// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/candidates_job.h"

#include "app/pipeline/provenance.h"
#include "app/pipeline/session.h"
#include "catalog/model_store.h"
#include "catalog/score_store.h"
#include "catalog/selection_store.h"
#include "catalog/target_query.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <unordered_map>

namespace voorwerp::pipeline {

namespace {

constexpr std::size_t kPage = 5000;

exporting::CandidateRow candidateOf(const catalog::TargetRow& target, const catalog::ModelVersion& model)
{
    const core::TargetInfo& info = target.info;
    const core::Redshift redshift = info.redshift.value_or(core::Redshift{});
    exporting::CandidateRow row;
    row.id = target.id;
    row.targetId = info.key.targetId;
    row.survey = info.key.survey;
    row.program = info.key.program;
    row.healpix = info.key.spgrp == "healpix" ? info.key.spgrpval : -1;
    row.targetRa = info.targetRa;
    row.targetDec = info.targetDec;
    row.z = redshift.z;
    row.zwarn = redshift.zwarn;
    row.spectype = redshift.spectype;
    row.snr = info.snr;
    row.label = target.label ? target.label->labelClass : std::string();
    row.model = model.reference();
    row.modelSha256 = model.sha256;
    if (target.score) {
        const catalog::Score& score = *target.score;
        row.rank = score.rank;
        row.score = score.score;
        row.chi2 = score.components[0];
        row.robust = score.components[1];
        row.smoothed = score.components[2];
        row.density = score.components[3];
        row.kl = score.components[4];
        row.artefact = score.artefact;
        row.pValue = score.pValue;
        row.qValue = score.qValue;
        row.kind = score.kind;
    }
    return row;
}

catalog::Selection selectionOf(const catalog::Database& database, const std::string& name)
{
    return name.empty() ? catalog::Selection{} : catalog::findSelection(database, name);
}

exporting::Provenance provenanceOf(const catalog::Database& database, const catalog::ModelVersion& model,
                                   const CandidatesRequest& request)
{
    const catalog::Selection selection = selectionOf(database, request.selection);
    const auto run = catalog::latestScoreRun(database, model.id);
    const auto lineage = nlohmann::json::parse(model.lineage, nullptr, false);
    exporting::Provenance provenance;
    if (!request.ids.empty())
        provenance.query = request.words;
    else if (selection.name.empty())
        provenance.query = "all spectra scored by the model";
    else
        provenance.query = selection.name + ": " + selection.where;
    provenance.sort = request.ids.empty() ? request.sortBy + ", descending" : "as it was shown";
    if (lineage.is_object() && lineage.contains("dataset")) {
        const auto& dataset = lineage["dataset"];
        provenance.recipe = dataset.value("recipe", "") + ", SHA-256 " + dataset.value("recipe_hash", "");
        provenance.trainingSet = dataset.value("name", "") + ", SHA-256 " + dataset.value("sha256", "");
    }
    provenance.model = model.reference();
    provenance.modelSha256 = model.sha256;
    provenance.software = softwareVersion();
    provenance.time = currentTime();
    if (run)
        provenance.notes.push_back("scored " + std::to_string(run->scored) + " spectra of " +
                                   (run->where.empty() ? std::string("everything") : run->where) + " at " +
                                   run->finished);
    return provenance;
}

/// The rows of request.ids in their order; what is not scored is left out.
std::vector<exporting::CandidateRow> listThese(const catalog::Database& database,
                                               const catalog::ModelVersion& model,
                                               const std::vector<core::SpectrumId>& ids,
                                               const core::JobContext& context)
{
    std::unordered_map<core::SpectrumId, exporting::CandidateRow> found;
    for (std::size_t first = 0; first < ids.size(); first += kPage) {
        catalog::TargetPageRequest page;
        page.model = model.id;
        page.limit = std::min(kPage, ids.size() - first);
        for (std::size_t i = 0; i < page.limit; ++i)
            page.where += (i == 0 ? "id in (" : ", ") + std::to_string(ids[first + i].value);
        page.where += ")";
        for (const auto& row : catalog::queryTargets(database, page, context.stopToken()).rows)
            found.emplace(row.id, candidateOf(row, model));
    }
    std::vector<exporting::CandidateRow> rows;
    rows.reserve(ids.size());
    for (const core::SpectrumId id : ids) {
        if (const auto row = found.find(id); row != found.end())
            rows.push_back(std::move(row->second));
    }
    return rows;
}

} // namespace

std::vector<exporting::CandidateRow> listCandidates(const Session& session, const CandidatesRequest& request,
                                                    core::JobContext& context)
{
    const catalog::Database& database = session.database();
    const catalog::ModelVersion model = catalog::findModel(database, request.model);
    if (!catalog::latestScoreRun(database, model.id))
        throw core::UserError(model.reference() + " has not scored anything yet",
                              "Score a selection with it first.");
    if (!request.ids.empty())
        return listThese(database, model, request.ids, context);
    const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(request.top, 0));
    catalog::TargetPageRequest page;
    page.where = selectionOf(database, request.selection).where;
    // The stored rank has the order of the score, and of spectra with equal scores too.
    const bool byRank = request.sortBy == "score" || request.sortBy == "rank";
    page.sortColumn = byRank ? "rank" : request.sortBy;
    page.descending = !byRank;
    page.model = model.id;
    std::vector<exporting::CandidateRow> rows;
    do {
        page.limit = wanted == 0 ? kPage : std::min(kPage, wanted - rows.size());
        const catalog::TargetPage got = catalog::queryTargets(database, page, context.stopToken());
        for (const catalog::TargetRow& row : got.rows)
            rows.push_back(candidateOf(row, model));
        page.after = got.next;
    } while (page.after && (wanted == 0 || rows.size() < wanted));
    return rows;
}

CandidateExportReport exportCandidates(const Session& session, const CandidatesRequest& request,
                                       const std::string& format, const std::filesystem::path& file,
                                       core::JobContext& context)
{
    if (format != "csv" && format != "fits")
        throw core::UserError("'" + format + "' is not a format of candidate lists", "Use csv or fits.");
    const auto rows = listCandidates(session, request, context);
    const catalog::Database& database = session.database();
    const auto provenance = provenanceOf(database, catalog::findModel(database, request.model), request);
    const std::string sha256 = format == "csv"
                                   ? exporting::writeCandidatesCsv(file, rows, provenance, context)
                                   : exporting::writeCandidatesFits(file, rows, provenance, context);
    return {file, static_cast<std::int64_t>(rows.size()), sha256};
}

} // namespace voorwerp::pipeline

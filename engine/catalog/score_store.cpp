// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/score_store.h"

#include "catalog/column_table.h"
#include "catalog/copy_stream.h"
#include "catalog/listed_row.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"
#include "catalog/where_sql.h"

#include <cmath>

namespace voorwerp::catalog {

namespace {

constexpr const char* kIncoming = "voorwerp_scores";
constexpr std::size_t kStopInterval = 1024;
constexpr std::size_t kColumns = 12;

// Columns of a staged score, in the order of scoreValues().
constexpr std::array<const char*, kColumns> kScoreColumns{
    "target_id", "score",    "score_chi2", "score_robust", "score_smoothed", "score_density",
    "score_kl",  "artefact", "p_value",    "q_value",      "kind",           "latent"};

std::string latentText(const std::vector<float>& latent)
{
    return arrayText(latent);
}

std::array<std::optional<std::string>, kColumns> scoreValues(const Score& score)
{
    std::array<std::optional<std::string>, kColumns> values;
    std::size_t at = 0;
    values[at++] = numberText(score.id.value);
    values[at++] = finiteText(score.score);
    for (const float component : score.components)
        values[at++] = finiteText(component);
    values[at++] = finiteText(score.artefact);
    values[at++] = finiteText(score.pValue);
    values[at++] = finiteText(score.qValue);
    values[at++] = cleanText(score.kind);
    values[at] = latentText(score.latent);
    return values;
}

std::string columnList()
{
    std::string list;
    for (const char* column : kScoreColumns)
        list += (list.empty() ? "" : ", ") + std::string(column);
    return list;
}

void requireOneLength(std::span<const Score> scores)
{
    for (const Score& score : scores) {
        if (score.latent.size() != scores.front().latent.size())
            throw core::FormatError("spectrum " + std::to_string(score.id.value) + " has " +
                                    std::to_string(score.latent.size()) + " latents, others have " +
                                    std::to_string(scores.front().latent.size()));
        for (const float value : score.latent)
            if (!std::isfinite(value))
                throw core::FormatError("a latent of spectrum " + std::to_string(score.id.value) +
                                        " is not a finite number");
    }
}

std::vector<float> parseLatent(std::string_view text)
{
    std::vector<float> values;
    text = text.substr(1, text.size() - 2); // braces
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        values.push_back(parseNumber<float>(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return values;
}

std::string componentList()
{
    std::string list;
    for (const char* component : kScoreComponents)
        list += std::string("s.score_") + component + ", ";
    return list;
}

const std::string kRunColumns =
    "id, model_version_id, selection, where_expression, configuration, scored, " + isoTime("finished");

ScoreRun readRun(const pqxx::row& row)
{
    return {row[0].as<std::int64_t>(),
            {row[1].as<std::int64_t>()},
            textOf(row[2]),
            textOf(row[3]),
            textOf(row[4]),
            row[5].as<std::int64_t>(),
            textOf(row[6])};
}

void appendRow(ScoreColumns& columns, const pqxx::row& row)
{
    pqxx::row::size_type at = 0;
    const auto real = [&] { return realOf<float>(row[at++]); };
    columns.ids.push_back({row[at++].as<std::int64_t>()});
    columns.targetIds.push_back({row[at++].as<std::int64_t>()});
    columns.z.push_back(real());
    columns.snr.push_back(real());
    columns.score.push_back(real());
    for (auto& component : columns.components)
        component.push_back(real());
    columns.artefact.push_back(real());
    columns.pValue.push_back(real());
    columns.qValue.push_back(real());
    columns.rank.push_back(row[at++].as<std::int32_t>());
    columns.kind.push_back(textOf(row[at++]));
    columns.labelClass.push_back(textOf(row[at++]));
    const std::vector<float> latent = parseLatent({row[at].c_str(), row[at].size()});
    columns.latentDimensions = latent.size();
    columns.latent.insert(columns.latent.end(), latent.begin(), latent.end());
}

} // namespace

std::int64_t replaceScores(const Database& database, const ScoreRun& run, std::span<const Score> scores,
                           std::stop_token stop)
{
    requireOneLength(scores);
    return inTransaction(database, stop, [&](pqxx::work& work) {
        const auto id =
            work.exec_params1(
                    "INSERT INTO voorwerp.score_run (model_version_id, selection, where_expression, "
                    "configuration) VALUES ($1, $2, $3, $4::jsonb) RETURNING id",
                    run.model.value, cleanText(run.selection), cleanText(run.where),
                    run.configuration.empty() ? "{}" : cleanText(run.configuration))[0]
                .as<std::int64_t>();
        // One writer per model: the loser of a race waits here and then replaces the winner's scores.
        work.exec_params("SELECT pg_advisory_xact_lock(hashtextextended('voorwerp.score', $1))",
                         run.model.value);
        work.exec("CREATE TEMP TABLE " + std::string(kIncoming) + " ON COMMIT DROP AS SELECT " +
                  columnList() + " FROM voorwerp.score WITH NO DATA");
        CopyStream<kColumns> stream(work, kIncoming, kScoreColumns);
        for (std::size_t i = 0; i < scores.size(); ++i) {
            if (i % kStopInterval == 0 && stop.stop_requested())
                throw core::Cancelled();
            stream.add(scoreValues(scores[i]));
        }
        stream.finish();
        work.exec_params("DELETE FROM voorwerp.score WHERE model_version_id = $1", run.model.value);
        const auto stored =
            work.exec_params("INSERT INTO voorwerp.score (model_version_id, run_id, rank, " + columnList() +
                                 ") SELECT $1, $2, row_number() OVER "
                                 "(ORDER BY score DESC NULLS LAST, target_id), " +
                                 columnList() + " FROM " + kIncoming +
                                 " JOIN (SELECT id AS target_id FROM voorwerp.target) t USING (target_id)",
                             run.model.value, id)
                .affected_rows();
        work.exec_params(
            "UPDATE voorwerp.score_run SET scored = $2, finished = clock_timestamp() WHERE id = $1", id,
            static_cast<std::int64_t>(stored));
        return id;
    });
}

std::optional<ScoreRun> latestScoreRun(const Database& database, core::ModelVersionId model)
{
    return inTransaction(database, [&](pqxx::work& work) -> std::optional<ScoreRun> {
        const auto rows = work.exec_params(
            "SELECT " + kRunColumns +
                " FROM voorwerp.score_run WHERE model_version_id = $1 ORDER BY id DESC LIMIT 1",
            model.value);
        return rows.empty() ? std::nullopt : std::optional(readRun(rows[0]));
    });
}

std::vector<ScoreRun> latestScoreRuns(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        std::vector<ScoreRun> runs;
        for (const auto& row : work.exec("SELECT " + kRunColumns +
                                         " FROM voorwerp.score_run WHERE id IN (SELECT max(id) FROM "
                                         "voorwerp.score_run GROUP BY model_version_id) ORDER BY id DESC"))
            runs.push_back(readRun(row));
        return runs;
    });
}

std::optional<Score> findScore(const Database& database, core::ModelVersionId model, core::SpectrumId id)
{
    return inTransaction(database, [&](pqxx::work& work) -> std::optional<Score> {
        const auto rows = work.exec_params("SELECT " + scoreList() +
                                               ", s.latent FROM voorwerp.score s WHERE "
                                               "s.model_version_id = $1 AND s.target_id = $2",
                                           model.value, id.value);
        if (rows.empty())
            return std::nullopt;
        Score score = readScore(rows[0], 0, id);
        const auto latent = rows[0].back();
        score.latent = parseLatent({latent.c_str(), latent.size()});
        return score;
    });
}

ScoreColumns loadScoreColumns(const Database& database, core::ModelVersionId model, const std::string& where,
                              std::stop_token stop)
{
    checkWhere(where, true);
    return inTransaction(database, stop, [&](pqxx::work& work) {
        SqlParameters parameters;
        parameters.add(numberText(model.value), "int8");
        const std::string condition = compileWhere(where, true, parameters);
        parameters.run(
            work, "DECLARE scores NO SCROLL CURSOR FOR SELECT t.id, t.targetid, t.z, t.snr, s.score, " +
                      componentList() +
                      "s.artefact, s.p_value, s.q_value, s.rank, s.kind, coalesce(l.class, ''), s.latent" +
                      fromTargets(ScoreJoin::Required) + " WHERE " + condition + " ORDER BY t.id");
        ScoreColumns columns;
        for (;;) {
            const auto rows = work.exec("FETCH 20000 FROM scores");
            if (rows.empty())
                return columns;
            if (stop.stop_requested())
                throw core::Cancelled();
            for (const auto& row : rows)
                appendRow(columns, row);
        }
    });
}

} // namespace voorwerp::catalog

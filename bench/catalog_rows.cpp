// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog_rows.h"

#include "app/pipeline/ingest_job.h"
#include "catalog/migrations.h"
#include "catalog/model_store.h"
#include "catalog/target_query.h"
#include "core/workspace.h"
#include "harness.h"
#include "mock/mock_survey.h"

#include <pqxx/pqxx>

#include <functional>
#include <string>
#include <vector>

namespace voorwerp::bench {

namespace {

constexpr int kRowsPerFile = 500;
constexpr const char* kModel = "scale";

/// Bulk loads build the indexes afterwards: a third of the time.
void withoutIndexes(pqxx::work& work, const std::string& table, const std::function<void()>& load)
{
    std::vector<std::string> definitions;
    for (const auto& row : work.exec(
             "SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '" +
             table + "'::regclass AND NOT indisunique")) {
        work.exec("DROP INDEX " + row[0].as<std::string>());
        definitions.push_back(row[1].as<std::string>());
    }
    load();
    for (const std::string& definition : definitions)
        work.exec(definition);
}

/// u1 to u9: uniform in [0, 1); every further level is made of the one before it.
std::string targetRows(std::int64_t rows, std::int64_t firstFile)
{
    const std::string perFile = std::to_string(kRowsPerFile);
    return
        // Uniform numbers.
        "FROM (SELECT *, "
        "   CASE WHEN missing THEN NULL WHEN spectype = 'QSO' THEN CASE WHEN u9 < 2e-5 THEN 6 + 0.9 * u3 "
        "     ELSE least(5.9, greatest(0.05, 1.75 + 0.78 * normal)) END "
        "   WHEN spectype = 'GALAXY' THEN least(1.69, greatest(0.001, 0.85 + 0.4 * normal)) "
        "   ELSE 0.0004 * normal END AS redshift, "
        "   (exp(0.35 + 0.9 * bright + 0.15 * normal))::real AS snr "
        " FROM (SELECT *, "
        "   CASE WHEN u1 < 0.72 THEN 'QSO' WHEN u1 < 0.88 THEN 'GALAXY' ELSE 'STAR' END AS spectype, "
        "   u2 < 0.01 AS missing, "
        "   sqrt(-2 * ln(1 - u3)) * cos(2 * pi() * u4) AS normal, "
        "   sqrt(-2 * ln(1 - u5)) * cos(2 * pi() * u6) AS bright, "
        // Files are patches of the sky along a spiral over DESI's declinations.
        "   mod((137.50776405 * file)::numeric, 360)::float8 AS patch_ra, "
        "   degrees(asin(-0.35 + 1.3 * (0.5 + file) / files)) AS patch_dec "
        " FROM (SELECT i, ((i - 1) / " +
        perFile + ")::int AS file, ((" + std::to_string(rows) + " + " + perFile + " - 1) / " + perFile +
        ")::int AS files, random() AS u1, random() AS u2, random() AS u3, random() AS u4, random() AS u5, "
        "   random() AS u6, random() AS u7, random() AS u8, random() AS u9 FROM generate_series(1, " +
        std::to_string(rows) +
        "::bigint) i) uniform) class) made JOIN voorwerp.file f ON f.id = made.file + " +
        std::to_string(firstFile);
}

std::string insertTargets(std::int64_t rows, std::int64_t firstFile)
{
    return "INSERT INTO voorwerp.target (targetid, specprod, survey, program, spgrp, spgrpval, tileid, "
           "target_ra, "
           "target_dec, objtype, coadd_fiberstatus, desi_target, fiber, petal_loc, night, coadd_numexp, "
           "coadd_exptime, ebv, flux_g, flux_r, flux_z, flux_w1, flux_w2, snr_b, snr_r, snr_z, snr, "
           "fraction_masked, z, zerr, zwarn, chi2, deltachi2, spectype, subtype, redshift_source, problem, "
           "file_id, file_row) SELECT "
           // Every twentieth is the target of the row before it, seen by another program.
           "39627300000000000 + 7919 * (i - (i % 20 = 0)::int), 'scale', "
           "CASE WHEN u7 < 0.94 THEN 'main' WHEN u7 < 0.97 THEN 'sv3' WHEN u7 < 0.99 THEN 'sv1' WHEN u7 < "
           "0.999 "
           "THEN 'special' ELSE 'cmx' END, "
           "CASE WHEN i % 20 = 0 THEN 'bright' WHEN u8 < 0.98 THEN 'dark' ELSE 'backup' END, 'healpix', "
           "file, -1, "
           "CASE WHEN u9 < 0.9995 THEN mod((patch_ra + 0.9 * (u3 - 0.5) + 360)::numeric, 360)::float8 END, "
           "CASE WHEN u9 < 0.9995 THEN least(89.9, greatest(-89.9, patch_dec + 0.9 * (u4 - 0.5))) END, "
           "'TGT', CASE WHEN u5 < 0.02 THEN 8 ELSE 0 END, CASE WHEN spectype = 'QSO' OR u6 < 0.3 THEN 4 ELSE "
           "1 "
           "END, (i % 5000), (i % 5000) / 500, 20210514 + 10000 * (file % 3) + (file % 12) * 100 - 400 * "
           "(file % 12 / 8), 1 + (u5 * 8)::int, (900 + 3600 * u5)::real, (0.02 + 0.08 * u4 * u4)::real, "
           "(exp(0.9 * bright) * (0.7 + 0.4 * u3))::real, exp(0.9 * bright)::real, "
           "(exp(0.9 * bright) * (1 + 0.6 * u4))::real, (exp(0.9 * bright) * 2 * u5)::real, "
           "CASE WHEN u2 > 0.03 THEN (exp(0.9 * bright) * 1.8 * u6)::real END, snr * 0.6, snr * 0.9, snr * "
           "1.2, "
           "CASE WHEN u9 > 0.0002 THEN snr END, (0.002 + 0.05 * u7 * u7 * u7)::real, redshift, "
           "CASE WHEN NOT missing THEN 1e-5 + 2e-4 * u8 END, "
           "CASE WHEN missing THEN NULL WHEN u6 < 0.93 THEN 0 WHEN u6 < 0.98 THEN 4 WHEN u6 < 0.995 THEN 5 "
           "WHEN "
           "u6 < 0.999 THEN 128 ELSE 1030 END, "
           "CASE WHEN NOT missing THEN 7000 + 1500 * u7 END, CASE WHEN NOT missing THEN exp(5 + 2.2 * "
           "bright) END, "
           "CASE WHEN missing THEN '' ELSE spectype END, "
           "CASE WHEN spectype = 'STAR' AND NOT missing THEN substr('OBAFGKM', 1 + (u3 * 6.99)::int, 1) ELSE "
           "'' END, "
           "CASE WHEN missing THEN '' ELSE 'redrock' END, "
           "CASE WHEN u8 < 0.012 THEN 'no good pixel' WHEN u8 < 0.014 THEN 'FIBERSTATUS POORPOSITION' ELSE "
           "'' END, "
           "f.id, (i - 1) % " +
           std::to_string(kRowsPerFile) + " " + targetRows(rows, firstFile);
}

void insertFiles(pqxx::work& work, std::int64_t files)
{
    work.exec(
        "INSERT INTO voorwerp.file (path, specprod, kind, size, mtime, sha256) SELECT "
        "'/survey/healpix/main/dark/' || i / 100 || '/' || i || '/coadd-main-dark-' || i || '.fits', "
        "'scale', "
        "'coadd', 80000000, 1700000000, encode(sha256(i::text::bytea), 'hex') FROM generate_series(1, " +
        std::to_string(files) + ") i ORDER BY i");
}

void vacuum(const catalog::Database& database)
{
    pqxx::connection connection(database.uri());
    pqxx::nontransaction work(connection);
    work.exec("VACUUM ANALYZE");
}

} // namespace

void fillCatalogue(const catalog::Database& database, std::int64_t rows)
{
    pqxx::connection connection(database.uri());
    pqxx::work work(connection);
    work.exec("SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '512MB'");
    work.exec("SELECT setseed(0.42)");
    const auto before =
        work.exec("SELECT coalesce(max(id), 0) FROM voorwerp.file").at(0)[0].as<std::int64_t>();
    insertFiles(work, (rows + kRowsPerFile - 1) / kRowsPerFile);
    const auto first =
        work.exec("SELECT min(id) FROM voorwerp.file WHERE specprod = 'scale'").at(0)[0].as<std::int64_t>();
    Benchmark::require(first > before, "the files are new");
    withoutIndexes(work, "voorwerp.target", [&] { work.exec(insertTargets(rows, first)); });
    work.exec(
        "WITH old AS (INSERT INTO voorwerp.label_history (targetid, action, class, quality, comment, author) "
        "SELECT DISTINCT ON (targetid) targetid, 'set', CASE WHEN id % 3 = 0 THEN 'BAL' WHEN id % 3 = 1 THEN "
        "'QSO' ELSE 'artefact' END, id % 5, '', 'reader' FROM voorwerp.target WHERE id % 320 = 7 RETURNING "
        "*) "
        "INSERT INTO voorwerp.label SELECT targetid, id, class, quality, comment, author, changed FROM old");
    work.commit();
}

core::ModelVersionId scoreCatalogue(const catalog::Database& database)
{
    pqxx::connection connection(database.uri());
    pqxx::work work(connection);
    work.exec("SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '512MB'");
    work.exec("SELECT setseed(0.17)");
    const auto model =
        work.exec_params(
                "INSERT INTO voorwerp.model_version (name, version, file, sha256, dataset, dataset_sha256, "
                "configuration, metrics, lineage) VALUES ($1, 1, 'none.h5', repeat('0', 64), 'none', "
                "repeat('0', 64), '{}', '{}', '{}') RETURNING id",
                kModel)
            .at(0)[0]
            .as<std::int64_t>();
    const std::string id = std::to_string(model);
    const auto run =
        work.exec("INSERT INTO voorwerp.score_run (model_version_id, selection, where_expression, "
                  "configuration, scored) SELECT " +
                  id + ", '', '', '{}', count(*) FROM voorwerp.target RETURNING id")
            .at(0)[0]
            .as<std::int64_t>();
    std::string latent;
    for (int i = 0; i < 32; ++i)
        latent += (i == 0 ? "(" : ", (") + std::string(i < 2 ? "2 * a + " : "") + "random() - 0.5)::real";
    withoutIndexes(work, "voorwerp.score", [&] {
        work.exec(
            "INSERT INTO voorwerp.score (model_version_id, target_id, run_id, rank, score, score_chi2, "
            "score_robust, score_smoothed, score_density, score_kl, artefact, p_value, q_value, kind, "
            "latent) "
            "SELECT " +
            id + ", id, " + std::to_string(run) +
            ", row_number() OVER (ORDER BY a DESC, id), -log(1 - a), 1 + a * b, 1 + b, 3 * c, 20 * b, 5 * c, "
            "CASE WHEN c < 0.001 THEN NULL ELSE c * c END, 1 - a, least(1, (1 - a) * 1.2), CASE WHEN b < 0.8 "
            "THEN '' WHEN c < 0.5 THEN 'BAL' ELSE 'sky residual' END, ARRAY[" +
            latent +
            "] FROM (SELECT id, random() AS a, random() AS b, random() AS c FROM voorwerp.target) u");
    });
    work.commit();
    return {model};
}

namespace {

core::Workspace made(const std::filesystem::path& folder)
{
    core::Workspace workspace(folder / "workspace");
    workspace.create();
    return workspace;
}

void ingestSpectra(const catalog::Database& database, const std::filesystem::path& folder,
                   std::size_t spectra, core::JobContext& context)
{
    mock::MockConfig config;
    config.targets = spectra;
    mock::writeMockSurvey(folder / "survey", config, context);
    const auto report = pipeline::ingest(database, {{folder / "survey"}, {}}, context);
    Benchmark::require(report.spectra == static_cast<std::int64_t>(spectra), "every spectrum is ingested");
}

core::ModelVersionId fill(const catalog::Database& database, const std::filesystem::path& folder,
                          std::int64_t rows, std::size_t spectra, core::JobContext& context)
{
    catalog::migrate(database);
    for (const catalog::ModelVersion& model : catalog::listModels(database))
        if (model.name == kModel && catalog::countTargets(database, "") == rows)
            return model.id;
    ingestSpectra(database, folder, spectra, context);
    fillCatalogue(database, rows - static_cast<std::int64_t>(spectra));
    const core::ModelVersionId model = scoreCatalogue(database);
    vacuum(database);
    return model;
}

} // namespace

CatalogueWorkspace::CatalogueWorkspace(const std::filesystem::path& folder, std::int64_t rows,
                                       std::size_t spectra)
    : m_cluster(catalog::PrivateCluster::open(made(folder), m_context))
    , m_database(m_cluster.uri())
    , m_model(fill(m_database, folder, rows, spectra, m_context))
{
}

} // namespace voorwerp::bench

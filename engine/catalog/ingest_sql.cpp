// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/ingest_sql.h"

#include "catalog/column_table.h"
#include "catalog/copy_stream.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"
#include "catalog/target_row.h"
#include "catalog/where_sql.h"

#include <array>
#include <cmath>

namespace voorwerp::catalog {

namespace {

/// A catalogue entry c fits a spectrum t: what either side does not know does not count.
constexpr const char* kFits = " c.targetid = t.targetid AND (c.specprod = '' OR c.specprod = t.specprod)"
                              " AND (c.survey = '' OR t.survey = '' OR c.survey = t.survey)"
                              " AND (c.program = '' OR t.program = '' OR c.program = t.program)"
                              " AND (c.tileid < 0 OR t.tileid < 0 OR c.tileid = t.tileid) ";

/// Spectra whose redshift came from this catalogue's entries, before they are replaced.
void forgetCatalogRedshifts(pqxx::work& work, std::int64_t file)
{
    work.exec_params("UPDATE voorwerp.target t SET z = NULL, zerr = NULL, zwarn = NULL, spectype = '', "
                     "redshift_source = '', problem = CASE problem WHEN '' THEN $2 ELSE problem END "
                     "WHERE redshift_source = 'qso_cat' AND EXISTS (SELECT FROM voorwerp.catalog_redshift c "
                     "WHERE c.file_id = $1 AND" +
                         std::string(kFits) + ")",
                     file, kNoRedshift);
    std::string nothing = "proba_rf = NULL, qso_maskbits = NULL, qso_source = CASE qso_source WHEN 'qso_cat' "
                          "THEN '' ELSE qso_source END";
    for (const std::string name : {"z_new", "z_qn", "c_lya", "c_civ", "c_ciii", "c_mgii", "c_hbeta",
                                   "c_halpha", "is_qso_qn_new_rr", "is_qso_mgii", "delta_chi2_mgii"})
        nothing += ", " + name + " = CASE qso_source WHEN 'qso_cat' THEN NULL ELSE " + name + " END";
    work.exec_params(
        "UPDATE voorwerp.target t SET " + nothing +
            " WHERE (qso_source = 'qso_cat' OR proba_rf IS NOT NULL OR qso_maskbits IS NOT NULL) AND "
            "EXISTS (SELECT FROM voorwerp.catalog_redshift c WHERE c.file_id = $1 AND" +
            kFits + ")",
        file);
    work.exec_params("DELETE FROM voorwerp.catalog_redshift WHERE file_id = $1", file);
}

/// Columns of voorwerp.catalog_redshift that hold QuasarFacts, as in voorwerp.target.
constexpr std::array<const char*, 12> kFacts{"z_qn",        "c_lya",           "c_civ",    "c_ciii",
                                             "c_mgii",      "c_hbeta",         "c_halpha", "is_qso_qn_new_rr",
                                             "is_qso_mgii", "delta_chi2_mgii", "proba_rf", "qso_maskbits"};
constexpr std::size_t kAfterburnerFacts = 10; ///< the first of them, which an afterburner may know, too

constexpr std::array<const char*, 23> kEntryColumns{"file_id",
                                                    "specprod",
                                                    "targetid",
                                                    "survey",
                                                    "program",
                                                    "tileid",
                                                    "z",
                                                    "zerr",
                                                    "zwarn",
                                                    "spectype",
                                                    "lastnight",
                                                    "z_qn",
                                                    "c_lya",
                                                    "c_civ",
                                                    "c_ciii",
                                                    "c_mgii",
                                                    "c_hbeta",
                                                    "c_halpha",
                                                    "is_qso_qn_new_rr",
                                                    "is_qso_mgii",
                                                    "delta_chi2_mgii",
                                                    "proba_rf",
                                                    "qso_maskbits"};

void addEntries(CopyStream<kEntryColumns.size()>& stream, std::int64_t fileId, const FileRecord& file,
                const std::vector<CatalogRedshift>& entries)
{
    for (const CatalogRedshift& entry : entries) {
        if (!std::isfinite(entry.z))
            continue;
        const core::QuasarFacts& facts = entry.quasar;
        const auto& c = facts.confidence;
        stream.add(
            std::array<std::optional<std::string>, kEntryColumns.size()>{numberText(fileId),
                                                                         cleanText(file.specprod),
                                                                         numberText(entry.targetId.value),
                                                                         cleanText(entry.survey),
                                                                         cleanText(entry.program),
                                                                         numberText(entry.tileid),
                                                                         numberText(entry.z),
                                                                         finiteText(entry.zerr),
                                                                         numberText(entry.zwarn),
                                                                         cleanText(entry.spectype),
                                                                         integerText(entry.lastNight),
                                                                         finiteText(facts.zQn),
                                                                         finiteText(c[0]),
                                                                         finiteText(c[1]),
                                                                         finiteText(c[2]),
                                                                         finiteText(c[3]),
                                                                         finiteText(c[4]),
                                                                         finiteText(c[5]),
                                                                         flagText(facts.isQsoQnNewRr),
                                                                         flagText(facts.isQsoMgii),
                                                                         finiteText(facts.deltaChi2Mgii),
                                                                         finiteText(facts.probaRf),
                                                                         integerText(facts.qsoMaskbits)});
    }
}

/// Returns how many there were.
std::int64_t copyEntries(pqxx::work& work, std::int64_t fileId, const FileRecord& file,
                         const std::function<bool(std::vector<CatalogRedshift>&)>& next)
{
    std::int64_t count = 0;
    for (std::vector<CatalogRedshift> entries; next(entries);) {
        CopyStream<kEntryColumns.size()> stream(work, "voorwerp.catalog_redshift", kEntryColumns);
        addEntries(stream, fileId, file, entries);
        stream.finish();
        count += static_cast<std::int64_t>(entries.size());
    }
    return count;
}

PixelStorage pixelStorageOf(const std::string& name)
{
    return name == pixelStorageName(PixelStorage::Lossless) ? PixelStorage::Lossless
                                                            : PixelStorage::NoiseAware;
}

/// Fills in what the newest fitting entry says about quasars; the afterburners' own findings stay. Only rows
/// that change are written.
void useCatalogFacts(pqxx::work& work, std::int64_t coaddFile)
{
    std::string sets = "night = coalesce(t.night, b.lastnight), last_tileid = coalesce(t.last_tileid, "
                       "nullif(b.tileid, -1)), qso_source = CASE t.qso_source WHEN 'afterburner' THEN "
                       "t.qso_source ELSE 'qso_cat' END, z_new = CASE t.qso_source WHEN 'afterburner' THEN "
                       "t.z_new ELSE b.z END";
    std::string old = "t.z_new", fresh = "b.z", facts;
    for (std::size_t i = 0; i < kFacts.size(); ++i) {
        const std::string name = kFacts[i];
        facts += ", c." + name;
        old += ", t." + name;
        fresh += ", b." + name;
        sets += ", " + name + " = " +
                (i < kAfterburnerFacts
                     ? "CASE t.qso_source WHEN 'afterburner' THEN t." + name + " ELSE b." + name + " END"
                     : "b." + name);
    }
    work.exec_params("UPDATE voorwerp.target t SET " + sets +
                         " FROM (SELECT DISTINCT ON (t.id) t.id, c.z, c.lastnight, c.tileid" + facts +
                         " FROM voorwerp.target t JOIN voorwerp.catalog_redshift c ON" + kFits +
                         "WHERE ($1::int8 = 0 OR t.file_id = $1::int8) AND (c.qso_maskbits IS NOT NULL OR "
                         "c.proba_rf IS NOT NULL OR c.z_qn IS NOT NULL) ORDER BY t.id, c.tileid = t.tileid "
                         "DESC, c.file_id DESC, c.zwarn, c.z) b WHERE b.id = t.id AND ((" +
                         old + ") IS DISTINCT FROM (" + fresh + "))",
                     coaddFile);
}

} // namespace

UpsertedFile upsertFile(pqxx::work& work, const FileRecord& file)
{
    const auto row =
        work.exec_params(
                "INSERT INTO voorwerp.file (path, specprod, kind, size, mtime, sha256, redrock_path, "
                "redrock_sha256, pixels, provenance, quasarnet_path, mgii_path, afterburner_sha256, "
                "quasars_only) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13, $14) "
                "ON CONFLICT (specprod, path) DO UPDATE SET kind = excluded.kind, size = excluded.size, "
                "mtime = excluded.mtime, sha256 = excluded.sha256, redrock_path = excluded.redrock_path, "
                "redrock_sha256 = excluded.redrock_sha256, pixels = excluded.pixels, "
                "provenance = excluded.provenance, quasarnet_path = excluded.quasarnet_path, "
                "mgii_path = excluded.mgii_path, afterburner_sha256 = excluded.afterburner_sha256, "
                "quasars_only = excluded.quasars_only, "
                "ingested = now() RETURNING id, xmax = 0",
                cleanText(file.path.string()), cleanText(file.specprod), file.kind, file.size, file.mtime,
                file.sha256, cleanText(file.redrockPath.string()), file.redrockSha256,
                std::string(pixelStorageName(file.pixels)),
                file.provenance.empty() ? "{}" : cleanText(file.provenance),
                cleanText(file.quasarnetPath.string()), cleanText(file.mgiiPath.string()),
                file.afterburnerSha256, file.quasarsOnly)
            .at(0);
    return {row[0].as<std::int64_t>(), row[1].as<bool>()};
}

std::string upsertTargetsSql(const std::string& staging)
{
    std::string updates = "file_id = excluded.file_id";
    for (std::size_t i = kKeyColumns; i < kTargetColumns.size(); ++i)
        updates += std::string(", ") + kTargetColumns[i] + " = excluded." + kTargetColumns[i];
    const std::string key = targetColumnList({}, kKeyColumns);
    return "WITH others AS (SELECT count(*) AS rows FROM voorwerp.target t JOIN " + staging + " i USING (" +
           key + ") WHERE t.file_id <> $1), written AS (INSERT INTO voorwerp.target (" + targetColumnList() +
           ", file_id) SELECT " + targetColumnList() + ", $1::int8 FROM " + staging + " ON CONFLICT (" + key +
           ") DO UPDATE SET " + updates + " RETURNING id, xmax = 0 AS fresh, " + key +
           ") SELECT w.id, w.fresh, o.rows, " + targetColumnList("w.", kKeyColumns) +
           " FROM written w, others o";
}

std::int64_t useCatalogRedshifts(pqxx::work& work, std::int64_t coaddFile)
{
    // Planning what follows takes as long as storing ten spectra.
    if (work.exec("SELECT FROM voorwerp.catalog_redshift LIMIT 1").empty())
        return 0;
    const std::string sql =
        "UPDATE voorwerp.target t SET z = b.z, zerr = b.zerr, zwarn = b.zwarn, spectype = b.spectype, "
        "redshift_source = 'qso_cat', problem = CASE t.problem WHEN $2 THEN '' ELSE t.problem END FROM ("
        "SELECT DISTINCT ON (t.id) t.id, c.z, c.zerr, c.zwarn, c.spectype FROM voorwerp.target t "
        "JOIN voorwerp.catalog_redshift c ON" +
        std::string(kFits) +
        "WHERE t.redshift_source = '' AND ($1::int8 = 0 OR t.file_id = $1::int8) "
        "ORDER BY t.id, c.tileid = t.tileid DESC, c.file_id DESC, c.zwarn, c.z) b WHERE b.id = t.id";
    const auto updated =
        static_cast<std::int64_t>(work.exec_params(sql, coaddFile, kNoRedshift).affected_rows());
    useCatalogFacts(work, coaddFile);
    return updated;
}

RedshiftCounts updateRedshifts(const Database& database, const FileRecord& file,
                               const std::function<bool(std::vector<CatalogRedshift>&)>& next,
                               std::stop_token stop)
{
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        const std::int64_t fileId = upsertFile(work, file).id;
        forgetCatalogRedshifts(work, fileId);
        RedshiftCounts counts;
        counts.entries = copyEntries(work, fileId, file, next);
        counts.updated = useCatalogRedshifts(work, 0);
        counts.kept =
            work.exec_params("SELECT count(*) FROM voorwerp.target t WHERE t.redshift_source = 'redrock' AND "
                             "EXISTS (SELECT FROM voorwerp.catalog_redshift c WHERE c.file_id = $1 AND" +
                                 std::string(kFits) + ")",
                             fileId)
                .at(0)[0]
                .as<std::int64_t>();
        return counts;
    });
}

std::vector<FileRecord> listFiles(const Database& database, const std::string& where)
{
    checkWhere(where, false);
    return inTransaction(database, [&](pqxx::work& work) {
        SqlParameters parameters;
        const std::string columns =
            "SELECT f.path, f.size, f.mtime, f.sha256, f.kind, f.specprod, f.redrock_path, "
            "f.redrock_sha256, f.quasarnet_path, f.mgii_path, f.afterburner_sha256, f.pixels, "
            "f.quasars_only, f.provenance, "
            "count(t.id), " +
            isoTime("f.ingested");
        const std::string from =
            where.empty() ? " FROM voorwerp.file f LEFT JOIN voorwerp.target t ON t.file_id = f.id"
                          : fromTargets(ScoreJoin::None) + " WHERE " + compileWhere(where, false, parameters);
        std::vector<FileRecord> files;
        for (const auto& row :
             parameters.run(work, columns + from + " GROUP BY f.id ORDER BY f.path, f.specprod"))
            files.push_back({textOf(row[0]), row[1].as<std::int64_t>(), row[2].as<std::int64_t>(),
                             textOf(row[3]), textOf(row[4]), textOf(row[5]), textOf(row[6]), textOf(row[7]),
                             textOf(row[8]), textOf(row[9]), textOf(row[10]), pixelStorageOf(textOf(row[11])),
                             row[12].as<bool>(), textOf(row[13]), row[14].as<std::int64_t>(),
                             textOf(row[15])});
        return files;
    });
}

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/column_table.h"

#include "catalog/quasar_rule_sql.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>

namespace voorwerp::catalog {

namespace {

using Type = ColumnType;

ColumnSpec column(std::string sql, Type type, std::string unit, std::string description)
{
    ColumnSpec spec;
    spec.info.name = sql.substr(sql.find('.') + 1);
    spec.info.type = type;
    spec.info.unit = std::move(unit);
    spec.info.description = std::move(description);
    spec.sql = std::move(sql);
    spec.nullable = type != Type::Text;
    return spec;
}

ColumnSpec id(ColumnSpec spec)
{
    spec.nullable = false;
    return spec;
}

ColumnSpec single(std::string sql, std::string unit, std::string description)
{
    ColumnSpec spec = column(std::move(sql), Type::Real, std::move(unit), std::move(description));
    spec.single = true;
    return spec;
}

ColumnSpec named(std::string name, std::string sql, Type type, std::string description)
{
    ColumnSpec spec = column(std::move(sql), type, {}, std::move(description));
    spec.info.name = std::move(name);
    spec.nullable = true;
    return spec;
}

/// No index keeps its order: it would cost every ingest, and nobody sorts by it.
ColumnSpec unsorted(ColumnSpec spec)
{
    spec.sortable = false;
    return spec;
}

ColumnSpec few(ColumnSpec spec)
{
    spec.fewValues = true;
    return spec;
}

ColumnSpec score(ColumnSpec spec)
{
    spec.info.needsModel = true;
    spec.nullable = true;
    return spec;
}

std::vector<ColumnSpec> makeTable()
{
    return {
        id(column("t.id", Type::Integer, "", "row number in this database")),
        id(column("t.targetid", Type::Integer, "", "DESI TARGETID")),
        unsorted(column("t.specprod", Type::Text, "", "production: fuji, iron, mock, ...")),
        few(column("t.survey", Type::Text, "", "main, sv1, sv2, sv3, special, cmx")),
        few(column("t.program", Type::Text, "", "dark, bright, backup, other")),
        unsorted(column("t.spgrp", Type::Text, "", "how exposures were grouped: healpix, cumulative, ...")),
        unsorted(id(column("t.spgrpval", Type::Integer, "", "value of the group: pixel or night"))),
        column("t.healpix", Type::Integer, "", "healpix pixel, nside 64, nested"),
        unsorted(id(column("t.tileid", Type::Integer, "", "tile; -1 in healpix groups"))),
        column("t.target_ra", Type::Real, "deg", "right ascension, J2000"),
        column("t.target_dec", Type::Real, "deg", "declination, J2000"),
        unsorted(column("t.objtype", Type::Text, "", "TGT, SKY, BAD, NON")),
        few(column("t.coadd_fiberstatus", Type::Integer, "", "FIBERSTATUS bits; 0 is good")),
        unsorted(column("t.desi_target", Type::Integer, "", "DESI_TARGET bits; QSO is 4")),
        unsorted(column("t.scnd_target", Type::Integer, "", "SCND_TARGET bits of secondary programs")),
        unsorted(column("t.fiber", Type::Integer, "", "fibre")),
        unsorted(column("t.petal_loc", Type::Integer, "", "petal, 0 to 9")),
        column("t.night", Type::Integer, "", "last night, YYYYMMDD"),
        unsorted(column("t.last_tileid", Type::Integer, "", "tile of the last exposure")),
        unsorted(column("t.coadd_numexp", Type::Integer, "", "exposures in the coadd")),
        unsorted(single("t.coadd_exptime", "s", "summed exposure time")),
        single("t.ebv", "mag", "Galactic E(B-V)"),
        single("t.flux_g", "nanomaggy", "Legacy Surveys g flux"),
        single("t.flux_r", "nanomaggy", "Legacy Surveys r flux"),
        single("t.flux_z", "nanomaggy", "Legacy Surveys z flux"),
        unsorted(single("t.flux_w1", "nanomaggy", "WISE W1 flux")),
        unsorted(single("t.flux_w2", "nanomaggy", "WISE W2 flux")),
        unsorted(single("t.snr_b", "", "median S/N per pixel, blue camera")),
        unsorted(single("t.snr_r", "", "median S/N per pixel, red camera")),
        unsorted(single("t.snr_z", "", "median S/N per pixel, infrared camera")),
        single("t.snr", "", "median S/N per pixel of the merged spectrum"),
        single("t.fraction_masked", "", "share of pixels that must not be used"),
        column("t.z", Type::Real, "", "redshift"),
        unsorted(column("t.zerr", Type::Real, "", "uncertainty of the redshift")),
        few(column("t.zwarn", Type::Integer, "", "ZWARN bits; 0 is good, 4 is a close second fit")),
        unsorted(column("t.chi2", Type::Real, "", "chi-squared of the redshift fit")),
        column("t.deltachi2", Type::Real, "", "chi-squared gap to the second best fit"),
        few(column("t.spectype", Type::Text, "", "QSO, GALAXY, STAR")),
        unsorted(column("t.subtype", Type::Text, "", "template subtype")),
        unsorted(column("t.redshift_source", Type::Text, "", "redrock, qso_cat, or empty")),
        unsorted(column("t.z_new", Type::Real, "", "redrock's redshift near QuasarNet's")),
        unsorted(column("t.deltachi2_new", Type::Real, "", "chi-squared gap of z_new; since DR2")),
        unsorted(column("t.z_qn", Type::Real, "", "QuasarNet's redshift")),
        unsorted(single("t.c_lya", "", "QuasarNet's confidence in Lyman alpha, 0 to 1")),
        unsorted(single("t.c_civ", "", "QuasarNet's confidence in C IV, 0 to 1")),
        unsorted(single("t.c_ciii", "", "QuasarNet's confidence in C III], 0 to 1")),
        unsorted(single("t.c_mgii", "", "QuasarNet's confidence in Mg II, 0 to 1")),
        unsorted(single("t.c_hbeta", "", "QuasarNet's confidence in H beta, 0 to 1")),
        unsorted(single("t.c_halpha", "", "QuasarNet's confidence in H alpha, 0 to 1")),
        unsorted(
            column("t.is_qso_qn_new_rr", Type::Integer, "", "1: QuasarNet found another redshift, z_new")),
        unsorted(column("t.is_qso_mgii", Type::Integer, "", "1: the Mg II fit found a broad line")),
        unsorted(single("t.delta_chi2_mgii", "", "chi-squared gained by a Mg II line")),
        unsorted(single("t.proba_rf", "", "target selection's probability of a quasar")),
        unsorted(named("qso_maskbits", qsoMaskbitsSql(), Type::Integer,
                       "who finds a quasar: 2 SPECTYPE, 4 Mg II, 8 QuasarNet, 16 z_new")),
        unsorted(named("z_qso", zQsoSql(), Type::Real,
                       "redshift as a quasar: z_new where it is to be used, else z")),
        unsorted(column("t.qso_source", Type::Text, "", "who says so: afterburner, qso_cat, or empty")),
        few(column("t.problem", Type::Text, "", "why it cannot be trained on; empty: it can")),
        unsorted(named("file", "f.path", Type::Text, "path of the coadd file")),
        named("label", "l.class", Type::Text, "current label"),
        unsorted(named("label_quality", "l.quality", Type::Integer, "quality of the label, 0 to 4")),
        unsorted(named("label_comment", "l.comment", Type::Text, "comment of the label")),
        unsorted(named("label_author", "l.author", Type::Text, "who labelled it")),
        score(column("s.rank", Type::Integer, "", "place in the model's ranking, 1 is the strangest")),
        score(single("s.score", "", "fused anomaly score")),
        score(single("s.score_chi2", "", "reduced chi-squared of the reconstruction")),
        score(single("s.score_robust", "", "robust residual score")),
        score(single("s.score_smoothed", "", "smoothed residual score")),
        score(single("s.score_density", "", "how empty the latent space is around it")),
        score(single("s.score_kl", "", "divergence of its latent distribution")),
        score(single("s.artefact", "", "0 sky to 1 instrument")),
        score(unsorted(column("s.p_value", Type::Real, "", "empirical null probability"))),
        score(column("s.q_value", Type::Real, "", "false discovery rate")),
        score(unsorted(column("s.kind", Type::Text, "", "suggested explanation"))),
    };
}

} // namespace

const std::vector<ColumnSpec>& columnTable()
{
    static const std::vector<ColumnSpec> table = makeTable();
    return table;
}

const std::vector<ColumnInfo>& columns()
{
    static const std::vector<ColumnInfo> list = [] {
        std::vector<ColumnInfo> infos;
        for (const ColumnSpec& spec : columnTable())
            infos.push_back(spec.info);
        return infos;
    }();
    return list;
}

const ColumnSpec* findColumn(std::string_view name)
{
    static const auto byName = [] {
        std::unordered_map<std::string, const ColumnSpec*> map;
        for (const ColumnSpec& spec : columnTable())
            map[spec.info.name] = &spec;
        return map;
    }();
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    const auto found = byName.find(lower);
    return found != byName.end() ? found->second : nullptr;
}

std::vector<std::string> columnNames(bool withModel)
{
    std::vector<std::string> names;
    for (const ColumnInfo& info : columns())
        if (withModel || !info.needsModel)
            names.push_back(info.name);
    return names;
}

std::string joinsOfTargets(ScoreJoin scores)
{
    // Every target has a file: the outer join is the inner one, but one that the planner can leave out.
    std::string sql = " LEFT JOIN voorwerp.file f ON f.id = t.file_id"
                      " LEFT JOIN voorwerp.label l ON l.targetid = t.targetid";
    if (scores != ScoreJoin::None)
        sql += std::string(scores == ScoreJoin::Required ? " JOIN" : " LEFT JOIN") +
               " voorwerp.score s ON s.target_id = t.id AND s.model_version_id = $1::int8";
    return sql;
}

std::string fromTargets(ScoreJoin scores)
{
    return " FROM voorwerp.target t" + joinsOfTargets(scores);
}

std::string fromSampledTargets(ScoreJoin scores)
{
    return " FROM voorwerp.target t TABLESAMPLE SYSTEM (1)" + joinsOfTargets(scores);
}

} // namespace voorwerp::catalog

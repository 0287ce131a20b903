// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: core::TargetInfo to and from the columns of voorwerp.target.

#include "core/spectrum.h"

#include <array>
#include <optional>
#include <pqxx/pqxx>
#include <string>

namespace voorwerp::catalog {

/// Columns in the order of targetValues() and readTarget(). The first seven are the key.
inline constexpr std::array<const char*, 55> kTargetColumns{"targetid",
                                                            "specprod",
                                                            "survey",
                                                            "program",
                                                            "spgrp",
                                                            "spgrpval",
                                                            "tileid",
                                                            "target_ra",
                                                            "target_dec",
                                                            "objtype",
                                                            "coadd_fiberstatus",
                                                            "desi_target",
                                                            "fiber",
                                                            "petal_loc",
                                                            "night",
                                                            "coadd_numexp",
                                                            "coadd_exptime",
                                                            "ebv",
                                                            "flux_g",
                                                            "flux_r",
                                                            "flux_z",
                                                            "flux_w1",
                                                            "flux_w2",
                                                            "snr_b",
                                                            "snr_r",
                                                            "snr_z",
                                                            "snr",
                                                            "fraction_masked",
                                                            "z",
                                                            "zerr",
                                                            "zwarn",
                                                            "chi2",
                                                            "deltachi2",
                                                            "spectype",
                                                            "subtype",
                                                            "redshift_source",
                                                            "scnd_target",
                                                            "last_tileid",
                                                            "z_new",
                                                            "deltachi2_new",
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
                                                            "qso_maskbits",
                                                            "qso_source",
                                                            "problem",
                                                            "file_row"};
inline constexpr std::size_t kKeyColumns = 7;

/// "t.targetid, t.specprod, ..." of all columns, or of the first count; no prefix: plain names.
std::string targetColumnList(const std::string& prefix = {}, std::size_t count = kTargetColumns.size());
/// Values for COPY or parameters: NULL for NaN and what is not known. Texts are cleaned.
std::array<std::optional<std::string>, kTargetColumns.size()> targetValues(const core::TargetInfo& info);
/// From the column first on.
core::TargetInfo readTarget(const pqxx::row& row, pqxx::row::size_type first);

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The ranked list as a file that another program can read, with where it came from inside.
// CSV: provenance lines that start with '#', then the column names, then one line a candidate.
// FITS: a binary table CANDIDATES with units and a description per column, provenance as HISTORY and
// keywords. Both appear complete or not at all. Functions are thread-safe (no shared state).

#include "core/ids.h"
#include "core/job_context.h"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::exporting {

/// One line of the ranked list. NaN, -1 in healpix and an empty text mean "not known" and are written as an
/// empty CSV cell, or as NaN, the column's TNULL or blanks in FITS.
struct CandidateRow
{
    static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    static constexpr float kNaNFloat = std::numeric_limits<float>::quiet_NaN();

    core::SpectrumId id;   ///< row of the database; not written
    std::int64_t rank = 0; ///< 1 = most anomalous
    core::TargetId targetId;
    std::string survey;
    std::string program;
    std::int64_t healpix = -1; ///< nside 64, nested; -1 for tile groups
    double targetRa = kNaN;    ///< degrees, J2000
    double targetDec = kNaN;   ///< degrees, J2000
    double z = kNaN;
    std::int64_t zwarn = 0; ///< DESI ZWARN bits
    std::string spectype;
    float snr = kNaNFloat;      ///< median S/N per good pixel
    float score = kNaNFloat;    ///< fused rank score, larger is stranger
    float chi2 = kNaNFloat;     ///< reduced χ² of the reconstruction
    float robust = kNaNFloat;   ///< the same with residuals clipped
    float smoothed = kNaNFloat; ///< of the smoothed residual
    float density = kNaNFloat;  ///< −log density of the latents
    float kl = kNaNFloat;       ///< KL divergence of the encoding [nat]
    float artefact = kNaNFloat; ///< 0..1, how much it looks like an instrument's fault
    double pValue = kNaN;       ///< under the empirical null
    double qValue = kNaN;       ///< Benjamini-Hochberg
    std::string kind;           ///< suggested explanation
    std::string label;          ///< the person's class, empty when not labelled
    std::string model;          ///< NAME@VERSION
    std::string modelSha256;
};

/// Where a list came from. Empty members are left out of the file.
struct Provenance
{
    std::string query;  ///< selection and its expression
    std::string sort;   ///< what the rank is by
    std::string recipe; ///< name and hash of the preprocessing recipe
    std::string model;  ///< NAME@VERSION
    std::string modelSha256;
    std::string trainingSet; ///< name and hash
    std::string software;    ///< name, version and commit
    std::string time;        ///< ISO 8601, UTC
    std::vector<std::string> notes;
};

/// Name, unit and meaning of a written column.
struct ColumnDescription
{
    std::string_view name; ///< as in the file, "TARGET_RA"
    std::string_view unit; ///< FITS unit string; empty: none
    std::string_view description;
};

/// The columns in their order in the file: RANK, TARGETID, SURVEY, PROGRAM, HEALPIX, TARGET_RA, TARGET_DEC,
/// Z, ZWARN, SPECTYPE, SNR, SCORE, CHI2, ROBUST, SMOOTHED, DENSITY, KL, ARTEFACT, P_VALUE, Q_VALUE, KIND,
/// LABEL, MODEL, MODEL_SHA256.
std::span<const ColumnDescription> candidateColumns();

/// Writes the list; returns the file's SHA-256. Throws SystemError (disk full, permission), Cancelled.
std::string writeCandidatesCsv(const std::filesystem::path& path, std::span<const CandidateRow> rows,
                               const Provenance& provenance, core::JobContext& context);
std::string writeCandidatesFits(const std::filesystem::path& path, std::span<const CandidateRow> rows,
                                const Provenance& provenance, core::JobContext& context);

/// The same as text, for a preview of the first rows.
std::string candidatesCsv(std::span<const CandidateRow> rows, const Provenance& provenance);

} // namespace voorwerp::exporting

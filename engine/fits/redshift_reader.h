// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Reads redshifts: redrock files (HDU REDSHIFTS) and DESI's quasar catalogues (HDU QSO_CAT). Columns are
// found by name; of redrock's, TARGETID and Z are needed, of a catalogue's too, the rest is read as far as it
// goes.

#include "core/spectrum.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace voorwerp::fits {

/// A row that was left out, and why.
struct RejectedRedshift
{
    std::int64_t row = -1; ///< 0-based
    core::TargetId targetId;
    std::string reason; ///< "Z is not a number", "the same TARGETID as row 3"
};

struct RedrockTable
{
    std::vector<std::pair<core::TargetId, core::Redshift>> rows; ///< in file order, each TARGETID once
    std::vector<RejectedRedshift> rejected;
    /// Header cards that tell where the redshifts come from, in file order: RRVER, TEMNAMnn, TEMVERnn,
    /// SPECPROD.
    std::vector<std::pair<std::string, std::string>> provenance;
};

/// Throws FormatError naming file, HDU and cause.
RedrockTable readRedrock(const std::filesystem::path& path);

struct QsoCatalogRow
{
    core::TargetId targetId;
    core::Redshift redshift; ///< source "qso_cat", spectype QSO; from Z, else Z_QSO, else Z_NEW
    double targetRa = core::TargetInfo::kNaN;  ///< degrees
    double targetDec = core::TargetInfo::kNaN; ///< degrees
    std::int32_t tileid = -1;                  ///< -1: not in the file
    std::int64_t healpix = -1;                 ///< -1: not in the file
    std::optional<std::int32_t> lastNight;     ///< YYYYMMDD
    std::string survey;                        ///< empty: not in the file
    std::string program;
    /// Source "qso_cat", or empty when the catalogue has none of these columns. Z_NEW is the catalogue's Z,
    /// which is Z_NEW where it was used; flags that it lacks are taken from QSO_MASKBITS.
    core::QuasarFacts quasar;
};

/// Some rows of a catalogue.
struct QsoCatalogPart
{
    std::vector<QsoCatalogRow> rows; ///< in file order; a target may be there several times (tiles)
    std::vector<RejectedRedshift> rejected;
};

/// Reads a catalogue part by part: DR1's has 2.2 million rows, of some 300 bytes each. One thread at a time.
class QsoCatalogReader
{
public:
    /// Throws FormatError naming file, HDU and cause.
    explicit QsoCatalogReader(const std::filesystem::path& path);
    ~QsoCatalogReader();
    QsoCatalogReader(const QsoCatalogReader&) = delete;
    QsoCatalogReader& operator=(const QsoCatalogReader&) = delete;
    /// Replaces the content of part by the next rows (kRows, at the end fewer); false, and empty, at the end.
    /// Throws FormatError, also when the file has changed meanwhile.
    bool next(QsoCatalogPart& part);
    static constexpr long long kRows = 50'000;

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

} // namespace voorwerp::fits

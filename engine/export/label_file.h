// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Labels as a CSV file that people exchange: TARGETID,CLASS,QUALITY,COMMENT,AUTHOR,TIME.
// Reading is tolerant: any column order, extra columns, BOM, CRLF, quoted commas; TARGETID and CLASS are
// required. A bad row is listed with its line and the rest is read.

#include "core/ids.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace voorwerp::exporting {

struct LabelRow
{
    core::TargetId targetId;
    std::string labelClass;     ///< CLASS, not empty
    std::optional<int> quality; ///< 0..4 (DESI visual inspection), nothing when empty or -1
    std::string comment;
    std::string author;
    std::string time; ///< ISO 8601 as the file has it; empty: not said
};

struct LabelFileProblem
{
    std::size_t line = 0; ///< 1-based
    std::string reason;
};

struct LabelFile
{
    std::vector<LabelRow> rows;
    std::vector<LabelFileProblem> problems;
    std::vector<std::string> ignoredColumns; ///< columns that are not a label's
};

/// Throws FormatError when there is no header with TARGETID and CLASS, SystemError when it cannot be read.
LabelFile readLabelFile(const std::filesystem::path& path);
/// Atomic. Throws SystemError.
void writeLabelFile(const std::filesystem::path& path, std::span<const LabelRow> rows);

} // namespace voorwerp::exporting

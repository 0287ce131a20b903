// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Reads what DESI's quasar afterburners found beside a coadd: QuasarNet (qso_qn-*, HDU QN_RR) and the Mg II
// fit (qso_mgii-*, HDU MGII). Columns are found by name; TARGETID is needed, the rest is read as far as it
// goes (DELTACHI2_NEW is there since DR2 only).

#include "core/spectrum.h"
#include "fits/redshift_reader.h"

#include <filesystem>
#include <utility>
#include <vector>

namespace voorwerp::fits {

struct AfterburnerTable
{
    /// In file order, each TARGETID once; source is "afterburner".
    std::vector<std::pair<core::TargetId, core::QuasarFacts>> rows;
    std::vector<RejectedRedshift> rejected;
};

/// Both throw FormatError naming file, HDU and cause.
AfterburnerTable readQuasarNet(const std::filesystem::path& path);
AfterburnerTable readMgII(const std::filesystem::path& path);

/// The one of two afterburners' findings on the same target: what the second knows, else the first.
core::QuasarFacts merged(core::QuasarFacts first, const core::QuasarFacts& second);

} // namespace voorwerp::fits

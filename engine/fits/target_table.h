// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Private to this folder: who is in a coadd file, from its headers, FIBERMAP, EXP_FIBERMAP and SCORES.

#include "core/spectrum.h"
#include "fits/coadd_reader.h"
#include "fits/fits_file.h"

namespace voorwerp::fits {

struct TargetTable
{
    std::vector<core::TargetInfo> targets;
    std::vector<RejectedRow> rejected;
};

/// rows: how many spectra the camera HDUs have; tables that have another number are errors.
TargetTable readTargetTable(FitsFile& file, std::size_t rows, const std::string& specprod);

} // namespace voorwerp::fits

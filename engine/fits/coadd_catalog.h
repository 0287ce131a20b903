// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Private to this folder: what a coadd and its redrock file say about targets beyond core::TargetInfo, with
// all columns, as a redshift catalogue (zpix, ztile) would have it.

#include "core/spectrum.h"
#include "core/table_chunk.h"
#include "fits/fits_file.h"

#include <filesystem>
#include <vector>

namespace voorwerp::fits {

/// One row a target, in their order: FIBERMAP, the TSNR2_* of SCORES, and the columns of the redrock file's
/// REDSHIFTS by TARGETID (redrock empty: none), with SURVEY, PROGRAM, SPGRP, SPGRPVAL and HEALPIX or TILEID
/// and LASTNIGHT. Of a FIBERMAP that is missing only the keys. Rows must be those of the file. Throws
/// FormatError.
core::TableChunk readCoaddCatalog(FitsFile& coadd, const std::vector<core::TargetInfo>& targets,
                                  const std::filesystem::path& redrock);

} // namespace voorwerp::fits

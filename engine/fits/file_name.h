// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Private to this folder: what the name of a DESI file says (desidatamodel, SPECPROD/healpix and
// SPECPROD/tiles).

#include <cstdint>
#include <filesystem>
#include <string>

namespace voorwerp::fits {

/// Parts of "coadd-main-dark-1234.fits.gz" (healpix) or "coadd-4-80613-thru20210324.fits" (tile groups).
/// What the name does not say stays empty or -1.
struct FileNameParts
{
    std::string product; ///< "coadd", "redrock"; lower case, up to the first '-'
    std::string group;   ///< what follows the product: "main-dark-1234"
    std::string survey;
    std::string program;
    std::string spgrp; ///< "healpix", "cumulative", "pernight", "perexp"
    std::int64_t spgrpval = -1;
    std::int32_t tileid = -1;
    std::int32_t petal = -1;
    std::int32_t night = -1; ///< YYYYMMDD
};

FileNameParts parseFileName(const std::filesystem::path& path);
/// Whether the name ends in .fits or .fits.gz (any case).
bool hasFitsSuffix(const std::filesystem::path& path);

} // namespace voorwerp::fits

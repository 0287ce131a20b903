// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the FITS files of a small survey say, read without the ingest.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::test {

struct SurveyTarget
{
    std::int64_t targetId = 0;
    double ra = 0.0, dec = 0.0; ///< degrees
    double fluxG = 0.0;         ///< nanomaggy
    double z = 0.0;
    std::int64_t zwarn = 0;
    std::string spectype;
};

/// The files named coadd-*.fits below a folder, sorted.
std::vector<std::filesystem::path> coaddsOf(const std::filesystem::path& folder);

/// The targets of all coadds below the folder and of their redrocks.
std::vector<SurveyTarget> readSurvey(const std::filesystem::path& folder);

} // namespace voorwerp::test

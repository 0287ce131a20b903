// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Private to this folder: looks at what a file claims before cfitsio believes it. cfitsio 4.2 divides by zero
// or runs out of its arrays on damaged headers of tile-compressed images, goes on with numbers that were
// never set where NAXISn or TFIELDS of a table is no number, and asks for as much memory as a damaged byte
// says.

#include <fitsio.h>

#include <filesystem>
#include <optional>
#include <string>

namespace voorwerp::fits {

/// Checks how a file that is not yet open is packed: plain or by gzip, which cannot hold more than about a
/// thousand times its own size. Nothing when cfitsio may open it, else the cause.
std::optional<std::string> packingProblem(const std::filesystem::path& path);

/// Checks the header that begins at byte start of an open file. Nothing when cfitsio may go there, else the
/// cause.
std::optional<std::string> headerProblem(fitsfile* file, LONGLONG start);

/// Checks that the compressed tiles of the current HDU lie within its heap. Nothing when they do, or when it
/// is no compressed image, else the cause.
std::optional<std::string> tileProblem(fitsfile* file);

} // namespace voorwerp::fits

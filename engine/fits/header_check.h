// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Private to this folder: looks at the raw header of an HDU before cfitsio parses it, because cfitsio 4.2
// divides by zero or runs out of its arrays on damaged headers of tile-compressed images.

#include <fitsio.h>

#include <optional>
#include <string>

namespace voorwerp::fits {

/// Checks the header that begins at byte start of an open file. Nothing when cfitsio may go there, else the
/// cause.
std::optional<std::string> headerProblem(fitsfile* file, LONGLONG start);

} // namespace voorwerp::fits

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the CSV and the FITS writer share: provenance as named lines.

#include "export/candidate_table.h"

#include <string>
#include <utility>
#include <vector>

namespace voorwerp::exporting {

/// (name, text) of each member that is not empty, in a fixed order; line breaks become spaces.
std::vector<std::pair<std::string, std::string>> provenanceLines(const Provenance& provenance);

} // namespace voorwerp::exporting

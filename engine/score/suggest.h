// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which kind of object a spectrum may be, by documented rules on bands and regions (README.md). The rules
// look at data and model only.

#include "score/artefact.h"
#include "score/explain.h"
#include "score/rest_bands.h"

#include <vector>

namespace voorwerp::score {

/// What the rules may look at.
struct Evidence
{
    ModelledRow row; ///< model includes the amplitude
    const core::LogGrid& grid;
    double z = 0.0;
    const std::vector<Region>& regions;
    const ArtefactVerdict& artefact;
};

Suggestion suggestKind(const Evidence& evidence);

} // namespace voorwerp::score

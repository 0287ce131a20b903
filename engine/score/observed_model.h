// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The model of a rest-frame row put back onto DESI's grid, beside the data.

#include "core/spectrum.h"
#include "dataset/preprocess.h"

#include <span>
#include <vector>

namespace voorwerp::score {

/// All on DesiGrid.
struct ObservedModel
{
    std::vector<float> model;    ///< observed flux units, reddened like the data; NaN where it does not reach
    std::vector<float> residual; ///< σ; 0 where the recipe does not use the pixel
    std::vector<float> skyResidual;  ///< σ in pixels that only the recipe's sky mask takes out; 0 elsewhere
    std::vector<unsigned char> used; ///< 1 where residual counts
    std::vector<unsigned char> sky;  ///< 1 where skyResidual counts
};

/// restModel: decoded flux on the recipe's grid, already multiplied by the amplitude, in units of
/// normalisation.
ObservedModel putOnObservedGrid(const dataset::Preprocessor& preprocessor, const core::Spectrum& spectrum,
                                double z, float ebv, float normalisation, std::span<const float> restModel);

} // namespace voorwerp::score

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How much a residual looks like the instrument's or the reduction's fault. Everything is measured in the
// observed frame, where faults live: spikes of a few pixels, sky lines, the camera splices, masked blocks,
// noise that the inverse variance does not know. See README.md for the thresholds.

#include "core/spectrum.h"
#include "score/observed_model.h"

#include <string>

namespace voorwerp::score {

/// Each 0 when there is no sign of it.
struct ArtefactFeatures
{
    double spikeShare = 0.0; ///< share of χ² in isolated runs of at most 5 pixels beyond 5 σ (cosmic rays)
    double spikePeak = 0.0;  ///< largest such |σ|
    double skyExcess = 0.0;  ///< mean square of σ in sky windows over that elsewhere, minus 1
    double skyPeak = 0.0;    ///< largest |σ| in sky windows, if nothing elsewhere is as large
    double spliceStep = 0.0; ///< largest change of flux/model across a camera splice, share of the flux
    double spliceSigma = 0.0; ///< its significance [σ]
    double maskedShare = 0.0; ///< share of DesiGrid without data
    double longestGap = 0.0;  ///< longest run of pixels without data inside the spectrum [Å]
    double noiseExcess = 0.0; ///< variance of neighbouring pixels' difference over what ivar says, minus 1
};

/// The Lyman alpha forest is as sharp as noise and cosmic rays: blueward of 1220 Å rest, spikes count only
/// where the flux is well above the model, and noise is not measured.
ArtefactFeatures artefactFeatures(const core::Spectrum& spectrum, const ObservedModel& observed, double z);

struct ArtefactVerdict
{
    float score = 0.0F; ///< 0 to 1
    std::string kind;   ///< of the strongest sign; empty below one half
    std::string reason;
};
ArtefactVerdict judgeArtefact(const ArtefactFeatures& features);

} // namespace voorwerp::score

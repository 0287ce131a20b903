// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Why a spectrum is unusual, in words and pixels: model and residual on the observed grid, the regions that
// stand out, and the kind of object that documented rules suggest (README.md lists them).

#include "score/component_scores.h"

#include <span>
#include <string>
#include <vector>

namespace voorwerp::score {

/// A stretch of the residual that stands out.
struct Region
{
    double firstAngstrom = 0.0; ///< rest frame
    double lastAngstrom = 0.0;
    double significance = 0.0; ///< Σr/√n over the stretch [σ], with its sign: + the data lie above the model
    double depth = 0.0;        ///< mean (data − model)/model over the stretch
    std::string line;          ///< nearest line within 30,000 km/s, "C IV 1549"; empty: none
    double velocity = 0.0;     ///< of the stretch's centre from that line [km/s], negative = blueward
};

/// Names of the suggested kinds, in the order in which they are tried; the last is "unexplained".
std::span<const char* const> suggestedKinds();

struct Suggestion
{
    std::string kind = "unexplained";
    std::string reason; ///< one sentence with the numbers that decided
};

struct Explanation
{
    std::vector<float> model;    ///< observed flux units on DesiGrid; NaN where the model does not reach
    std::vector<float> residual; ///< (data − model)·sqrt(usable ivar) [σ] on DesiGrid; 0 where not used
    std::vector<Region> regions; ///< strongest first, at most 8
    Suggestion suggestion;
    ComponentScores components;
    std::vector<float> latent;
    double amplitude = 1.0;     ///< by which the model was multiplied
    float normalisation = 0.0F; ///< as in RestFrameSpectrum
    std::string rejection;      ///< empty, or why the spectrum could not be modelled (all else is then empty)
};

} // namespace voorwerp::score

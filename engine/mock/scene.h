// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Puts a target's spectrum together, by kind, and damages the exposure of an artefact.

#include "mock/desi_camera.h"
#include "mock/population.h"

namespace voorwerp::mock {

/// The noiseless spectrum of a target as it arrives at the Earth, scaled to its magnitude [1e-17
/// erg/s/cm²/Å].
Canvas paintTarget(const MockTarget& target, Random& random);

/// Damages the exposure as the artefact's kind says; other kinds are left alone.
void applyArtefact(Kind kind, Exposure& exposure, Random& random);

/// Flux density at AB magnitude r, around 6400 Å [1e-17 erg/s/cm²/Å].
double fluxAtMagnitude(double magR);

} // namespace voorwerp::mock

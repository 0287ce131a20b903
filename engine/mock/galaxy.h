// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Starlight and stars by simple physics: black bodies with the absorption that shapes them at DESI's
// resolution.

#include "mock/canvas.h"
#include "mock/random.h"

namespace voorwerp::mock {

/// Starlight of a galaxy, 1 at rest 5100 Å. age: 0 = young (blue, Balmer lines), 1 = old (4000 Å break, Ca H
/// and K, G band, Mg b, Na D).
Canvas paintStarlight(double age, double z);
/// A galaxy with nebular lines in proportion to its youth.
Canvas paintGalaxy(double age, double z);

enum class StarType { WhiteDwarf, A, F, K, M, Carbon, Cataclysmic };
/// A star at rest, 1 at 5100 Å: black body of its temperature, Balmer or metal lines, molecular bands (TiO,
/// C2).
Canvas paintStar(StarType type, Random& random);

} // namespace voorwerp::mock

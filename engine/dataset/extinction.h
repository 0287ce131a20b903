// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Dust of the Milky Way.

namespace voorwerp::dataset {

/// A(λ)/E(B−V) for R_V = 3.1: Cardelli, Clayton & Mathis 1989 (ApJ 345, 245) in the infrared, O'Donnell 1994
/// (ApJ 422, 158) in the optical. Valid from 3030 Å to 33,000 Å; the law's own scatter is about 10 %.
double galacticExtinction(double wavelengthAngstrom);

} // namespace voorwerp::dataset

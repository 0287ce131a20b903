// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What lies between a quasar and the telescope: its own outflow and dust, the intergalactic medium, the
// Galaxy. All functions multiply a spectrum in the observer's frame; wavelengths are vacuum.

#include "mock/canvas.h"
#include "mock/random.h"

namespace voorwerp::mock {

enum class BalType { High, Low, Iron };

/// Lyα and Lyβ forest. The mean optical depth is that of Faucher-Giguère et al. 2008 (ApJ 681, 831),
/// τ = 0.0018 (1+z)^3.92; pixels fluctuate log-normally (Bi & Davidsen 1997, ApJ 479, 523), correlated over
/// some 100 and 500 km/s. Nothing happens at redshifts whose forest is not in DESI's range.
void absorbForest(Canvas& canvas, double z, Random& random);
/// The first Lyman limit system in front of the quasar; their number is that of Songaila & Cowie 2010 (ApJ
/// 721, 1448).
void absorbLymanLimit(Canvas& canvas, double z, Random& random);
/// A damped Lyα absorber of column density 10^logColumn cm⁻² (Lorentzian wings; Voigt core) with its metal
/// lines.
void absorbDla(Canvas& canvas, double z, double logColumn, double metals);
/// Broad absorption troughs (Weymann et al. 1991, ApJ 373, 23; Hall et al. 2002, ApJS 141, 267) at 2,000 to
/// 25,000 km/s: C IV, Si IV, N V, O VI, Lyα; low-ionisation ones add Mg II, Al III, Al II, C II; iron ones Fe
/// II and Fe III.
void absorbOutflow(Canvas& canvas, double z, BalType type, Random& random);
/// Dust in the quasar's galaxy, SMC-like: A(λ) = 1.39 (λ/µm)^-1.2 E(B-V) (Prevot et al. 1984; Richards et al.
/// 2003).
void redden(Canvas& canvas, double z, double ebv);
/// Dust of the Galaxy: Cardelli, Clayton & Mathis 1989 with the coefficients of O'Donnell 1994, R_V = 3.1.
void reddenByGalaxy(Canvas& canvas, double ebv);
/// A(λ)/E(B-V) of that law.
double galacticExtinction(double wavelength);

} // namespace voorwerp::mock

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The spectrum of a quasar as it leaves its galaxy: continuum, broad and narrow lines, Fe II, Balmer
// continuum, host. Few latent parameters drive all of it, so that normal quasars form a smooth family:
// luminosity (Baldwin 1977, ApJ 214, 679: equivalent widths fall with it), "eigenvector 1" (Boroson & Green
// 1992, ApJS 80, 109: Fe II up, [O III] down, C IV blueshift up), line width, slope, host. Line data:
// resources/mock_quasar_lines.csv, mock_iron_lines.csv.

#include "mock/canvas.h"
#include "mock/random.h"

namespace voorwerp::mock {

struct QuasarParameters
{
    // Latent parameters of the normal family
    double slope = -1.56;        ///< α_λ from 1216 to 4661 Å (Vanden Berk et al. 2001: α_ν = -0.44)
    double luminosity = 0.0;     ///< log10 of L relative to a typical one
    double eigenvector1 = 0.0;   ///< mean 0, scatter 1
    double width = 1.0;          ///< of broad lines, relative to the composite
    double hostAt5100 = 0.0;     ///< host light relative to the quasar at rest 5100 Å
    double hostAge = 0.5;        ///< 0 = star-forming, 1 = old
    double highIonisation = 1.0; ///< scatter of the high-ionisation equivalent widths
    double lowIonisation = 1.0;  ///< the same of the low-ionisation ones
    double narrow = 1.0;         ///< the same of the narrow lines
    double balmer = 1.0;         ///< strength of the Balmer continuum

    // What makes an anomaly
    double broadLines = 1.0;   ///< factor on all broad lines; 0: none
    double narrowLines = 1.0;  ///< factor on all narrow lines
    double iron = 1.0;         ///< factor on Fe II
    double peakSeparation = 0; ///< km/s between the peaks of low-ionisation lines; 0: single-peaked
    double continuum = 1.0;    ///< factor on the power law (type 2: little of it is seen)
};

/// Draws a normal quasar; luminosity is given by redshift and magnitude.
QuasarParameters drawQuasar(double logLuminosity, double z, Random& random);

/// Paints the quasar at redshift z, 1 at rest 3000 Å in its power law.
Canvas paintQuasar(const QuasarParameters& parameters, double z);

} // namespace voorwerp::mock

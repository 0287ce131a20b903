// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Who is in the mock survey: kinds of targets, their redshifts, magnitudes and places on the sky.

#include "mock/mock_survey.h"
#include "mock/random.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace voorwerp::mock {

enum class Kind {
    Quasar,
    HiBal,
    LoBal,
    FeLoBal,
    Dla,
    DustReddened,
    WeakLine,
    StrongIron,
    DoublePeaked,
    Type2,
    Blazar,
    TwoObjects,
    Star,
    Galaxy,
    WrongRedshift,
    SkyLineSpike,
    CameraStep,
    CosmicRay,
    MaskedBlock,
    NoisyFibre,
};

enum class TargetClass { Normal, Anomaly, Artefact };

struct KindInfo
{
    Kind kind;
    const char* name; ///< KIND of truth.csv
    TargetClass targetClass;
    double lowestZ, highestZ; ///< where the kind shows in DESI's range
};
/// All kinds, in the order of the enumeration.
const std::vector<KindInfo>& kinds();
const KindInfo& info(Kind kind);

struct MockTarget
{
    std::size_t number = 0; ///< in the survey; names its stream of random numbers
    Kind kind = Kind::Quasar;
    std::int64_t targetId = 0;
    double zTrue = 0.0;
    double z = 0.0; ///< what redrock says
    double zerr = 0.0;
    std::int64_t zwarn = 0;
    double magR = 0.0; ///< AB, as seen through the Galaxy's dust
    double ra = 0.0, dec = 0.0;
    double ebv = 0.0; ///< of the Galaxy
    int exposures = 1;
    double exposureSeconds = 0.0; ///< effective, all exposures
};

/// The targets of one healpix pixel.
struct PixelGroup
{
    std::int64_t healpix = 0;
    std::vector<MockTarget> targets;
};

/// Draws the whole survey; groups are in ascending order of their pixels.
std::vector<PixelGroup> drawPopulation(const MockConfig& config);

/// log10 of the luminosity relative to a quasar of r = 20.8 at z = 1.6 (flat ΛCDM, Ωm = 0.31).
double logLuminosity(double magR, double z);

} // namespace voorwerp::mock

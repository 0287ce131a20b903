// SPDX-License-Identifier: GPL-3.0-or-later
#include "mock/scene.h"

#include "mock/absorption.h"
#include "mock/galaxy.h"
#include "mock/quasar.h"

#include <cmath>

namespace voorwerp::mock {

namespace {

constexpr double kBandLow = 5700.0, kBandHigh = 7100.0; // the r band, as a top hat

void normalise(Canvas& canvas, double flux)
{
    const double mean = canvas.mean(kBandLow, kBandHigh);
    canvas.scale(mean > 0.0 ? flux / mean : 0.0);
}

Canvas paintAnyStar(Random& random)
{
    return paintStar(static_cast<StarType>(random.index(7)), random);
}

Canvas paintForestedQuasar(const QuasarParameters& parameters, double z, Random& random)
{
    Canvas canvas = paintQuasar(parameters, z);
    absorbForest(canvas, z, random);
    absorbLymanLimit(canvas, z, random);
    return canvas;
}

/// What makes a quasar of this kind odd in its own emission.
void makeOdd(QuasarParameters& p, Kind kind, Random& random)
{
    switch (kind) {
    case Kind::WeakLine: // Diamond-Stanic et al. 2009 (ApJ 699, 782)
        p.broadLines = random.uniform(0.04, 0.16);
        p.narrowLines = 0.3;
        break;
    case Kind::StrongIron:
        p.iron = random.uniform(3.5, 6.0);
        p.narrowLines = 0.15;
        p.width *= 0.6; // narrow-line Seyfert 1s are the strongest in iron
        break;
    case Kind::DoublePeaked:
        p.peakSeparation = random.uniform(6000.0, 11000.0);
        p.iron = 0.4;
        break;
    case Kind::Type2:
        p.broadLines = 0.0;
        p.iron = 0.0;
        p.continuum = random.uniform(0.04, 0.12);
        p.narrowLines = random.uniform(0.8, 1.6);
        p.hostAt5100 = random.uniform(0.15, 0.35);
        break;
    case Kind::Blazar:
        p.slope = random.uniform(-1.7, -0.4);
        p.broadLines = p.narrowLines = p.iron = p.hostAt5100 = 0.0;
        break;
    case Kind::LoBal:
        p.narrowLines = 0.4;
        break;
    default:
        break;
    }
}

/// What stands in the way of a quasar of this kind.
void obstruct(Canvas& canvas, const MockTarget& target, Random& random)
{
    const double z = target.zTrue;
    switch (target.kind) {
    case Kind::HiBal:
        absorbOutflow(canvas, z, BalType::High, random);
        break;
    case Kind::LoBal:
        absorbOutflow(canvas, z, BalType::Low, random);
        redden(canvas, z, random.uniform(0.03, 0.10)); // Reichard et al. 2003 (AJ 126, 2594)
        break;
    case Kind::FeLoBal:
        absorbOutflow(canvas, z, BalType::Iron, random);
        redden(canvas, z, random.uniform(0.06, 0.2));
        break;
    case Kind::Dla:
        absorbDla(canvas, random.uniform(std::max(2.05, z - 0.7), z - 0.04), random.uniform(20.6, 21.8),
                  random.uniform(0.5, 1.5));
        break;
    case Kind::DustReddened:
        redden(canvas, z, random.uniform(0.25, 0.6));
        break;
    default:
        break;
    }
}

void addSecondObject(Canvas& canvas, double zFirst, Random& random)
{
    Canvas second;
    switch (random.index(3)) {
    case 0: {
        const double z = std::abs(zFirst - 1.6) > 0.35 ? 1.6 + random.uniform(-0.2, 0.2)
                                                       : zFirst + random.uniform(0.5, 1.0);
        second = paintForestedQuasar(drawQuasar(0.0, z, random), z, random);
        break;
    }
    case 1:
        second = paintAnyStar(random);
        break;
    default:
        second = paintGalaxy(random.uniform(0.0, 0.9), random.uniform(0.1, 0.6));
        break;
    }
    normalise(canvas, 1.0);
    normalise(second, random.uniform(0.5, 1.5));
    canvas.add(second);
}

void addSkySpikes(Exposure& exposure, Random& random)
{
    // Residuals at 5577 Å or in the OH bands near 9400 Å, as in the reports on DR1's quasars
    const bool blue = random.chance(0.4);
    const std::size_t camera = blue ? 0 : 2;
    const std::size_t first = Canvas::pixelAt(blue ? 5571.0 : 9300.0) - kCameras[camera].firstPixel;
    const std::size_t last = Canvas::pixelAt(blue ? 5587.0 : 9530.0) - kCameras[camera].firstPixel;
    const std::span<const double> sky = skyLines(camera);
    CameraExposure& c = exposure[camera];
    double worst = 1e-9;
    for (std::size_t i = first; i < last; ++i)
        worst = std::max(worst, sky[i] * std::sqrt(static_cast<double>(c.ivar[i])));
    const double amplitude = random.uniform(10.0, 30.0) * (random.chance(0.5) ? 1.0 : -1.0) / worst;
    for (std::size_t i = first; i + 1 < last; ++i) {
        const double shifted = 0.5 * (sky[i] + sky[i + 1]); // residuals come from lines that moved a little
        c.flux[i] += static_cast<float>(amplitude * (0.6 * sky[i] + 0.4 * shifted));
    }
}

void addCameraStep(Exposure& exposure, Random& random)
{
    const double factor = random.chance(0.5) ? random.uniform(0.45, 0.72) : random.uniform(1.4, 2.0);
    CameraExposure& camera = exposure[random.index(3)];
    for (std::size_t i = 0; i < camera.flux.size(); ++i) {
        camera.flux[i] *= static_cast<float>(factor);
        camera.ivar[i] /= static_cast<float>(factor * factor);
    }
}

void addCosmicRays(Exposure& exposure, Random& random)
{
    for (std::size_t hit = 0, hits = 1 + random.index(3); hit < hits; ++hit) {
        CameraExposure& camera = exposure[random.index(3)];
        const std::size_t first = 50 + random.index(camera.flux.size() - 100), length = 2 + random.index(4);
        const double sigmas = random.uniform(25.0, 90.0);
        for (std::size_t i = first; i < first + length; ++i) {
            if (camera.ivar[i] > 0.0F)
                camera.flux[i] +=
                    static_cast<float>(sigmas * random.uniform(0.5, 1.0)) / std::sqrt(camera.ivar[i]);
        }
    }
}

void maskBlock(Exposure& exposure, Random& random)
{
    constexpr std::int32_t kBadColumn = 1 << 10;
    CameraExposure& camera = exposure[random.index(3)];
    const std::size_t length = 400 + random.index(1200),
                      first = 20 + random.index(camera.flux.size() - length - 40);
    for (std::size_t i = first; i < first + length; ++i) {
        camera.flux[i] = camera.ivar[i] = 0.0F;
        camera.mask[i] |= kBadColumn;
    }
    for (std::size_t edge : {first - 12, first + length}) { // what the mask forgot
        for (std::size_t i = edge; i < edge + 12; ++i) {
            if (camera.ivar[i] > 0.0F)
                camera.flux[i] += static_cast<float>(6.0 * random.normal()) / std::sqrt(camera.ivar[i]);
        }
    }
}

void addNoise(Exposure& exposure, Random& random)
{
    const double excess = random.uniform(1.5, 3.5), period = random.uniform(30.0, 120.0),
                 phase = random.uniform(0.0, 6.28);
    for (CameraExposure& camera : exposure) {
        for (std::size_t i = 0; i < camera.flux.size(); ++i) {
            if (camera.ivar[i] <= 0.0F)
                continue;
            const double ripple = 1.5 * std::sin(phase + 6.2832 * static_cast<double>(i) / period);
            camera.flux[i] +=
                static_cast<float>(excess * random.normal() + ripple) / std::sqrt(camera.ivar[i]);
        }
    }
}

} // namespace

double fluxAtMagnitude(double magR)
{
    constexpr double kLightAngstrom = 2.99792458e18, kWavelength = 6400.0;
    return std::pow(10.0, -0.4 * (magR + 48.6)) * kLightAngstrom / (kWavelength * kWavelength) * 1e17;
}

Canvas paintTarget(const MockTarget& target, Random& random)
{
    Canvas canvas;
    if (target.kind == Kind::Star) {
        canvas = paintAnyStar(random);
    } else if (target.kind == Kind::Galaxy) {
        canvas = paintGalaxy(random.uniform(0.0, 1.0), target.zTrue);
    } else {
        QuasarParameters parameters =
            drawQuasar(logLuminosity(target.magR, target.zTrue), target.zTrue, random);
        makeOdd(parameters, target.kind, random);
        canvas = paintForestedQuasar(parameters, target.zTrue, random);
        obstruct(canvas, target, random);
        if (target.kind == Kind::TwoObjects)
            addSecondObject(canvas, target.zTrue, random);
    }
    reddenByGalaxy(canvas, target.ebv);
    normalise(canvas, fluxAtMagnitude(target.magR));
    return canvas;
}

void applyArtefact(Kind kind, Exposure& exposure, Random& random)
{
    switch (kind) {
    case Kind::SkyLineSpike:
        return addSkySpikes(exposure, random);
    case Kind::CameraStep:
        return addCameraStep(exposure, random);
    case Kind::CosmicRay:
        return addCosmicRays(exposure, random);
    case Kind::MaskedBlock:
        return maskBlock(exposure, random);
    case Kind::NoisyFibre:
        return addNoise(exposure, random);
    default:
        return;
    }
}

} // namespace voorwerp::mock

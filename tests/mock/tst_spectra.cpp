// SPDX-License-Identifier: GPL-3.0-or-later
// The physics of the mock spectra, each against a published number or a property that must hold.
#include "core/wavelength_grid.h"
#include "mock/absorption.h"
#include "mock/galaxy.h"
#include "mock/quasar.h"
#include "mock/scene.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace voorwerp::mock;
using voorwerp::core::DesiGrid;

namespace {

Canvas flat(double value)
{
    Canvas canvas;
    std::fill(canvas.flux.begin(), canvas.flux.end(), value);
    return canvas;
}

double at(const Canvas& canvas, double wavelength)
{
    return canvas.flux[Canvas::pixelAt(wavelength)];
}

double peakWavelength(const Canvas& canvas, double low, double high)
{
    const auto first = canvas.flux.begin() + static_cast<std::ptrdiff_t>(Canvas::pixelAt(low));
    const auto last = canvas.flux.begin() + static_cast<std::ptrdiff_t>(Canvas::pixelAt(high));
    return DesiGrid::wavelength(
        static_cast<std::size_t>(std::max_element(first, last) - canvas.flux.begin()));
}

} // namespace

TEST_CASE("lines are drawn with the area and the place that were asked for")
{
    Canvas canvas;
    canvas.addLine(5000.3, 3.0, 20.0);
    double area = 0.0, moment = 0.0;
    for (std::size_t i = 0; i < canvas.size(); ++i) {
        area += canvas.flux[i] * DesiGrid::kStepAngstrom;
        moment += canvas.flux[i] * DesiGrid::kStepAngstrom * DesiGrid::wavelength(i);
    }
    CHECK(area == Approx(20.0).epsilon(1e-4));
    CHECK(moment / area == Approx(5000.3).margin(0.01));
    canvas.addLine(1000.0, 3.0, 5.0); // off the grid: nothing happens
    canvas.addLine(9824.0, 3.0, 5.0);
}

TEST_CASE("a normal quasar has the slope and the lines of the composite")
{
    const Canvas canvas = paintQuasar({}, 1.5);
    CHECK(peakWavelength(canvas, 6800, 7200) == Approx(2798.75 * 2.5).margin(12.0));
    CHECK(peakWavelength(canvas, 3800, 3950) == Approx(1549.06 * 2.5).margin(30.0)); // blueshifted
    CHECK(peakWavelength(canvas, 3800, 3950) < 1549.06 * 2.5);
    // between windows without strong lines (Vanden Berk et al. 2001: 1350-1365 and 4200-4230 Å)
    const Canvas redshifted = paintQuasar({.broadLines = 0.0, .narrowLines = 0.0, .iron = 0.0}, 1.7);
    const double slope = std::log(at(redshifted, 4000 * 2.45) / at(redshifted, 1450 * 2.7)) /
                         std::log(4000 * 2.45 / (1450 * 2.7));
    CHECK(slope == Approx(-1.56).margin(0.08));
    const Canvas low = paintQuasar({}, 0.3);
    CHECK(peakWavelength(low, 6400, 6600) == Approx(5008.24 * 1.3).margin(3.0));
    CHECK(peakWavelength(low, 8300, 8700) == Approx(6564.61 * 1.3).margin(6.0));
}

TEST_CASE("the Baldwin effect and eigenvector 1 work in the published sense")
{
    const auto excess = [](const QuasarParameters& p, double low, double high, double z) {
        QuasarParameters bare = p;
        bare.broadLines = bare.narrowLines = bare.iron = 0.0;
        return paintQuasar(p, z).mean(low, high) / paintQuasar(bare, z).mean(low, high);
    };
    CHECK(excess({.luminosity = 1.0}, 4550, 4700, 2.0) < excess({.luminosity = -1.0}, 4550, 4700, 2.0));
    CHECK(excess({.eigenvector1 = 1.5}, 6500, 6520, 0.3) < excess({.eigenvector1 = -1.5}, 6500, 6520, 0.3));
    CHECK(excess({.eigenvector1 = 1.5}, 5700, 6000, 1.3) > excess({.eigenvector1 = -1.5}, 5700, 6000, 1.3));
}

TEST_CASE("the forest lets through as much light as measured")
{
    for (const double z : {2.4, 3.0, 3.8}) {
        CAPTURE(z);
        const double wavelength = 1215.67 * (1.0 + z);
        double sum = 0.0;
        constexpr int kSightlines = 150;
        for (int i = 0; i < kSightlines; ++i) {
            Canvas canvas = flat(1.0);
            Random random(5, static_cast<std::uint64_t>(i));
            absorbForest(canvas, z + 0.25, random);
            sum += canvas.mean(wavelength - 30.0, wavelength + 30.0);
            CHECK(at(canvas, 1215.67 * (1.25 + z) + 5.0) == 1.0);
        }
        const double expected = std::exp(-0.0018 * std::pow(1.0 + z, 3.92)); // Faucher-Giguère et al. 2008
        CHECK(sum / kSightlines == Approx(expected).margin(0.03));
    }
}

TEST_CASE("a damped system has the equivalent width of its column")
{
    Canvas canvas = flat(1.0);
    absorbDla(canvas, 2.5, 21.0, 0.0);
    double width = 0.0;
    for (const double flux : canvas.flux)
        width += (1.0 - flux) * DesiGrid::kStepAngstrom;
    CHECK(width / 3.5 == Approx(7.3 * std::sqrt(10.0)).epsilon(0.05)); // W = 7.3 Å (N / 1e20 cm⁻²)^½
    CHECK(at(canvas, 1215.67 * 3.5) < 1e-6);
    absorbDla(canvas, 2.5, 21.0, 1.0);
    CHECK(at(canvas, 1526.707 * 3.5) < 0.7);
}

TEST_CASE("troughs lie to the blue of their lines, and low-ionisation ones only where they should")
{
    for (const BalType type : {BalType::High, BalType::Low, BalType::Iron}) {
        Canvas canvas = flat(1.0);
        Random random(3, 7);
        absorbOutflow(canvas, 1.9, type, random);
        const auto deepest = [&](double low, double high) {
            return *std::min_element(
                canvas.flux.begin() + static_cast<std::ptrdiff_t>(Canvas::pixelAt(low * 2.9)),
                canvas.flux.begin() + static_cast<std::ptrdiff_t>(Canvas::pixelAt(high * 2.9)));
        };
        CHECK(deepest(1420, 1549) < 0.5);
        CHECK(deepest(1556, 1570) > 0.9);
        CHECK((deepest(2650, 2799) < 0.8) == (type != BalType::High));
        CHECK((deepest(2500, 2600) < 0.7) == (type == BalType::Iron));
    }
}

TEST_CASE("dust dims the blue more, by the published laws")
{
    CHECK(galacticExtinction(5494.5) == Approx(3.1).epsilon(0.01)); // A(V) at 1.82 per µm
    CHECK(galacticExtinction(4400.0) == Approx(4.1).epsilon(0.03)); // A(B) = A(V) + E(B-V)
    Canvas canvas = flat(1.0);
    redden(canvas, 1.0, 0.2);
    CHECK(-2.5 * std::log10(at(canvas, 5000.0)) == Approx(1.39 * std::pow(0.25, -1.2) * 0.2).epsilon(1e-3));
    CHECK(at(canvas, 4000.0) < at(canvas, 9000.0));
}

TEST_CASE("noise is as large as ivar says, and worse where the sky is bright")
{
    Random random(11, 1);
    const Canvas truth = flat(2.0);
    double sum = 0.0, squares = 0.0;
    std::size_t count = 0;
    for (int i = 0; i < 20; ++i) {
        const Exposure exposure = observe(truth, 1000.0, random);
        for (const CameraExposure& camera : exposure) {
            for (std::size_t p = 0; p < camera.flux.size(); ++p) {
                if (camera.ivar[p] <= 0.0F) {
                    CHECK(camera.mask[p] != 0);
                    continue;
                }
                const double pull = (static_cast<double>(camera.flux[p]) - 2.0) *
                                    std::sqrt(static_cast<double>(camera.ivar[p]));
                sum += pull;
                squares += pull * pull;
                ++count;
            }
        }
    }
    CHECK(sum / static_cast<double>(count) == Approx(0.0).margin(0.02));
    CHECK(squares / static_cast<double>(count) == Approx(1.0).margin(0.03));
    const Exposure exposure = observe(truth, 1000.0, random);
    const std::size_t line = Canvas::pixelAt(5578.9);
    CHECK(exposure[0].ivar[line] < 0.3F * exposure[0].ivar[line - 60]);
}

TEST_CASE("targets have their magnitude")
{
    MockTarget target{.kind = Kind::Quasar, .zTrue = 1.4, .magR = 20.0, .ebv = 0.03};
    Random random(2, 2);
    for (const KindInfo& kind : kinds()) {
        target.kind = kind.kind;
        target.zTrue = 0.5 * (kind.lowestZ + kind.highestZ);
        const Canvas canvas = paintTarget(target, random);
        CHECK(canvas.mean(5700.0, 7100.0) == Approx(fluxAtMagnitude(20.0)));
        CHECK(std::all_of(canvas.flux.begin(), canvas.flux.end(),
                          [](double f) { return std::isfinite(f) && f >= 0.0; }));
    }
    CHECK(fluxAtMagnitude(22.5) == Approx(0.266).epsilon(0.01));
}

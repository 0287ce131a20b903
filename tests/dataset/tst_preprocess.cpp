// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/extinction.h"
#include "dataset/preprocess.h"
#include "dataset/rebin.h"
#include "dataset/sky_mask.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace voorwerp;
using core::DesiGrid;
using dataset::Preprocessor;
using dataset::Recipe;

namespace {

/// A power law in the rest frame, flux 10 at 2600 Å, slope -1.5, constant ivar.
core::Spectrum powerLaw(double z, float ivar)
{
    core::Spectrum spectrum{std::vector<float>(DesiGrid::kPixels),
                            std::vector<float>(DesiGrid::kPixels, ivar),
                            std::vector<std::uint32_t>(DesiGrid::kPixels, 0)};
    for (std::size_t i = 0; i < DesiGrid::kPixels; ++i)
        spectrum.flux[i] =
            static_cast<float>(10.0 * std::pow(DesiGrid::wavelength(i) / (1.0 + z) / 2600.0, -1.5));
    return spectrum;
}

std::vector<double> edgesOf(const core::LogGrid& grid)
{
    std::vector<double> edges;
    for (std::size_t i = 0; i <= grid.pixels; ++i)
        edges.push_back(grid.firstAngstrom * std::exp((static_cast<double>(i) - 0.5) * grid.step()));
    return edges;
}

Recipe plainRecipe()
{
    Recipe recipe = Recipe::builtIn("quasar");
    recipe.sky.enabled = false;
    recipe.modelErrorFloor = 0.0;
    return recipe;
}

} // namespace

TEST_CASE("Rebinning keeps the sums of weight and of weighted flux, and a flat spectrum flat")
{
    const core::LogGrid grid{900.0, 7500.0, 2048};
    for (double z : {0.3, 1.0, 2.1}) { // at these the rest grid holds all of DESI's
        std::vector<float> flux(DesiGrid::kPixels), ivar(DesiGrid::kPixels);
        for (std::size_t i = 0; i < flux.size(); ++i) {
            flux[i] = 3.0F + std::sin(0.01F * static_cast<float>(i));
            ivar[i] = i % 7 == 0 ? 0.0F : 1.0F + 0.5F * std::cos(0.02F * static_cast<float>(i));
        }
        const core::LogGrid wide{1000.0, 9000.0, 2048};
        const auto out = dataset::rebinToRest(flux, ivar, edgesOf(wide), z);
        double weightIn = 0, weightOut = 0, fluxIn = 0, fluxOut = 0;
        for (std::size_t i = 0; i < flux.size(); ++i) {
            weightIn += ivar[i];
            fluxIn += double(ivar[i]) * flux[i];
        }
        for (std::size_t j = 0; j < out.flux.size(); ++j) {
            weightOut += out.weight[j];
            fluxOut += double(out.weight[j]) * out.flux[j];
        }
        REQUIRE(weightOut == Approx(weightIn).epsilon(1e-5));
        REQUIRE(fluxOut == Approx(fluxIn).epsilon(1e-5));
    }
    const std::vector<float> two(DesiGrid::kPixels, 2.0F), four(DesiGrid::kPixels, 4.0F);
    const auto flat = dataset::rebinToRest(two, four, edgesOf(grid), 1.2);
    for (std::size_t j = 0; j < grid.pixels; ++j) {
        const double observed = grid.wavelength(j) * 2.2;
        if (observed > 3605.0 && observed < 9815.0) {
            REQUIRE(flat.flux[j] == Approx(2.0));
            // Inverse variances add: a pixel of constant velocity width holds as many as it is wide.
            const double width = observed * grid.step() / DesiGrid::kStepAngstrom;
            REQUIRE(flat.weight[j] == Approx(4.0 * width).epsilon(1e-3));
        } else if (observed < 3590.0 || observed > 9830.0) {
            REQUIRE(flat.weight[j] == 0.0F);
            REQUIRE(flat.flux[j] == 0.0F);
        }
    }
}

/// As rebin.h says it, one output pixel after the other.
dataset::RebinnedSpectrum rebinnedPlainly(const std::vector<float>& flux, const std::vector<float>& ivar,
                                          const std::vector<double>& edges, double z)
{
    const double end = static_cast<double>(flux.size());
    const auto position = [&](double edge) {
        return std::clamp(DesiGrid::pixelOf(edge * (1.0 + z)) + 0.5, 0.0, end);
    };
    dataset::RebinnedSpectrum out;
    for (std::size_t j = 0; j + 1 < edges.size(); ++j) {
        const double lower = position(edges[j]), upper = position(edges[j + 1]);
        double weight = 0.0, weighted = 0.0;
        for (double pixel = std::floor(lower); pixel < upper; pixel += 1.0) {
            const double share = std::min(upper, pixel + 1.0) - std::max(lower, pixel);
            const double w = share * ivar[static_cast<std::size_t>(pixel)];
            weight += w;
            weighted += w * flux[static_cast<std::size_t>(pixel)];
        }
        out.weight.push_back(weight > 0.0 ? static_cast<float>(weight) : 0.0F);
        out.flux.push_back(weight > 0.0 ? static_cast<float>(weighted / weight) : 0.0F);
    }
    return out;
}

TEST_CASE("Rebinning is the sum that it is said to be, to the bit, for any grid and redshift")
{
    std::vector<float> flux(DesiGrid::kPixels), ivar(DesiGrid::kPixels);
    for (std::size_t i = 0; i < flux.size(); ++i) {
        flux[i] = 2.0F + std::sin(0.3F * static_cast<float>(i));
        ivar[i] = i % 50 < 11 ? 0.0F : 1.5F + std::cos(0.7F * static_cast<float>(i));
    }
    for (const core::LogGrid& grid : {core::LogGrid{900.0, 7500.0, 2048},  // the recipe's
                                      core::LogGrid{900.0, 7500.0, 40000}, // finer than DESI's
                                      core::LogGrid{900.0, 7500.0, 37}, core::LogGrid{5000.0, 5001.0, 2},
                                      core::LogGrid{100.0, 200.0, 9}, core::LogGrid{1500.0, 4500.0, 999}})
        for (const double z : {0.0, 0.05, 0.8, 1.0, 1.7, 3.0, 4.9, 40.0}) {
            const auto expected = rebinnedPlainly(flux, ivar, edgesOf(grid), z);
            const auto out = dataset::rebinToRest(flux, ivar, edgesOf(grid), z);
            REQUIRE(out.weight == expected.weight);
            REQUIRE(out.flux == expected.flux);
        }
}

TEST_CASE("Masked, non-finite and weightless pixels get weight 0 and do not spoil their neighbours")
{
    const Preprocessor preprocessor(plainRecipe());
    core::Spectrum spectrum = powerLaw(1.0, 4.0F);
    const auto clean = preprocessor.apply(spectrum, 1.0);
    REQUIRE(clean.usable());
    for (std::size_t i = 3000; i < 3200; ++i) {
        switch (i % 4) {
        case 0:
            spectrum.flux[i] = std::numeric_limits<float>::quiet_NaN();
            break;
        case 1:
            spectrum.mask[i] = 4;
            spectrum.flux[i] = 1e6F;
            break;
        case 2:
            spectrum.ivar[i] = std::numeric_limits<float>::infinity();
            break;
        default:
            spectrum.ivar[i] = 1e-7F;
        }
    }
    spectrum.ivar[100] = -1.0F;
    const auto dirty = preprocessor.apply(spectrum, 1.0);
    REQUIRE(dirty.usable());
    std::size_t emptied = 0;
    for (std::size_t j = 0; j < clean.flux.size(); ++j) {
        REQUIRE(std::isfinite(dirty.flux[j]));
        REQUIRE(dirty.weight[j] <= clean.weight[j]);
        if (clean.weight[j] > 0.0F && dirty.weight[j] == 0.0F)
            ++emptied;
        if (dirty.weight[j] > 0.0F)
            REQUIRE(dirty.flux[j] == Approx(clean.flux[j]).epsilon(0.01));
    }
    REQUIRE(emptied > 20);
}

TEST_CASE("A spectrum that cannot be used says why")
{
    const Preprocessor preprocessor(plainRecipe());
    const core::Spectrum good = powerLaw(1.0, 4.0F);
    const auto reason = [&](const core::Spectrum& spectrum, double z) {
        const auto row = preprocessor.apply(spectrum, z);
        REQUIRE(row.flux.empty() != row.usable());
        return row.rejection;
    };
    REQUIRE(reason(good, 1.0).empty());
    REQUIRE(reason(good, std::nan("")) == "no redshift");
    REQUIRE(reason(good, 0.001) == "redshift outside the recipe's range");
    REQUIRE(reason(good, 6.0) == "redshift outside the recipe's range");
    REQUIRE(reason(core::Spectrum{}, 1.0) == "no spectrum");
    core::Spectrum bad = good;
    std::fill(bad.ivar.begin(), bad.ivar.end(), 0.0F);
    REQUIRE(reason(bad, 1.0) == "no positive flux in the normalisation window");
    bad = good;
    for (float& f : bad.flux)
        f = -f;
    REQUIRE(reason(bad, 1.0) == "no positive flux in the normalisation window");
    bad = good;
    for (std::size_t i = 0; i < bad.ivar.size(); ++i) {
        if (i < 2000 || i > 2400) // only the window is left
            bad.ivar[i] = 0.0F;
    }
    REQUIRE(reason(bad, 1.0) == "too few good pixels");
}

TEST_CASE("The normalisation is continuous in z, across the borders of its windows too")
{
    const Preprocessor preprocessor(plainRecipe());
    double before = 0.0;
    int lastWindow = -1, changes = 0;
    for (double z = 0.06; z < 4.9; z += 0.002) {
        const auto row = preprocessor.apply(powerLaw(z, 4.0F), z);
        REQUIRE(row.usable());
        if (before > 0.0)
            REQUIRE(std::abs(std::log(row.normalisation / before)) < 0.005);
        if (lastWindow >= 0 && row.window != lastWindow)
            ++changes;
        before = row.normalisation;
        lastWindow = row.window;
    }
    REQUIRE(changes == 3);
}

TEST_CASE("Scaling flux and noise together changes the normalisation and nothing else")
{
    const Preprocessor preprocessor(Recipe::builtIn("quasar"));
    core::Spectrum spectrum = powerLaw(1.5, 2.0F);
    const auto one = preprocessor.apply(spectrum, 1.5);
    for (float& f : spectrum.flux)
        f *= 8.0F;
    for (float& w : spectrum.ivar)
        w /= 64.0F;
    const auto other = preprocessor.apply(spectrum, 1.5);
    REQUIRE(other.normalisation == Approx(8.0 * one.normalisation));
    REQUIRE(other.snr == Approx(one.snr));
    for (std::size_t j = 0; j < one.flux.size(); ++j) {
        REQUIRE(other.flux[j] == Approx(one.flux[j]).epsilon(1e-4));
        REQUIRE(other.weight[j] == Approx(one.weight[j]).epsilon(1e-4));
    }
}

TEST_CASE("The model-error floor limits the S/N of a pixel to its inverse")
{
    Recipe recipe = plainRecipe();
    recipe.modelErrorFloor = 0.025;
    const auto row = Preprocessor(recipe).apply(powerLaw(1.0, 1e6F), 1.0);
    REQUIRE(row.snr == Approx(40.0).epsilon(0.02));
}

TEST_CASE("Sky lines, ranges and pixels of little weight are not used")
{
    const Preprocessor preprocessor(Recipe::builtIn("quasar"));
    core::Spectrum spectrum = powerLaw(1.0, 4.0F);
    const auto pixel = [](double angstrom) {
        return static_cast<std::size_t>(DesiGrid::pixelOf(angstrom) + 0.5);
    };
    spectrum.ivar[pixel(4500.0)] = 0.3F; // below a tenth of its neighbours
    spectrum.ivar[pixel(4600.0)] = 0.5F;
    const auto ivar = preprocessor.usableIvar(spectrum);
    REQUIRE(ivar[pixel(5577.0)] == 0.0F);
    REQUIRE(ivar[pixel(9400.0)] == 0.0F);
    REQUIRE(ivar[pixel(9793.5)] == 0.0F);
    REQUIRE(ivar[pixel(4500.0)] == 0.0F);
    REQUIRE(ivar[pixel(4600.0)] == 0.5F);
    REQUIRE(ivar[pixel(5000.0)] == 4.0F);
    const auto masked = std::count(preprocessor.skyMask().begin(), preprocessor.skyMask().end(), 1);
    REQUIRE(masked < 0.35 * DesiGrid::kPixels);
}

TEST_CASE("Dereddening undoes O'Donnell's law, and is left out when E(B-V) is not known")
{
    // A(V) = 3.1 E(B-V) at 5494.5 Å, where the law is anchored; A(B) - A(V) = E(B-V).
    REQUIRE(dataset::galacticExtinction(1e4 / 1.82) == Approx(3.1));
    REQUIRE(dataset::galacticExtinction(4400.0) - dataset::galacticExtinction(5494.5) ==
            Approx(1.0).margin(0.05));

    const Preprocessor preprocessor(plainRecipe());
    const core::Spectrum intrinsic = powerLaw(1.0, 4.0F);
    core::Spectrum reddened = intrinsic;
    for (std::size_t i = 0; i < DesiGrid::kPixels; ++i) {
        const double factor =
            std::pow(10.0, -0.4 * 0.2 * dataset::galacticExtinction(DesiGrid::wavelength(i)));
        reddened.flux[i] *= static_cast<float>(factor);
    }
    const auto expected = preprocessor.apply(intrinsic, 1.0);
    const auto corrected = preprocessor.apply(reddened, 1.0, 0.2F);
    const auto unknown = preprocessor.apply(reddened, 1.0);
    REQUIRE(corrected.normalisation == Approx(expected.normalisation).epsilon(1e-3));
    REQUIRE(unknown.normalisation < 0.8F * expected.normalisation);
    for (std::size_t j = 0; j < expected.flux.size(); ++j)
        REQUIRE(corrected.flux[j] == Approx(expected.flux[j]).epsilon(1e-3));
}

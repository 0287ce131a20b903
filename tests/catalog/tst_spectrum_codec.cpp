// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/spectrum_codec.h"

#include "catalog_fixture.h"
#include "core/error.h"
#include "core/wavelength_grid.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace voorwerp;
using namespace voorwerp::catalog;

namespace {

constexpr std::size_t kPixels = core::DesiGrid::kPixels;
constexpr double kLargestFluxError = 0.01;  // σ
constexpr double kLargestSigmaError = 0.01; // of σ

template <typename Value> bool sameBits(const std::vector<Value>& a, const std::vector<Value>& b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Value)) == 0;
}

bool sameBits(const core::Spectrum& a, const core::Spectrum& b)
{
    return sameBits(a.flux, b.flux) && sameBits(a.ivar, b.ivar) && sameBits(a.mask, b.mask);
}

core::Spectrum decoded(const EncodedSpectrum& encoded)
{
    return decodeSpectrum(encoded.flux, encoded.ivar, encoded.mask);
}

/// Every 32-bit pattern is as likely: NaN, infinities, denormals, negative ivar.
core::Spectrum anyBits()
{
    core::Spectrum odd;
    odd.flux.resize(kPixels);
    odd.ivar.resize(kPixels);
    odd.mask.resize(kPixels);
    for (std::size_t i = 0; i < kPixels; ++i) {
        odd.mask[i] = static_cast<std::uint32_t>(i * 2654435761U);
        std::memcpy(&odd.flux[i], &odd.mask[i], sizeof(float));
        std::memcpy(&odd.ivar[kPixels - 1 - i], &odd.mask[i], sizeof(float));
    }
    odd.flux[0] = std::numeric_limits<float>::quiet_NaN();
    odd.flux[1] = -0.0F;
    odd.flux[2] = std::numeric_limits<float>::denorm_min();
    return odd;
}

/// ivar over twelve decades, flux up to mostSigma σ, every seventh pixel without ivar.
core::Spectrum noisy(double mostSigma, unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> decade(-6.0, 6.0), share(-1.0, 1.0);
    core::Spectrum spectrum;
    for (std::size_t i = 0; i < kPixels; ++i) {
        const double ivar = i % 7 == 0 ? 0.0 : std::pow(10.0, decade(random));
        spectrum.ivar.push_back(static_cast<float>(ivar));
        spectrum.flux.push_back(ivar > 0.0 ? static_cast<float>(share(random) * mostSigma / std::sqrt(ivar))
                                           : 0.0F);
        spectrum.mask.push_back(ivar > 0.0 ? 0U : 1U << (i % 32));
    }
    return spectrum;
}

void requireWithinNoise(const core::Spectrum& stored, const core::Spectrum& original)
{
    REQUIRE(stored.flux.size() == original.flux.size());
    REQUIRE(sameBits(stored.mask, original.mask));
    for (std::size_t i = 0; i < original.flux.size(); ++i) {
        if (original.ivar[i] == 0.0F) {
            REQUIRE(stored.ivar[i] == 0.0F);
            REQUIRE(stored.flux[i] == 0.0F);
            continue;
        }
        const double sigma = 1.0 / std::sqrt(static_cast<double>(original.ivar[i]));
        const double error = static_cast<double>(stored.flux[i]) - static_cast<double>(original.flux[i]);
        REQUIRE(std::abs(error) < kLargestFluxError * sigma);
        const double storedSigma = 1.0 / std::sqrt(static_cast<double>(stored.ivar[i]));
        REQUIRE(std::abs(storedSigma - sigma) < kLargestSigmaError * sigma);
    }
}

} // namespace

TEST_CASE("Lossless storage gives every bit back, whatever the numbers are")
{
    CHECK(sameBits(decoded(encodeSpectrum(anyBits(), PixelStorage::Lossless)), anyBits()));
    const core::Spectrum made = test::madeSpectrum(3);
    CHECK(sameBits(decoded(encodeSpectrum(made, PixelStorage::Lossless)), made));
    CHECK(decoded(encodeSpectrum({}, PixelStorage::Lossless)).flux.empty());
}

TEST_CASE("Noise-aware storage stays within a hundredth of each pixel's noise and keeps every mask bit")
{
    const double mostSigma = GENERATE(0.001, 1.0, 100.0, 511.0, 513.0, 8000.0);
    CAPTURE(mostSigma);
    for (unsigned seed = 0; seed < 20; ++seed) {
        const core::Spectrum original = noisy(mostSigma, seed);
        requireWithinNoise(decoded(encodeSpectrum(original, PixelStorage::NoiseAware)), original);
    }
    core::Spectrum none = noisy(1.0, 1);
    none.ivar.assign(kPixels, 0.0F);
    none.flux.assign(kPixels, 0.0F);
    requireWithinNoise(decoded(encodeSpectrum(none, PixelStorage::NoiseAware)), none);
}

TEST_CASE("What is stored noise-aware does not change when it is stored again")
{
    const core::Spectrum once = decoded(encodeSpectrum(noisy(30.0, 5), PixelStorage::NoiseAware));
    CHECK(sameBits(decoded(encodeSpectrum(once, PixelStorage::NoiseAware)), once));
}

TEST_CASE("Spectra that rounding would spoil are stored lossless")
{
    core::Spectrum spectrum = noisy(10.0, 2);
    SECTION("flux far above the noise")
    {
        spectrum.flux[1] = 1e6F / std::sqrt(spectrum.ivar[1]);
    }
    SECTION("flux that is no number")
    {
        spectrum.flux[1] = std::numeric_limits<float>::quiet_NaN();
    }
    SECTION("a negative ivar")
    {
        spectrum.ivar[1] = -1.0F;
    }
    SECTION("an infinite ivar")
    {
        spectrum.ivar[1] = std::numeric_limits<float>::infinity();
    }
    SECTION("an ivar too small for its bits")
    {
        spectrum.ivar[1] = std::numeric_limits<float>::denorm_min();
    }
    CHECK(sameBits(decoded(encodeSpectrum(spectrum, PixelStorage::NoiseAware)), spectrum));
}

TEST_CASE("Noise-aware storage takes less than half of the space of lossless")
{
    const core::Spectrum spectrum = test::madeSpectrum(4);
    const EncodedSpectrum rounded = encodeSpectrum(spectrum, PixelStorage::NoiseAware);
    const EncodedSpectrum exact = encodeSpectrum(spectrum, PixelStorage::Lossless);
    CHECK(2 * (rounded.flux.size() + rounded.ivar.size()) < exact.flux.size() + exact.ivar.size());
}

TEST_CASE("Damaged blobs are refused, never read as something else than an error or pixels")
{
    const auto storage = GENERATE(PixelStorage::NoiseAware, PixelStorage::Lossless);
    const EncodedSpectrum good = encodeSpectrum(test::madeSpectrum(6), storage);
    const auto withFlux = [&](const std::string& flux) { return decodeSpectrum(flux, good.ivar, good.mask); };
    CHECK_THROWS_AS(withFlux(""), core::FormatError);
    CHECK_THROWS_AS(withFlux(good.flux.substr(0, 4)), core::FormatError);
    CHECK_THROWS_AS(withFlux(good.flux.substr(0, good.flux.size() - 1)), core::FormatError);
    const auto changed = [&](std::size_t at, char byte) {
        std::string blob = good.flux;
        blob[at] = byte;
        return blob;
    };
    CHECK_THROWS_AS(withFlux(changed(2, static_cast<char>(good.flux[2] + 1))), core::FormatError); // length
    CHECK_THROWS_AS(withFlux(changed(4, '\x7f')), core::FormatError);                              // huge
    CHECK_THROWS_AS(withFlux(changed(0, 9)), core::FormatError);                                   // format
    CHECK_THROWS_AS(decodeSpectrum(good.flux, good.ivar, good.flux.empty() ? "" : "x"), core::FormatError);

    std::mt19937 random(7);
    for (int i = 0; i < 2000; ++i) {
        EncodedSpectrum bad = good;
        std::string& blob = i % 3 == 0 ? bad.mask : i % 3 == 1 ? bad.ivar : bad.flux;
        blob[random() % blob.size()] = static_cast<char>(random());
        try {
            const core::Spectrum read = decoded(bad);
            REQUIRE(read.flux.size() == read.ivar.size());
        } catch (const core::FormatError&) {
        }
    }
}

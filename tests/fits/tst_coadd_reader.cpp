// SPDX-License-Identifier: GPL-3.0-or-later
#include "desi_file.h"

#include "core/error.h"
#include "fits/coadd_reader.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <limits>
#include <thread>

using namespace voorwerp;
using Catch::Matchers::Contains;
using test::DesiFile;
using test::TemporaryFolder;

namespace {

/// The error that reading the whole file ends with, or "".
std::string errorOf(const std::filesystem::path& path)
{
    try {
        fits::CoaddReader reader(path);
        for (std::size_t i = 0; i < reader.targets().size(); ++i)
            reader.read(i);
        reader.checkUnchanged();
    } catch (const core::FormatError& e) {
        CHECK_FALSE(e.remedy().empty());
        return e.what();
    }
    return {};
}

std::string errorOf(const DesiFile& file)
{
    const TemporaryFolder folder;
    file.write(folder / "coadd-main-dark-9144.fits");
    return errorOf(folder / "coadd-main-dark-9144.fits");
}

} // namespace

TEST_CASE("a coadd gives its targets and merged spectra, plain and gzipped")
{
    const TemporaryFolder folder;
    const DesiFile file;
    for (const char* name : {"coadd-main-dark-9144.fits", "coadd-main-dark-9144.fits.gz"}) {
        CAPTURE(name);
        file.write(folder / name);
        fits::CoaddReader reader(folder / name);
        REQUIRE(reader.targets().size() == 3);
        const core::TargetInfo& second = reader.targets()[1];
        CHECK(second.key ==
              core::SpectrumKey{"iron", "main", "dark", "healpix", 9144, -1, {file.targetIds[1]}});
        CHECK(second.targetRa == 150.25);
        CHECK(std::isnan(second.targetDec));
        CHECK(second.objtype == "TGT");
        CHECK(second.coaddFiberstatus == 8);
        CHECK_FALSE(second.desiTarget.has_value());
        CHECK(second.fluxR == 12.5F);
        CHECK(second.snrB == 2.5F);
        CHECK(std::isnan(second.snrR));
        CHECK(second.problem.empty());
        CHECK(second.fileRow == 1);
        const core::Spectrum spectrum = reader.read(1);
        const auto& b = file.cameras.at("B");
        const auto& r = file.cameras.at("R");
        CHECK(spectrum.flux[2740] == b.flux[12]);
        CHECK(spectrum.ivar[2741] == b.ivar[13]);
        CHECK(spectrum.flux[2759] == r.flux[23]);
        const double ivarB = b.ivar[20], ivarR = r.ivar[12];
        CHECK(spectrum.ivar[2748] == Approx(ivarB + ivarR));
        CHECK(spectrum.flux[2748] == Approx((ivarB * b.flux[20] + ivarR * r.flux[12]) / (ivarB + ivarR)));
        reader.checkUnchanged();
    }
    CHECK(fits::CoaddReader(folder / "coadd-main-dark-9144.fits", "fuji").targets()[0].key.specprod ==
          "fuji");
}

TEST_CASE("any subset of cameras is read, and the merged BRZ form too")
{
    for (const std::vector<std::string>& names : {std::vector<std::string>{"B"},
                                                  {"R"},
                                                  {"Z"},
                                                  {"B", "Z"},
                                                  {"R", "Z"},
                                                  {"B", "R", "Z"},
                                                  {"BRZ"},
                                                  {"BR"}}) {
        CAPTURE(names);
        const TemporaryFolder folder;
        DesiFile file;
        file.cameras.clear();
        std::size_t firstPixel = 1000;
        for (const std::string& name : names)
            file.cameras[name] = DesiFile::camera(firstPixel += 20);
        file.write(folder / "x.fits");
        fits::CoaddReader reader(folder / "x.fits");
        const core::Spectrum spectrum = reader.read(2);
        firstPixel = 1000;
        for (const std::string& name : names)
            CHECK(spectrum.flux[(firstPixel += 20) + 5] == file.cameras[name].flux[2 * 12 + 5]);
        core::TargetInfo info = reader.targets()[2];
        CHECK(info.problem.empty());
        fits::assessSpectrum(spectrum, info);
        const auto good = static_cast<float>(12 * names.size());
        CHECK(info.fractionMasked == Approx(1.0F - good / static_cast<float>(core::DesiGrid::kPixels)));
        CHECK(info.snr > 0.0F);
    }
}

TEST_CASE("missing tables, masks and fluxes are dealt with as documented")
{
    const TemporaryFolder folder;
    const auto path = folder / "coadd-4-80613-thru20210324.fits";
    DesiFile file;
    file.primary = {};
    SECTION("the name of a tile file says what the header does not")
    {
        file.write(path);
        const core::SpectrumKey key = fits::CoaddReader(path).targets()[0].key;
        CHECK(key == core::SpectrumKey{"local", "", "", "cumulative", 20210324, 80613, {file.targetIds[0]}});
        CHECK(fits::CoaddReader(path).targets()[0].night == 20210324);
    }
    SECTION("without FIBERMAP the TARGETID comes from SCORES")
    {
        file.hasFibermap = false;
        file.write(path);
        CHECK(fits::CoaddReader(path).targets()[2].key.targetId.value == file.targetIds[2]);
        CHECK(fits::CoaddReader(path).targets()[2].problem.empty());
    }
    SECTION("without either, rows have negative ids of their own and are marked")
    {
        file.hasFibermap = file.hasScores = false;
        file.write(path);
        const fits::CoaddReader reader(path);
        CHECK(reader.targets()[0].key.targetId.value < -(std::int64_t{1} << 59));
        CHECK(reader.targets()[0].key.targetId != reader.targets()[1].key.targetId);
        CHECK(reader.targets()[0].key.targetId ==
              fits::placeholderTargetId("elsewhere" / path.filename(), 0));
        CHECK(fits::placeholderTargetId("a.fits", 0) != fits::placeholderTargetId("b.fits", 0));
        CHECK(reader.targets()[0].problem == "no TARGETID in the file");
    }
    SECTION("without a mask all pixels are good")
    {
        file.cameras["B"].hasMask = false;
        file.write(path);
        CHECK(fits::CoaddReader(path).read(0).ivar[2740] == file.cameras["B"].ivar[0]);
    }
    SECTION("without the flux of a camera the others are read and targets are marked")
    {
        file.cameras["B"].hasFlux = false;
        file.write(path);
        fits::CoaddReader reader(path);
        CHECK(reader.targets()[0].problem == "B_FLUX is missing");
        CHECK(reader.read(0).flux[2755] == file.cameras["R"].flux[7]);
        CHECK(reader.read(0).ivar[2741] == 0.0F);
    }
    SECTION("of a repeated TARGETID the first row is kept and the other listed")
    {
        file.targetIds[2] = file.targetIds[0];
        file.write(path);
        fits::CoaddReader reader(path);
        REQUIRE(reader.targets().size() == 2);
        REQUIRE(reader.rejected().size() == 1);
        CHECK(reader.rejected()[0].row == 2);
        CHECK_THAT(reader.rejected()[0].reason, Contains("same TARGETID as row 0"));
        CHECK(reader.read(1).flux[2740] == file.cameras["B"].flux[12]);
    }
    SECTION("a spectrum without a good pixel is marked")
    {
        for (auto& [name, camera] : file.cameras)
            std::fill(camera.mask.begin(), camera.mask.begin() + 12, 4);
        file.write(path);
        fits::CoaddReader reader(path);
        core::TargetInfo info = reader.targets()[0];
        fits::assessSpectrum(reader.read(0), info);
        CHECK(info.problem == "no good pixel");
        CHECK(info.fractionMasked == 1.0F);
        CHECK(std::isnan(info.snr));
    }
}

TEST_CASE("NaN, infinite and negative values do no harm")
{
    const TemporaryFolder folder;
    DesiFile file;
    auto& camera = file.cameras["B"];
    camera.flux[0] = std::numeric_limits<float>::quiet_NaN();
    camera.flux[1] = std::numeric_limits<float>::infinity();
    camera.ivar[2] = -1.0F;
    camera.ivar[3] = std::numeric_limits<float>::quiet_NaN();
    file.write(folder / "x.fits");
    fits::CoaddReader reader(folder / "x.fits");
    const core::Spectrum spectrum = reader.read(0);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(spectrum.ivar[2740 + i] == 0.0F);
        CHECK(spectrum.flux[2740 + i] == 0.0F);
    }
    CHECK(spectrum.flux[2744] == camera.flux[4]);
}

TEST_CASE("files that contradict themselves are refused, naming the HDU and the cause")
{
    DesiFile file;
    SECTION("FIBERMAP is an image")
    {
        file.fibermapIsImage = true;
        CHECK_THAT(errorOf(file),
                   Contains("HDU FIBERMAP") && Contains("image") && Contains("coadd-main-dark-9144.fits"));
    }
    SECTION("FIBERMAP has fewer rows")
    {
        file.targetIds.pop_back();
        CHECK_THAT(errorOf(file), Contains("HDU FIBERMAP") && Contains("2 rows") && Contains("3"));
    }
    SECTION("SCORES has more rows")
    {
        file.scoreIds.push_back(5);
        CHECK_THAT(errorOf(file), Contains("HDU SCORES") && Contains("4 rows"));
    }
    SECTION("IVAR has fewer rows")
    {
        file.cameras["R"].ivar.resize(24);
        CHECK_THAT(errorOf(file), Contains("HDU R_IVAR") && Contains("2 rows"));
    }
    SECTION("flux has another width than the wavelengths")
    {
        file.cameras["R"].wavelength.pop_back();
        CHECK_THAT(errorOf(file), Contains("HDU R_") && Contains("pixels"));
    }
    SECTION("wavelengths are not ascending")
    {
        std::swap(file.cameras["B"].wavelength[3], file.cameras["B"].wavelength[4]);
        CHECK_THAT(errorOf(file), Contains("HDU B_WAVELENGTH") && Contains("wavelength 3"));
    }
    SECTION("wavelengths are not DESI's")
    {
        for (double& wavelength : file.cameras["B"].wavelength)
            wavelength += 0.1;
        CHECK_THAT(errorOf(file), Contains("HDU B_WAVELENGTH") && Contains("DESI's grid"));
    }
    SECTION("a wavelength is not a number")
    {
        file.cameras["B"].wavelength[0] = std::numeric_limits<double>::quiet_NaN();
        CHECK_THAT(errorOf(file), Contains("HDU B_WAVELENGTH"));
    }
    SECTION("wavelengths leave the grid")
    {
        file.cameras["R"] = DesiFile::camera(core::DesiGrid::kPixels - 5);
        CHECK_THAT(errorOf(file), Contains("HDU R_WAVELENGTH"));
    }
    SECTION("there is no camera")
    {
        file.cameras.clear();
        CHECK_THAT(errorOf(file), Contains("no camera"));
    }
    SECTION("no camera has both flux and ivar")
    {
        file.cameras["B"].hasFlux = file.cameras["R"].hasIvar = false;
        CHECK_THAT(errorOf(file),
                   Contains("no camera") && Contains("B_FLUX is missing") && Contains("R_IVAR is missing"));
    }
}

TEST_CASE("a truncated file is refused wherever it ends, and so is one with something behind it")
{
    const TemporaryFolder folder;
    const auto whole = folder / "whole.fits", part = folder / "part.fits";
    DesiFile().write(whole);
    const auto size = std::filesystem::file_size(whole);
    for (const std::uintmax_t bytes :
         {size - 1, size - 2880, size - 3000, size / 2 + 100, std::uintmax_t{2880 + 17}}) {
        CAPTURE(bytes, size);
        std::filesystem::copy_file(whole, part, std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(part, bytes);
        CHECK_THAT(errorOf(part), Contains("part.fits"));
        CHECK_FALSE(errorOf(part).empty());
    }
    std::filesystem::copy_file(whole, part, std::filesystem::copy_options::overwrite_existing);
    std::ofstream(part, std::ios::app) << "something else";
    CHECK_THAT(errorOf(part), Contains("after HDU SCORES"));
    std::ofstream(folder / "empty.fits");
    CHECK_FALSE(errorOf(folder / "empty.fits").empty());
    std::ofstream(folder / "text.fits") << std::string(5000, 'x');
    CHECK_FALSE(errorOf(folder / "text.fits").empty());
    CHECK_THROWS_AS(fits::CoaddReader(folder / "nothing.fits"), core::SystemError);
}

TEST_CASE("a truncated gzip file is refused")
{
    const TemporaryFolder folder;
    DesiFile().write(folder / "x.fits.gz");
    std::filesystem::resize_file(folder / "x.fits.gz", std::filesystem::file_size(folder / "x.fits.gz") / 2);
    CHECK_THAT(errorOf(folder / "x.fits.gz"), Contains("x.fits.gz"));
}

TEST_CASE("a file that changes while it is read is noticed")
{
    const TemporaryFolder folder;
    DesiFile file;
    file.write(folder / "x.fits");
    fits::CoaddReader reader(folder / "x.fits");
    reader.read(0);
    reader.checkUnchanged();
    file.write(folder / "x.fits");
    CHECK_THROWS_WITH(reader.checkUnchanged(), Contains("changed while it was read"));
}

TEST_CASE("several threads read files at the same time, each its own")
{
    const TemporaryFolder folder;
    const DesiFile file;
    file.write(folder / "good.fits");
    file.write(folder / "bad.fits");
    std::filesystem::resize_file(folder / "bad.fits", 9000);
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i) {
                fits::CoaddReader reader(folder / "good.fits");
                right += reader.read(1).flux[2740] == file.cameras.at("B").flux[12];
                try {
                    fits::CoaddReader bad(folder / "bad.fits");
                } catch (const core::FormatError& e) {
                    right += std::string(e.what()).find("bad.fits") != std::string::npos;
                }
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    CHECK(right == 4 * 20 * 2);
}

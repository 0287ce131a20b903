// SPDX-License-Identifier: GPL-3.0-or-later
// Real DESI files through PostgreSQL: what comes out is what the files hold, read here with plain cfitsio.
#include "catalog/spectrum_store.h"
#include "catalog/target_query.h"
#include "pipeline/pipeline_fixture.h"

#include <catch2/catch.hpp>
#include <fitsio.h>

#include <array>
#include <map>

using namespace voorwerp;

namespace {

/// One HDU of a file, read as numbers without any of the program's own code.
std::vector<double> readImage(const std::filesystem::path& path, const std::string& extname)
{
    fitsfile* file = nullptr;
    int status = 0;
    fits_open_diskfile(&file, path.c_str(), READONLY, &status);
    fits_movnam_hdu(file, ANY_HDU, const_cast<char*>(extname.c_str()), 0, &status);
    std::array<long, 3> axes{1, 1, 1};
    fits_get_img_size(file, 3, axes.data(), &status);
    std::vector<double> values(static_cast<std::size_t>(axes[0] * axes[1] * axes[2]));
    fits_read_img(file, TDOUBLE, 1, static_cast<LONGLONG>(values.size()), nullptr, values.data(), nullptr,
                  &status);
    fits_close_file(file, &status);
    REQUIRE(status == 0);
    return values;
}

struct CameraArrays
{
    std::vector<double> wavelength, flux, ivar, mask;
    std::size_t pixels() const { return wavelength.size(); }
};

std::map<char, CameraArrays> readCameras(const std::filesystem::path& path, bool withMask)
{
    std::map<char, CameraArrays> cameras;
    for (const char band : {'B', 'R', 'Z'}) {
        const std::string prefix(1, band);
        CameraArrays arrays{readImage(path, prefix + "_WAVELENGTH"),
                            readImage(path, prefix + "_FLUX"),
                            readImage(path, prefix + "_IVAR"),
                            {}};
        arrays.mask =
            withMask ? readImage(path, prefix + "_MASK") : std::vector<double>(arrays.flux.size(), 0.0);
        cameras[band] = std::move(arrays);
    }
    return cameras;
}

struct Tolerance
{
    double ivar;  ///< of ivar
    double flux;  ///< of flux
    double noise; ///< of the pixel's σ
};

Tolerance toleranceOf(catalog::PixelStorage storage)
{
    return storage == catalog::PixelStorage::Lossless ? Tolerance{1e-6, 1e-5, 0.0}
                                                      : Tolerance{0.01, 0.0, 0.01};
}

/// Returns how many usable pixels were compared. Field by field comparison of a stored spectrum with a plain
/// sum over the cameras of one row of the file.
std::size_t requireEqualPixels(const core::Spectrum& stored, const std::map<char, CameraArrays>& cameras,
                               std::size_t row, catalog::PixelStorage storage)
{
    const Tolerance tolerance = toleranceOf(storage);
    std::size_t compared = 0;
    std::vector<double> weight(7781, 0.0);
    std::vector<double> weighted(7781, 0.0);
    for (const auto& [band, camera] : cameras)
        for (std::size_t i = 0; i < camera.pixels(); ++i) {
            const auto pixel = static_cast<std::size_t>(std::lround((camera.wavelength[i] - 3600.0) / 0.8));
            const std::size_t at = row * camera.pixels() + i;
            const double ivar = camera.mask[at] == 0.0 ? camera.ivar[at] : 0.0;
            weight[pixel] += ivar;
            weighted[pixel] += ivar * camera.flux[at];
        }
    for (std::size_t pixel = 0; pixel < 7781; ++pixel) {
        if (weight[pixel] <= 1e-6) {
            REQUIRE(stored.ivar[pixel] == 0.0F);
            continue;
        }
        ++compared;
        REQUIRE(stored.ivar[pixel] == Approx(weight[pixel]).epsilon(tolerance.ivar));
        REQUIRE(stored.flux[pixel] == Approx(weighted[pixel] / weight[pixel])
                                          .epsilon(tolerance.flux)
                                          .margin(1e-6 + tolerance.noise / std::sqrt(weight[pixel])));
    }
    return compared;
}

} // namespace

TEST_CASE("A galaxy with complete coadd and redrock comes out of the database as the files hold it")
{
    const auto coadd = test::realData("desi/fastspecfit/coadd-4-80613-thru20210324.fits");
    const auto storage = GENERATE(catalog::PixelStorage::NoiseAware, catalog::PixelStorage::Lossless);
    test::PipelineFixture fixture;
    const auto report = fixture.ingest(coadd.parent_path(), storage);
    INFO(fixture.problemsOf(report));
    REQUIRE(report.files == 1);
    REQUIRE(report.spectra == 1);
    const auto rows = catalog::findTarget(fixture.database(), core::TargetId{39633345008634465});
    REQUIRE(rows.size() == 1);
    const core::TargetInfo& info = rows[0].info;
    REQUIRE(info.redshift.has_value());
    REQUIRE(info.redshift->z == Approx(0.36874).margin(5e-6));
    REQUIRE(info.redshift->zwarn == 0);
    REQUIRE(info.redshift->spectype == "GALAXY");
    REQUIRE(info.redshift->source == "redrock");
    REQUIRE(info.problem.empty());
    REQUIRE(info.key.tileid == 80613);
    REQUIRE(requireEqualPixels(catalog::readSpectrum(fixture.database(), rows[0].id),
                               readCameras(coadd, true), 0, storage) > 5000);
}

TEST_CASE("Quasars without a redrock file get their redshifts from the QSO catalogue, in either order")
{
    const auto coadd = test::realData("desi/picca/coadd-1-80693-thru20210204.fits");
    const auto catalogue = test::realData("desi/picca/QSO_cat_fuji_dark_tile.fits.gz");
    const bool catalogueFirst = GENERATE(false, true);
    test::PipelineFixture fixture;
    fixture.ingest(catalogueFirst ? catalogue : coadd);
    fixture.ingest(catalogueFirst ? coadd : catalogue);
    const auto page = catalog::queryTargets(fixture.database(), {.where = "z > 0", .sortColumn = "z"});
    REQUIRE(page.rows.size() == 5);
    const std::array<double, 5> expected{2.117, 2.225, 2.229, 2.999, 3.036};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        REQUIRE(page.rows[i].info.redshift->z == Approx(expected[i]).margin(6e-4));
        REQUIRE(page.rows[i].info.redshift->source == "qso_cat");
        REQUIRE(page.rows[i].info.problem.empty());
    }
    const auto cameras = readCameras(coadd, true);
    for (const catalog::TargetRow& row : page.rows)
        REQUIRE(requireEqualPixels(catalog::readSpectrum(fixture.database(), row.id), cameras,
                                   static_cast<std::size_t>(row.info.fileRow),
                                   catalog::PixelStorage::NoiseAware) > 5000);
}

TEST_CASE(
    "Spectra without FIBERMAP, masks and redshifts are kept, marked and left out of what can be trained on")
{
    const auto coadd = test::realData("desi/quasarnp/test_coadd.fits");
    const auto storage = GENERATE(catalog::PixelStorage::NoiseAware, catalog::PixelStorage::Lossless);
    test::PipelineFixture fixture;
    const auto report = fixture.ingest(coadd, storage);
    INFO(fixture.problemsOf(report));
    REQUIRE(report.spectra == 25);
    REQUIRE(report.marked == 25);
    const auto page = catalog::queryTargets(fixture.database(), {.sortColumn = "id"});
    REQUIRE(page.rows.size() == 25);
    std::size_t compared = 0;
    const auto cameras = readCameras(coadd, false);
    for (const catalog::TargetRow& row : page.rows) {
        REQUIRE_FALSE(row.info.problem.empty());
        compared += requireEqualPixels(catalog::readSpectrum(fixture.database(), row.id), cameras,
                                       static_cast<std::size_t>(row.info.fileRow), storage);
    }
    REQUIRE(compared > 24 * 5000); // one of the 25 spectra has no usable pixel
}

TEST_CASE("A coadd whose B flux is missing is taken, but its targets are marked with the reason")
{
    const auto coadd = test::realData("desi/picca/missing_b_color.fits"); // a skip ends the process here
    test::PipelineFixture fixture;
    const auto report = fixture.ingest(coadd);
    REQUIRE(report.marked == 2);
    REQUIRE(catalog::countTargets(fixture.database(), "problem like '%B_FLUX%'") == 2);
}

TEST_CASE("The whole folder of real files goes in once, damaged ones are listed, and nothing goes in twice")
{
    const auto folder = test::realData("desi");
    test::PipelineFixture fixture;
    const auto first = fixture.ingest(folder);
    INFO(fixture.problemsOf(first));
    REQUIRE(first.spectra >= 1 + 5 + 25 + 5);
    const std::string problems = fixture.problemsOf(first);
    REQUIRE_THAT(problems, Catch::Contains("redrock-test.fits"));
    REQUIRE(catalog::countTargets(fixture.database(), "targetid < 0 and problem = 'no good pixel'") >= 1);
    REQUIRE(catalog::countTargets(fixture.database(), "objtype = 'SKY'") == 1);
    REQUIRE(catalog::countTargets(fixture.database(), "z > 0") == 6);

    const std::int64_t before = catalog::countTargets(fixture.database(), "");
    const auto second = fixture.ingest(folder);
    REQUIRE(second.spectra == 0);
    REQUIRE(second.files == 0);
    REQUIRE(second.filesSkipped == first.files);
    REQUIRE(catalog::countTargets(fixture.database(), "") == before);
}

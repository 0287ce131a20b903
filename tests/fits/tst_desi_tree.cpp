// SPDX-License-Identifier: GPL-3.0-or-later
#include "desi_file.h"

#include "fits/desi_tree.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace voorwerp;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using test::TemporaryFolder;

namespace {

void touch(const fs::path& path)
{
    fs::create_directories(path.parent_path());
    std::ofstream out(path);
}

std::vector<std::string> reasonsOf(const fits::DesiFiles& files)
{
    std::vector<std::string> reasons;
    for (const fits::RejectedFile& file : files.rejected)
        reasons.push_back(file.path.filename().string() + ": " + file.reason);
    return reasons;
}

} // namespace

TEST_CASE("coadds, redrocks and catalogues are found in both layouts, paired and sorted")
{
    const TemporaryFolder folder;
    const fs::path pixel = folder / "healpix" / "main" / "dark" / "91" / "9144";
    const fs::path tile = folder / "tiles" / "cumulative" / "80613" / "20210324";
    for (const char* name :
         {"coadd-main-dark-9144.fits", "redrock-main-dark-9144.fits", "spectra-main-dark-9144.fits.gz",
          "rrdetails-main-dark-9144.h5", "qso_qn-main-dark-9144.fits", "qso_mgii-main-dark-9144.fits.gz",
          "emline-main-dark-9144.fits"})
        touch(pixel / name);
    touch(tile / "coadd-4-80613-thru20210324.fits.gz");
    touch(tile / "redrock-4-80613-thru20210324.fits");
    touch(tile / "coadd-5-80613-thru20210324.fits");
    touch(tile / "redrock-6-80613-thru20210324.fits");
    touch(folder / "QSO_cat_iron_cumulative_v0.fits");
    const fits::DesiFiles files = fits::findDesiFiles({folder.path(), pixel / "coadd-main-dark-9144.fits"});
    REQUIRE(files.coadds.size() == 3);
    CHECK(files.coadds[0].coadd == pixel / "coadd-main-dark-9144.fits");
    CHECK(files.coadds[0].redrock == pixel / "redrock-main-dark-9144.fits");
    CHECK(files.coadds[0].quasarnet == pixel / "qso_qn-main-dark-9144.fits");
    CHECK(files.coadds[0].mgii == pixel / "qso_mgii-main-dark-9144.fits.gz");
    CHECK(files.coadds[1].quasarnet.empty());
    CHECK(files.coadds[1].coadd == tile / "coadd-4-80613-thru20210324.fits.gz");
    CHECK(files.coadds[1].redrock == tile / "redrock-4-80613-thru20210324.fits");
    CHECK(files.coadds[2].redrock.empty());
    CHECK(files.orphanRedrocks == std::vector<fs::path>{tile / "redrock-6-80613-thru20210324.fits"});
    CHECK(files.qsoCatalogs == std::vector<fs::path>{folder / "QSO_cat_iron_cumulative_v0.fits"});
    CHECK(files.rejected.empty());
}

TEST_CASE(
    "afterburners of a coadd that was named alone are found beside it, without a coadd they are refused")
{
    const TemporaryFolder folder;
    for (const char* name : {"coadd-main-dark-1.fits", "qso_qn-main-dark-1.fits.gz",
                             "qso_mgii-main-dark-1.fits", "qso_mgii-main-dark-2.fits"})
        touch(folder / name);
    const fits::DesiFiles files =
        fits::findDesiFiles({folder / "coadd-main-dark-1.fits", folder / "qso_mgii-main-dark-2.fits"});
    REQUIRE(files.coadds.size() == 1);
    CHECK(files.coadds[0].quasarnet == folder / "qso_qn-main-dark-1.fits.gz");
    CHECK(files.coadds[0].mgii == folder / "qso_mgii-main-dark-1.fits");
    CHECK(reasonsOf(files) ==
          std::vector<std::string>{"qso_mgii-main-dark-2.fits: an afterburner file without its "
                                   "coadd: there is no spectrum to add"});
}

TEST_CASE("files with other names are known by their content")
{
    const TemporaryFolder folder;
    test::DesiFile().write(folder / "missing_scores.fits");
    fits::writeFitsFile(folder / "mine.fits", [](fits::FitsWriter& out) {
        out.addTable("QSO_CAT",
                     {{"TARGETID", std::vector<std::int64_t>{1}}, {"Z", std::vector<double>{1.0}}});
    });
    fits::writeFitsFile(folder / "dark.fits", [](fits::FitsWriter& out) { out.addTable("ELSE", {}); });
    const fits::DesiFiles files = fits::findDesiFiles({folder.path()});
    REQUIRE(files.coadds.size() == 1);
    CHECK(files.coadds[0].coadd == folder / "missing_scores.fits");
    CHECK(files.qsoCatalogs.size() == 1);
    CHECK(files.rejected.empty());
}

TEST_CASE("what was named and cannot be used is rejected with the reason")
{
    const TemporaryFolder folder;
    touch(folder / "spectra-main-dark-1.fits");
    touch(folder / "emline-main-dark-1.fits");
    touch(folder / "broken.fits");
    touch(folder / "coadd-main-dark-1.fits");
    touch(folder / "coadd-main-dark-1.fits.gz");
    const fits::DesiFiles files = fits::findDesiFiles(
        {folder / "spectra-main-dark-1.fits", folder / "emline-main-dark-1.fits", folder / "broken.fits",
         folder / "nothing.fits", folder / "coadd-main-dark-1.fits", folder / "coadd-main-dark-1.fits.gz"});
    CHECK(files.coadds.size() == 1);
    const auto reasons = reasonsOf(files);
    REQUIRE(reasons.size() == 5);
    CHECK_THAT(reasons[0], Contains("broken.fits") && Contains("cannot be opened as FITS"));
    CHECK_THAT(reasons[1], Contains("coadd-main-dark-1.fits.gz: the same as coadd-main-dark-1.fits"));
    CHECK_THAT(reasons[3], Contains("nothing.fits: there is no such file"));
    CHECK_THAT(reasons[2], Contains("emline") && Contains("no DESI coadd"));
    CHECK_THAT(reasons[4], Contains("single exposures"));
}

TEST_CASE("the redrock of a coadd that is named alone is found beside it")
{
    const TemporaryFolder folder;
    touch(folder / "coadd-main-dark-1.fits");
    touch(folder / "redrock-main-dark-1.fits.gz");
    touch(folder / "coadd-main-dark-2.fits");
    const fits::DesiFiles files =
        fits::findDesiFiles({folder / "coadd-main-dark-1.fits", folder / "coadd-main-dark-2.fits"});
    REQUIRE(files.coadds.size() == 2);
    CHECK(files.coadds[0].redrock == folder / "redrock-main-dark-1.fits.gz");
    CHECK(files.coadds[1].redrock.empty());
}

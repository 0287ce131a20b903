// SPDX-License-Identifier: GPL-3.0-or-later
#include "desi_file.h"

#include "core/error.h"
#include "fits/redshift_reader.h"
#include "fits/table_writer.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace voorwerp;
using Catch::Matchers::Contains;
using test::TemporaryFolder;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void writeTable(const std::filesystem::path& path, const std::string& name,
                const std::vector<fits::Column>& columns, const fits::Header& primary = {})
{
    fits::writeFitsFile(path, [&](fits::FitsWriter& out) {
        out.setPrimaryHeader(primary);
        out.addTable(name, columns);
    });
}

} // namespace

TEST_CASE("redrock rows come with warnings, types and provenance, bad and repeated ones are listed")
{
    const TemporaryFolder folder;
    writeTable(folder / "redrock-main-dark-1.fits", "REDSHIFTS",
               {{"TARGETID", std::vector<std::int64_t>{11, 12, 13, 11}},
                {"Z", std::vector<double>{1.5, kNaN, 0.25, 2.0}},
                {"ZERR", std::vector<double>{1e-4, 0, 2e-4, 0}},
                {"ZWARN", std::vector<std::int64_t>{0, 4, 1 << 10, 0}},
                {"CHI2", std::vector<double>{9000, 1, 2, 3}},
                {"COEFF", std::vector<double>(8, 1.0), "", 2},
                {"SPECTYPE", std::vector<std::string>{"QSO", "QSO", "GALAXY", "QSO"}},
                {"DELTACHI2", std::vector<double>{500, 1, 2, 3}}},
               {.cards = {{"RRVER", "0.17.0"}, {"TEMNAM00", "GALAXY"}, {"TEMVER00", "2.6"}}});
    const fits::RedrockTable table = fits::readRedrock(folder / "redrock-main-dark-1.fits");
    REQUIRE(table.rows.size() == 2);
    const auto& [id, redshift] = table.rows[0];
    CHECK(id.value == 11);
    CHECK(redshift.z == 1.5);
    CHECK(redshift.zerr == 1e-4);
    CHECK(redshift.spectype == "QSO");
    CHECK(redshift.deltachi2 == 500);
    CHECK(redshift.subtype.empty());
    CHECK(redshift.source == "redrock");
    CHECK(table.rows[1].second.zwarn == 1 << 10);
    REQUIRE(table.rejected.size() == 2);
    CHECK(table.rejected[0].reason == "Z is not a number");
    CHECK(table.rejected[1].reason == "the same TARGETID as row 0");
    CHECK(table.provenance == std::vector<std::pair<std::string, std::string>>{
                                  {"RRVER", "0.17.0"}, {"TEMNAM00", "GALAXY"}, {"TEMVER00", "2.6"}});
}

TEST_CASE("a quasar catalogue with few columns is read as far as it goes")
{
    const TemporaryFolder folder;
    writeTable(folder / "QSO_cat_x.fits.gz", "QSO_CAT",
               {{"TARGETID", std::vector<std::int64_t>{11, 12}},
                {"Z", std::vector<double>{1.5, 2.5}},
                {"TILEID", std::vector<std::int32_t>{80693, 80694}}});
    const fits::QsoCatalogPart catalog = test::readQsoCatalog(folder / "QSO_cat_x.fits.gz");
    REQUIRE(catalog.rows.size() == 2);
    CHECK(catalog.rows[1].targetId.value == 12);
    CHECK(catalog.rows[1].redshift.z == 2.5);
    CHECK(catalog.rows[1].redshift.spectype == "QSO");
    CHECK(catalog.rows[1].redshift.source == "qso_cat");
    CHECK(catalog.rows[1].tileid == 80694);
    CHECK(catalog.rows[1].healpix == -1);
    CHECK(std::isnan(catalog.rows[1].targetRa));
}

TEST_CASE("a large quasar catalogue is read part by part, and rejected rows keep their numbers")
{
    const TemporaryFolder folder;
    const auto rows = static_cast<std::size_t>(2 * fits::QsoCatalogReader::kRows + 5);
    std::vector<std::int64_t> ids(rows);
    std::vector<double> z(rows, 1.5);
    std::vector<std::string> surveys(rows, "sv1");
    for (std::size_t i = 0; i < rows; ++i)
        ids[i] = static_cast<std::int64_t>(i) + 7;
    const std::size_t bad = rows - 2;
    z[bad] = std::numeric_limits<double>::quiet_NaN();
    surveys[rows - 1] = "main";
    writeTable(folder / "QSO_cat_y.fits", "QSO_CAT", {{"TARGETID", ids}, {"Z", z}, {"SURVEY", surveys}});
    fits::QsoCatalogReader reader(folder / "QSO_cat_y.fits");
    fits::QsoCatalogPart part;
    std::vector<std::size_t> sizes;
    std::int64_t expected = 7;
    while (reader.next(part)) {
        sizes.push_back(part.rows.size());
        for (const fits::QsoCatalogRow& row : part.rows) {
            expected += expected == ids[bad] ? 1 : 0;
            REQUIRE(row.targetId.value == expected++);
        }
        if (sizes.size() == 3) {
            CHECK(part.rows.back().survey == "main");
            REQUIRE(part.rejected.size() == 1);
            CHECK(part.rejected[0].row == static_cast<std::int64_t>(bad));
        }
    }
    CHECK(sizes == std::vector<std::size_t>{50'000, 50'000, 4});
    CHECK(part.rows.empty());
}

TEST_CASE("a file without the table or its columns is refused, naming what is missing")
{
    const TemporaryFolder folder;
    writeTable(folder / "a.fits", "ELSE", {{"X", std::vector<float>{1}}});
    CHECK_THROWS_WITH(fits::readRedrock(folder / "a.fits"),
                      Contains("a.fits") && Contains("no HDU REDSHIFTS"));
    CHECK_THROWS_WITH(test::readQsoCatalog(folder / "a.fits"), Contains("no HDU QSO_CAT"));
    writeTable(folder / "b.fits", "REDSHIFTS", {{"TARGETID", std::vector<std::int64_t>{1}}});
    CHECK_THROWS_WITH(fits::readRedrock(folder / "b.fits"),
                      Contains("HDU REDSHIFTS") && Contains("no column Z"));
    writeTable(folder / "c.fits", "REDSHIFTS",
               {{"TARGETID", std::vector<std::string>{"abc"}}, {"Z", std::vector<double>{1}}});
    CHECK_THROWS_WITH(fits::readRedrock(folder / "c.fits"), Contains("column TARGETID"));
    fits::writeFitsFile(folder / "d.fits", [](fits::FitsWriter& out) {
        out.addImage("REDSHIFTS", {1}, std::span<const float>(std::vector<float>{1}));
    });
    CHECK_THROWS_WITH(fits::readRedrock(folder / "d.fits"), Contains("HDU REDSHIFTS") && Contains("image"));
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "desi_file.h"

#include "core/error.h"
#include "fits/afterburner_reader.h"
#include "fits/table_writer.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace voorwerp;
using Catch::Matchers::Contains;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
using Ids = std::vector<std::int64_t>;
using Floats = std::vector<float>;

void writeTable(const fs::path& path, const std::string& name, const std::vector<fits::Column>& columns)
{
    fits::writeFitsFile(path, [&](fits::FitsWriter& out) { out.addTable(name, columns); });
}

} // namespace

TEST_CASE("QuasarNet's findings are read with flags, confidences and a repeated row listed")
{
    const TemporaryFolder folder;
    writeTable(folder / "qso_qn-main-dark-1.fits", "QN_RR",
               {{"TARGETID", Ids{11, 12, 11}},
                {"Z_NEW", std::vector<double>{2.5, kNaN, 9.0}},
                {"Z_QN", Floats{2.25F, 0.5F, 9.0F}},
                {"IS_QSO_QN_NEW_RR", std::vector<bool>{true, false, false}},
                {"C_LYA", Floats{0.999F, 0.0F, 0.0F}},
                {"C_CIV", Floats{0.5F, kNaN, 0.0F}},
                {"C_MgII", Floats{0.25F, 0.75F, 0.0F}}});
    const fits::AfterburnerTable table = fits::readQuasarNet(folder / "qso_qn-main-dark-1.fits");
    REQUIRE(table.rows.size() == 2);
    const core::QuasarFacts& first = table.rows[0].second;
    CHECK(table.rows[0].first.value == 11);
    CHECK(first.source == "afterburner");
    CHECK(first.zNew == 2.5);
    CHECK(first.zQn == 2.25);
    CHECK(first.isQsoQnNewRr == true);
    CHECK(first.confidence[0] == 0.999F);
    CHECK(first.confidence[1] == 0.5F);
    CHECK(std::isnan(first.confidence[2])); // the file has no C_CIII
    CHECK(first.confidence[3] == 0.25F);
    CHECK(std::isnan(first.deltachi2New)); // DR1 has none
    CHECK_FALSE(first.isQsoMgii.has_value());
    CHECK(std::isnan(table.rows[1].second.zNew));
    CHECK(table.rows[1].second.isQsoQnNewRr == false);
    REQUIRE(table.rejected.size() == 1);
    CHECK(table.rejected[0].row == 2);
    CHECK(table.rejected[0].reason == "the same TARGETID as row 0");
}

TEST_CASE("the Mg II fit's findings are read, and joined with QuasarNet's")
{
    const TemporaryFolder folder;
    writeTable(folder / "qso_mgii-main-dark-1.fits.gz", "MGII",
               {{"TARGETID", Ids{11, 12}},
                {"IS_QSO_MGII", std::vector<std::uint8_t>{0, 1}}, // fitsio may write a flag as a byte
                {"DELTA_CHI2", Floats{3.5F, 40.0F}}});
    const fits::AfterburnerTable table = fits::readMgII(folder / "qso_mgii-main-dark-1.fits.gz");
    REQUIRE(table.rows.size() == 2);
    CHECK(table.rows[0].second.isQsoMgii == false);
    CHECK(table.rows[1].second.isQsoMgii == true);
    CHECK(table.rows[1].second.deltaChi2Mgii == 40.0F);
    core::QuasarFacts quasarNet;
    quasarNet.zQn = 1.5;
    quasarNet.isQsoQnNewRr = true;
    quasarNet.source = "afterburner";
    const core::QuasarFacts both = fits::merged(quasarNet, table.rows[1].second);
    CHECK(both.zQn == 1.5);
    CHECK(both.isQsoQnNewRr == true);
    CHECK(both.isQsoMgii == true);
}

TEST_CASE("a quasar catalogue tells its findings, and flags that it lacks from QSO_MASKBITS")
{
    const TemporaryFolder folder;
    writeTable(folder / "QSO_cat_iron_cumulative_v0.fits", "QSO_CAT",
               {{"TARGETID", Ids{11, 12}},
                {"Z", std::vector<double>{2.5, 1.0}},
                {"Z_RR", Floats{0.5F, 1.0F}},
                {"PROBA_RF", std::vector<double>{0.9, 0.5}},
                {"DELTA_CHI2_MGII", Floats{7.5F, 2.0F}},
                {"C_LYA", Floats{0.999F, 0.0F}},
                {"LASTNIGHT", Ids{20220102, 20220103}},
                {"QSO_MASKBITS", std::vector<std::int32_t>{2 + 8 + 16, 4}}});
    const fits::QsoCatalogPart catalog = test::readQsoCatalog(folder / "QSO_cat_iron_cumulative_v0.fits");
    REQUIRE(catalog.rows.size() == 2);
    const core::QuasarFacts& facts = catalog.rows[0].quasar;
    CHECK(facts.source == "qso_cat");
    CHECK(facts.zNew == 2.5); // Z is the one that was used
    CHECK(facts.isQsoQnNewRr == true);
    CHECK(facts.isQsoMgii == false);
    CHECK(facts.probaRf == 0.9F);
    CHECK(facts.deltaChi2Mgii == 7.5F);
    CHECK(facts.qsoMaskbits == 26);
    CHECK(catalog.rows[1].quasar.isQsoMgii == true);
    CHECK(catalog.rows[1].lastNight == 20220103);
}

TEST_CASE("an afterburner's file without its table or TARGETID is refused, naming what is missing")
{
    const TemporaryFolder folder;
    writeTable(folder / "a.fits", "ELSE", {{"TARGETID", Ids{1}}});
    CHECK_THROWS_WITH(fits::readQuasarNet(folder / "a.fits"), Contains("a.fits") && Contains("no HDU QN_RR"));
    CHECK_THROWS_WITH(fits::readMgII(folder / "a.fits"), Contains("no HDU MGII"));
    writeTable(folder / "b.fits", "MGII", {{"IS_QSO_MGII", std::vector<bool>{true}}});
    CHECK_THROWS_WITH(fits::readMgII(folder / "b.fits"),
                      Contains("HDU MGII") && Contains("no column TARGETID"));
    writeTable(folder / "c.fits", "MGII",
               {{"TARGETID", Ids{1}}, {"IS_QSO_MGII", std::vector<std::string>{"yes"}}});
    CHECK_THROWS_AS(fits::readMgII(folder / "c.fits"), core::FormatError);
}

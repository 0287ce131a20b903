// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/zcatalog_reader.h"

#include "core/error.h"
#include "fits/desi_tree.h"
#include "fits/table_writer.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <random>

using namespace voorwerp;
namespace fs = std::filesystem;

namespace {

/// 12,000 rows with a column of every kind.
std::vector<fits::Column> madeColumns(std::size_t rows)
{
    std::vector<std::int64_t> targets;
    std::vector<std::int32_t> healpix;
    std::vector<std::int16_t> exposures;
    std::vector<std::uint8_t> bytes;
    std::vector<bool> primary;
    std::vector<float> flux;
    std::vector<double> z, coefficients;
    std::vector<std::string> types;
    for (std::size_t i = 0; i < rows; ++i) {
        targets.push_back(39627000000000000 + static_cast<std::int64_t>(i));
        healpix.push_back(-static_cast<std::int32_t>(i));
        exposures.push_back(static_cast<std::int16_t>(i % 7));
        bytes.push_back(static_cast<std::uint8_t>(i % 256));
        primary.push_back(i % 3 == 0);
        flux.push_back(0.1F * static_cast<float>(i));
        z.push_back(1.0 / (1.0 + static_cast<double>(i)));
        types.push_back(i % 2 == 0 ? "QSO" : "GALAXY");
        for (int k = 0; k < 10; ++k)
            coefficients.push_back(static_cast<double>(i) + 0.1 * k);
    }
    return {{"TARGETID", targets},
            {"healpix", healpix},
            {"COADD_NUMEXP", exposures},
            {"BYTES", bytes},
            {"ZCAT_PRIMARY", primary},
            {"FLUX_R", flux},
            {"Z", z},
            {"SPECTYPE", types},
            {"COEFF", coefficients, "", 10}};
}

fs::path write(const test::TemporaryFolder& folder, const std::string& name, const fits::Header& header = {},
               std::size_t rows = 12000)
{
    const fs::path path = folder / name;
    fits::writeFitsFile(path,
                        [&](fits::FitsWriter& out) { out.addTable("ZCATALOG", madeColumns(rows), header); });
    return path;
}

template <typename Value> const std::vector<Value>& values(const core::TableChunk& chunk, const char* name)
{
    REQUIRE(chunk.find(name) != nullptr);
    return std::get<std::vector<Value>>(chunk.find(name)->values);
}

} // namespace

TEST_CASE("a redshift catalogue is read in blocks, every column as it stands in the file")
{
    const test::TemporaryFolder folder;
    fits::ZCatalogReader reader(write(folder, "zall-pix-iron.fits"));
    CHECK(reader.specprod() == "iron");
    CHECK_FALSE(reader.isOfTiles());
    CHECK(reader.rows() == 12000);
    std::size_t row = 0, blocks = 0;
    for (core::TableChunk chunk = reader.next(); chunk.rows > 0; chunk = reader.next(), ++blocks) {
        CHECK(chunk.rows <= 5000);
        for (std::size_t i = 0; i < chunk.rows; ++i, ++row) {
            REQUIRE(values<std::int64_t>(chunk, "TARGETID")[i] ==
                    39627000000000000 + static_cast<std::int64_t>(row));
            REQUIRE(values<std::int64_t>(chunk, "HEALPIX")[i] == -static_cast<std::int64_t>(row));
            REQUIRE(values<std::int64_t>(chunk, "COADD_NUMEXP")[i] == static_cast<std::int64_t>(row % 7));
            REQUIRE(values<std::int64_t>(chunk, "BYTES")[i] == static_cast<std::int64_t>(row % 256));
            REQUIRE(values<std::int64_t>(chunk, "ZCAT_PRIMARY")[i] == (row % 3 == 0 ? 1 : 0));
            REQUIRE(values<float>(chunk, "FLUX_R")[i] == 0.1F * static_cast<float>(row));
            REQUIRE(values<double>(chunk, "Z")[i] == 1.0 / (1.0 + static_cast<double>(row)));
            REQUIRE(values<std::string>(chunk, "SPECTYPE")[i] == (row % 2 == 0 ? "QSO" : "GALAXY"));
            REQUIRE(values<double>(chunk, "COEFF")[10 * i + 9] == static_cast<double>(row) + 0.1 * 9);
            REQUIRE(values<std::string>(chunk, "SPGRP")[i] == "healpix");
        }
        CHECK(chunk.find("COEFF")->width == 10);
        CHECK(chunk.find("SURVEY") == nullptr);
    }
    CHECK(row == 12000);
    CHECK(blocks == 3);
}

TEST_CASE("survey, program, group and production come from the header or the name where there is no column")
{
    const test::TemporaryFolder folder;
    fits::ZCatalogReader pixels(write(folder, "zpix-sv3-bright.fits", {}, 3));
    const core::TableChunk chunk = pixels.next();
    CHECK(values<std::string>(chunk, "SURVEY")[2] == "sv3");
    CHECK(values<std::string>(chunk, "PROGRAM")[2] == "bright");
    CHECK(pixels.specprod() == "local");
    fits::ZCatalogReader tiles(
        write(folder, "ztile-main-dark-cumulative.fits",
              {.cards = {{"SURVEY", "special"}, {"SPECPROD", "loa"}, {"SPGRP", "pernight"}}}, 3));
    CHECK(tiles.isOfTiles());
    CHECK(tiles.specprod() == "loa");
    const core::TableChunk tileChunk = tiles.next();
    CHECK(values<std::string>(tileChunk, "SURVEY")[0] == "special");
    CHECK(values<std::string>(tileChunk, "SPGRP")[0] == "pernight");
    CHECK(fits::ZCatalogReader(write(folder, "zall-tilecumulative-iron.fits", {}, 1), "mine").specprod() ==
          "mine");
}

TEST_CASE("redshift catalogues are found by name and by content, and damaged ones are refused")
{
    const test::TemporaryFolder folder;
    const fs::path path = write(folder, "zall-pix-iron.fits", {}, 100);
    fs::copy_file(path, folder / "my-redshifts.fits");
    const fits::DesiFiles files = fits::findDesiFiles({folder.path()});
    CHECK(files.zCatalogs.size() == 2);
    CHECK(files.rejected.empty());
    write(folder, "zpix-main-dark.fits", {}, 1); // its rows are those of zall-pix
    write(folder, "ztile-main-dark-cumulative.fits", {}, 1);
    CHECK(fits::findDesiFiles({folder.path()}).zCatalogs.size() == 3);

    std::string bytes;
    {
        std::ifstream in(path, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    std::mt19937 random(3);
    for (int i = 0; i < 400; ++i) {
        std::string damaged = bytes;
        if (i % 4 == 0)
            damaged.resize(random() % damaged.size());
        else
            for (unsigned k = 0; k < 1 + random() % 4; ++k)
                damaged[random() % std::min<std::size_t>(damaged.size(), 12000)] =
                    static_cast<char>(random());
        const fs::path broken = folder / "zall-pix-broken.fits";
        std::ofstream(broken, std::ios::binary | std::ios::trunc) << damaged;
        try {
            fits::ZCatalogReader reader(broken);
            for (core::TableChunk chunk = reader.next(); chunk.rows > 0; chunk = reader.next()) {
            }
        } catch (const core::Error&) { // a clear error, or what is left of the file
        }
    }
}

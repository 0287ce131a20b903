// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/specprod_schema.h"

#include "catalog/specprod_id.h"
#include "catalog/specprod_store.h"
#include "catalog/specprod_values.h"
#include "catalog_fixture.h"
#include "core/error.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>
#include <limits>
#include <random>
#include <thread>

using namespace voorwerp;
using namespace voorwerp::catalog;

namespace {

/// 12 rows as of a zall-pix file; row 3 is sky, row 4 a negative TARGETID, row 5 of an unknown survey.
core::TableChunk madeChunk()
{
    core::TableChunk chunk;
    chunk.rows = 12;
    std::vector<std::int64_t> targets, healpix, primary, release, brick, object;
    std::vector<double> z, ra, dec, coefficients;
    std::vector<float> flux;
    std::vector<std::string> surveys, spectypes;
    for (std::size_t i = 0; i < chunk.rows; ++i) {
        targets.push_back(39627000000000000 + static_cast<std::int64_t>(i));
        healpix.push_back(10016);
        primary.push_back(i % 2 == 0);
        release.push_back(9010);
        brick.push_back(330000);
        object.push_back(static_cast<std::int64_t>(i));
        z.push_back(0.1 * static_cast<double>(i));
        ra.push_back(150.12345);
        dec.push_back(-1.98769);
        flux.push_back(0.1F * static_cast<float>(i));
        surveys.emplace_back("main");
        spectypes.emplace_back(i == 7 ? "tab\there\\" : "QSO");
        for (int k = 0; k < 10; ++k)
            coefficients.push_back(static_cast<double>(i) * 10 + k);
    }
    targets[3] |= std::int64_t{1} << 59;
    targets[4] = -5;
    surveys[5] = "unheard";
    z[6] = std::numeric_limits<double>::quiet_NaN();
    chunk.columns = {
        {"TARGETID", targets},      {"SURVEY", surveys}, {"HEALPIX", healpix},    {"Z", z},
        {"TARGET_RA", ra},          {"TARGET_DEC", dec}, {"FLUX_R", flux},        {"SPECTYPE", spectypes},
        {"RELEASE", release},       {"BRICKID", brick},  {"BRICK_OBJID", object}, {"ZCAT_PRIMARY", primary},
        {"COEFF", coefficients, 10}};
    chunk.addConstant<std::string>("PROGRAM", "dark");
    chunk.addConstant<std::string>("SPGRP", "healpix");
    return chunk;
}

FileRecord madeCatalog(const std::string& content)
{
    FileRecord file = test::madeFile("/made/zall-pix-made.fits", content);
    file.kind = "zcatalog";
    return file;
}

} // namespace

TEST_CASE("ids are packed as specprod-db packs them")
{
    // 3 * 2^96 + 6 * 2^64 + 39627652591521181 and so on, by another program's long integers.
    CHECK(zpixId({39627652591521181}, "main", "dark")->decimal() == "237684487653513104875480681885");
    CHECK(zpixId({39627652591521181}, "main", "unheard") == std::nullopt);
    CHECK(ztileId({39627652591521181}, "cumulative", 20210324, 80613)->decimal() ==
          "33502698733177404881521914591934680477");
    CHECK(targetRowId({39627652591521181}, 80613, "sv1")->decimal() == "237685974590212654381307792797");
    CHECK(fiberassignId({39627652591521181}, 80613, 5).decimal() == "396142299618741329568395693469");
    CHECK(SpecprodId::parse("340282366920938463463374607431768211455") == SpecprodId{~0ULL, ~0ULL});
    CHECK(SpecprodId::parse("340282366920938463463374607431768211456") == std::nullopt);
    CHECK(SpecprodId::parse("") == std::nullopt);
    CHECK(SpecprodId::parse("-1") == std::nullopt);
    CHECK(SpecprodId{}.decimal() == "0");
}

TEST_CASE("a zpix id goes through 64 bits and back for every survey and program, and mocks alike")
{
    std::mt19937_64 random(7);
    constexpr std::uint64_t kUsed = ~(1ULL << 56 | 1ULL << 57 | 1ULL << 59 | 3ULL << 62);
    for (const char* survey : {"cmx", "special", "sv1", "sv2", "sv3", "main"})
        for (const char* program : {"backup", "bright", "dark", "other"})
            for (int i = 0; i < 100; ++i) {
                const auto zpix = zpixId({static_cast<std::int64_t>(random() & kUsed)}, survey, program);
                const auto id = spectrumIdOf(*zpix);
                REQUIRE(id);
                REQUIRE(zpixIdOf(*id) == zpix);
            }
    CHECK(spectrumIdOf(*zpixId({39627652591521181}, "main", "backup"))->value == 39627652591521181);
    CHECK(spectrumIdOf({3ULL << 32 | 6, 1ULL << 59}) == std::nullopt);
    CHECK(spectrumIdOf({3ULL << 32 | 7, 5}) == std::nullopt);
    CHECK(zpixIdOf({static_cast<std::int64_t>(1ULL << 63 | 1ULL << 62)}) == std::nullopt);
}

TEST_CASE("a production has the tables, types and indexes of specprod-db, once")
{
    const test::CatalogFixture fixture;
    const ProductionSchema made = createProduction(fixture.database(), "iron");
    CHECK(made.tablesMade == 10);
    if (!made.skyIndex)
        std::cout << "q3c is not installed in this database: its indexes are not looked at\n";
    CHECK(createProduction(fixture.database(), "iron").tablesMade == 0);
    for (const SpecprodTable& table : specprodTables())
        for (const SpecprodColumn& column : table.columns) {
            INFO(table.name << "." << column.name);
            const std::string type =
                fixture.value("SELECT replace(replace(replace(format_type(atttypid, atttypmod), 'character "
                              "varying', 'varchar'), "
                              "'timestamp with time zone', 'timestamptz'), '(39,0)', '(39)') FROM "
                              "pg_attribute WHERE attrelid = "
                              "'iron." +
                              table.name + "'::regclass AND attname = '" + column.name + "'");
            const std::string internal =
                fixture.value("SELECT '" + column.type + "'::text = '" + type + "' OR to_regtype('" +
                              column.type + "') = to_regtype('" + type + "')");
            CHECK(internal == "t");
        }
    const auto count = [&](const std::string& condition) {
        return fixture.value("SELECT count(*) FROM pg_indexes WHERE schemaname = 'iron' AND " + condition);
    };
    CHECK(count("tablename = 'zpix'") == "13");
    CHECK(
        count("indexdef LIKE 'CREATE UNIQUE INDEX ix_zpix_unique ON iron.zpix USING btree (targetid, survey, "
              "program)'") == "1");
    CHECK(count("indexname = 'ix_ztile_unique' AND indexdef LIKE '%(targetid, spgrp, spgrpval, tileid)'") ==
          "1");
    CHECK(count("indexname LIKE '%q3c_ang2ipix'") == (made.skyIndex ? "4" : "0"));

    for (const std::string name : {"voorwerp", "public", "pg_temp", "", "a b", "x;DROP", "\"q\""})
        CHECK_THROWS_AS(createProduction(fixture.database(), name), core::UserError);
    CHECK(createProduction(fixture.database(), "daily-2026.1").tablesMade == 10);
}

TEST_CASE("rows of a catalogue file go into zpix and photometry as specprod-db's loader writes them")
{
    const test::CatalogFixture fixture;
    const core::TableChunk chunk = madeChunk();
    {
        CatalogLoad load(fixture.database(), madeCatalog("1"));
        load.add({chunk, RedshiftTable::Zpix});
    }
    CHECK(fixture.value("SELECT count(*) FROM voorwerp.file") == "0");
    CHECK(fixture.value("SELECT to_regclass('made.zpix') IS NULL") == "t");

    CatalogLoad load(fixture.database(), madeCatalog("1"));
    load.add({chunk, RedshiftTable::Zpix});
    const SpecprodCounts counts = load.commit();
    CHECK(counts.redshifts == 9);
    CHECK(counts.photometry == 9);
    CHECK(counts.sky == 2);
    CHECK(counts.unknown == 1);
    CHECK(fixture.value("SELECT kind FROM voorwerp.file") == "zcatalog");
    const std::string row = " FROM made.zpix WHERE targetid = 39627000000000002";
    CHECK(fixture.value("SELECT id = 3 * 2::numeric ^ 96 + 6 * 2::numeric ^ 64 + 39627000000000002" + row) ==
          "t");
    CHECK(fixture.value(
              "SELECT concat_ws(' ', survey, program, spgrp, spgrpval, healpix, coeff_9, zcat_primary, "
              "desiname)" +
              row) == "main dark healpix 10016 10016 29 t DESI J150.1234-01.9876");
    CHECK(fixture.value("SELECT z FROM made.zpix WHERE targetid = 39627000000000006") == "-9999");
    CHECK(fixture.value("SELECT chi2 IS NULL" + row) == "t");
    CHECK(fixture.value("SELECT spectype FROM made.zpix WHERE targetid = 39627000000000007") == "tab\the");
    CHECK(fixture.value("SELECT ls_id FROM made.photometry WHERE targetid = 39627000000000002") ==
          std::to_string(9010LL << 40 | 330000LL << 16 | 2));
    CHECK(
        fixture.value("SELECT flux_r = 0.2::float4 AND ra = 150.12345 FROM made.photometry WHERE targetid = "
                      "39627000000000002") == "t");

    SECTION("a file that knows less leaves the rest as it is, and the same rows again change nothing")
    {
        core::TableChunk less;
        less.rows = 1;
        less.columns = {{"TARGETID", std::vector<std::int64_t>{39627000000000002}},
                        {"HEALPIX", std::vector<std::int64_t>{10016}},
                        {"Z", std::vector<double>{4.5}}};
        less.addConstant<std::string>("SURVEY", "main");
        less.addConstant<std::string>("PROGRAM", "dark");
        CatalogLoad again(fixture.database(), madeCatalog("2"));
        again.add({less, RedshiftTable::Zpix});
        CHECK(again.commit().redshifts == 1);
        CHECK(fixture.value("SELECT concat_ws(' ', z, coeff_9, spectype)" + row) == "4.5 29 QSO");
        CatalogLoad same(fixture.database(), madeCatalog("2"));
        same.add({less, RedshiftTable::Zpix});
        CHECK(same.commit().redshifts == 0);
    }
    SECTION("tile rows have their own table, id and fibre")
    {
        core::TableChunk tiles = madeChunk();
        tiles.columns.erase(tiles.columns.end() - 1); // SPGRP healpix
        tiles.addConstant<std::string>("SPGRP", "cumulative");
        tiles.addConstant<std::int64_t>("TILEID", 80613);
        tiles.addConstant<std::int64_t>("LASTNIGHT", 20210324);
        tiles.addConstant<std::int64_t>("LOCATION", 5);
        CatalogLoad tileLoad(fixture.database(), madeCatalog("3"));
        tileLoad.add({tiles, RedshiftTable::Ztile});
        CHECK(tileLoad.commit().redshifts == 10); // a survey without a number has a tile all the same
        CHECK(
            fixture.value(
                "SELECT id = ((3::numeric * 2 ^ 27 + 20210324) * 2::numeric ^ 96) + 80613 * 2::numeric ^ 64 "
                "+ targetid AND targetphotid = 6 * 2::numeric ^ 96 + 80613 * 2::numeric ^ 64 + targetid "
                "FROM made.ztile WHERE targetid = 39627000000000002") == "t");
        CHECK(fixture.value("SELECT count(*) FROM made.fiberassign WHERE location = 5") == "10");
    }
    SECTION("rows without what ids are made of are refused")
    {
        core::TableChunk nameless;
        nameless.rows = 1;
        nameless.columns = {{"TARGETID", std::vector<std::int64_t>{1}}};
        CatalogLoad bad(fixture.database(), madeCatalog("4"));
        CHECK_THROWS_AS(bad.add({nameless, RedshiftTable::Zpix}), core::FormatError);
    }
}

TEST_CASE("the first load of a production leaves the indexes that a made one has, and its statistics")
{
    const test::CatalogFixture fixture;
    createProduction(fixture.database(), "beside");
    CatalogLoad load(fixture.database(), madeCatalog("1"));
    load.add({madeChunk(), RedshiftTable::Zpix});
    load.commit();
    const auto indexes = [&](const std::string& production) {
        return fixture.value("SELECT count(*) || string_agg(replace(indexdef, '" + production +
                             ".', ''), ';' ORDER BY indexname) FROM pg_indexes WHERE schemaname = '" +
                             production + "'");
    };
    CHECK(indexes("made") == indexes("beside"));
    CHECK(fixture.value("SELECT bool_and(indisvalid) FROM pg_index") == "t");
    CHECK(fixture.value("SELECT reltuples FROM pg_class WHERE oid = 'made.zpix'::regclass") == "9");
}

TEST_CASE("a target of several chunks and programs is one row of photometry, the last one's")
{
    const test::CatalogFixture fixture;
    CatalogLoad load(fixture.database(), madeCatalog("1"));
    core::TableChunk chunk = madeChunk();
    load.add({chunk, RedshiftTable::Zpix});
    chunk.columns.erase(
        std::remove_if(chunk.columns.begin(), chunk.columns.end(),
                       [](const core::TableColumn& column) { return column.name == "PROGRAM"; }),
        chunk.columns.end());
    chunk.addConstant<std::string>("PROGRAM", "bright");
    for (core::TableColumn& column : chunk.columns)
        if (column.name == "FLUX_R")
            std::get<std::vector<float>>(column.values)[2] = 7.5F;
    load.add({chunk, RedshiftTable::Zpix});
    const SpecprodCounts counts = load.commit();
    CHECK(counts.redshifts == 18);
    CHECK(counts.photometry == 10); // one again, with another flux
    CHECK(fixture.value("SELECT count(*) FROM made.photometry") == "9");
    CHECK(fixture.value("SELECT flux_r FROM made.photometry WHERE targetid = 39627000000000002") == "7.5");
    CHECK(fixture.value("SELECT string_agg(program, ' ' ORDER BY program) FROM made.zpix WHERE targetid = "
                        "39627000000000002") == "bright dark");
}

TEST_CASE("two programs that bring the same new rows wait for each other, and both are done")
{
    const test::CatalogFixture fixture;
    createProduction(fixture.database(), "made");
    CatalogLoad first(fixture.database(), madeCatalog("1"));
    first.add({madeChunk(), RedshiftTable::Zpix});
    SpecprodCounts second;
    std::atomic<bool> done = false;
    std::jthread other([&] {
        core::TableChunk chunk = madeChunk();
        std::get<std::vector<double>>(chunk.columns[3].values)[2] = 6.25;
        second = addSpecprodRows(fixture.database(), "made", {chunk, RedshiftTable::Zpix});
        done = true;
    });
    const auto isWaiting = [&] {
        return fixture.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") == "1";
    };
    while (!done && !isWaiting())
        std::this_thread::yield();
    CHECK_FALSE(done);
    CHECK(first.commit().redshifts == 9);
    other.join();
    CHECK(second.redshifts == 1); // the row that differs
    CHECK(second.photometry == 0);
    CHECK(fixture.value("SELECT count(*) FROM made.zpix") == "9");
    CHECK(fixture.value("SELECT z FROM made.zpix WHERE targetid = 39627000000000002") == "6.25");
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/specprod_browse.h"

#include "catalog/migrations.h"
#include "catalog/selection_store.h"
#include "catalog/specprod_id.h"
#include "catalog/survey_shape.h"
#include "catalog/target_query.h"
#include "catalog/where.h"
#include "core/error.h"
#include "support/specprod_server.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <pqxx/pqxx>
#include <set>
#include <thread>

using namespace voorwerp;
using namespace voorwerp::catalog;
using Catch::Matchers::Contains;

namespace {

std::vector<TargetRow> walk(const Database& database, TargetPageRequest request)
{
    std::vector<TargetRow> rows;
    for (;;) {
        TargetPage page = queryTargets(database, request);
        std::move(page.rows.begin(), page.rows.end(), std::back_inserter(rows));
        if (!page.next)
            return rows;
        request.after = page.next;
    }
}

} // namespace

TEST_CASE("a production of a specprod-db server is listed, sorted, paged and counted like our own catalogue")
{
    const test::SpecprodServer server;
    const std::vector<std::string> productions = listProductions(Database(server.uri()));
    CHECK(productions == std::vector<std::string>{"fuji", "iron"});

    const Database iron = openProduction(server.uri(), "iron");
    CHECK(iron.isBrowsed());
    CHECK(countTargets(iron, {}) == test::SpecprodServer::kRows);
    CHECK(countTargets(iron, "survey = 'main' and spectype = 'QSO'") == test::SpecprodServer::kRows / 6 + 1);
    CHECK(countTargets(iron, "zwarn & 2") == test::SpecprodServer::kRows / 2);
    CHECK(countTargets(iron, "flux_r > 0 and ebv = 0.03") > 0);
    CHECK(countTargets(iron, "cone(5, -29, 60)") == 1);
    CHECK(countTargets(iron, "cone(5, -29, 7200)") > 20);
    CHECK(countTargets(iron, "box(4.99, 5.06, -30, 0)") == 2);
    CHECK_THROWS_AS(countTargets(iron, "matched('quasars')"), WhereError);

    SECTION("every row once and in order, whatever the column")
    {
        for (const std::string column :
             {"id", "targetid", "z", "survey", "target_ra", "flux_r", "snr", "label"})
            for (const bool descending : {false, true}) {
                INFO(column << (descending ? " descending" : ""));
                TargetPageRequest request;
                request.sortColumn = column;
                request.descending = descending;
                request.limit = 700;
                const auto rows = walk(iron, request);
                std::set<std::int64_t> ids;
                for (const TargetRow& row : rows)
                    ids.insert(row.id.value);
                CHECK(rows.size() == test::SpecprodServer::kRows);
                CHECK(ids.size() == rows.size());
                if (column == "z")
                    CHECK(
                        std::is_sorted(rows.begin(), rows.end(), [&](const TargetRow& a, const TargetRow& b) {
                            return descending ? a.info.redshift->z > b.info.redshift->z
                                              : a.info.redshift->z < b.info.redshift->z;
                        }));
            }
    }
    SECTION("a row says what the server knows, and nothing else")
    {
        const auto rows = findTarget(iron, {test::SpecprodServer::targetId(20)});
        REQUIRE(rows.size() == 1);
        const core::TargetInfo& info = rows[0].info;
        CHECK(info.key ==
              core::SpectrumKey{"iron", "main", "bright", "healpix", 10000, -1, {39627000000000020}});
        CHECK(info.targetRa == 1.0);
        CHECK(info.fluxR == 11.0F);
        CHECK(info.redshift->z == 2.96);
        CHECK(std::isnan(info.snr));
        CHECK(info.problem.empty());
        CHECK(findSpectrum(iron, rows[0].id).info.key == info.key);
        CHECK(zpixIdOf(rows[0].id)->decimal() ==
              server.run("SELECT id FROM iron.zpix WHERE targetid = 39627000000000020"));
        const auto place = findPlace(iron, {.sortColumn = "z"}, rows[0].id);
        REQUIRE(place);
        CHECK(place->before.value ==
              std::stoll(server.run("SELECT count(*) FROM iron.zpix WHERE (z, id) < (SELECT z, id "
                                    "FROM iron.zpix WHERE targetid = 39627000000000020)")));
        CHECK(std::isnan(findTarget(iron, {test::SpecprodServer::targetId(9)}).at(0).info.targetRa));
    }
    SECTION("the small plots count what matches")
    {
        const auto extent = findExtent(iron);
        REQUIRE(extent);
        const SurveyShape shape = findShape(iron, {.where = "survey = 'main'", .extent = *extent});
        CHECK(std::accumulate(shape.z.begin(), shape.z.end(), std::int64_t{0}) ==
              test::SpecprodServer::kRows / 2);
    }
    SECTION("an older production lacks columns: they are empty, and said to be")
    {
        const Database fuji = openProduction(server.uri(), "fuji");
        const auto rows = queryTargets(fuji, {}).rows;
        REQUIRE(rows.size() == 1);
        CHECK(rows[0].info.key == core::SpectrumKey{"fuji", "cmx", "bright", "healpix", 7, -1, {12}});
        CHECK(std::isnan(rows[0].info.ebv));
        for (const char* column : {"ebv", "snr", "label", "problem", "score"})
            CHECK(lacksColumn(fuji, column));
        for (const char* column : {"z", "targetid", "flux_r"})
            CHECK_FALSE(lacksColumn(fuji, column));
        CHECK_FALSE(lacksColumn(iron, "ebv"));
    }
}

TEST_CASE("nothing is written to a server that is browsed, and its password is never shown")
{
    const test::SpecprodServer server;
    server.run("ALTER ROLE desi_public SET default_transaction_read_only = on");
    const Database iron = openProduction(server.uri(), "iron");
    CHECK(queryTargets(iron, {}).rows.size() == 500);
    CHECK(server.run("SELECT count(*) FROM pg_namespace WHERE nspname = 'voorwerp'") == "0");
    // The role may not write, and were it to, our connections would refuse.
    server.run("ALTER ROLE desi_public RESET default_transaction_read_only; GRANT INSERT ON iron.zpix TO "
               "desi_public");
    CHECK_THROWS_WITH(saveSelection(iron, "mine", "z > 2"), Contains("voorwerp"));
    server.run("GRANT CREATE ON DATABASE specprod TO desi_public");
    CHECK_THROWS_WITH(migrate(iron), Contains("read-only"));
    try {
        openProduction(server.uriWithoutPassword() + " password=" + "wrong-secret", "iron");
        FAIL("a wrong password was taken");
    } catch (const core::DatabaseError& error) {
        CHECK(error.kind() == core::DatabaseError::Kind::Unreachable);
        CHECK(std::string(error.what()).find("wrong-secret") == std::string::npos);
    }
    try {
        openProduction(server.uri(), "irno");
        FAIL("a production that is not there was opened");
    } catch (const core::UserError& error) {
        CHECK_THAT(error.remedy(), Contains("iron"));
    }
}

TEST_CASE("the server's own indexes serve the pages of a sort over an indexed column")
{
    const test::SpecprodServer server;
    server.run(
        "INSERT INTO iron.zpix (id, targetid, survey, program, spgrp, healpix, z, zwarn, spectype) SELECT 3 "
        "* "
        "2::numeric ^ 96 + 6 * 2::numeric ^ 64 + i, i, 'main', 'dark', 'healpix', i % 1000, i * 0.00001, 0, "
        "'GALAXY' FROM generate_series(1, 60000) i");
    server.run("ANALYZE iron.zpix");
    const auto scans = [&server](const char* kind) {
        return std::stoll(
            server.run(std::string("SELECT ") + kind +
                       " FROM pg_stat_user_tables WHERE relname = 'zpix' AND schemaname = 'iron'"));
    };
    const auto sequential = scans("seq_scan");
    const auto indexed = scans("idx_scan");
    {
        const Database iron = openProduction(server.uri(), "iron");
        for (const std::string column : {"targetid", "z", "id"}) {
            TargetPageRequest request;
            request.sortColumn = column;
            request.where = "zwarn = 0";
            request.after = queryTargets(iron, request).next;
            CHECK(queryTargets(iron, request).rows.size() == 500);
        }
        findPlace(iron, {.sortColumn = "targetid"}, findTarget(iron, {50}).at(0).id);
    } // the server counts when the connections end
    while (scans("idx_scan") < indexed + 6)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(scans("seq_scan") == sequential);
}

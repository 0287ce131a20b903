// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/target_query.h"

#include "catalog/catalog_source.h"
#include "catalog/few_values.h"
#include "catalog/label_store.h"
#include "catalog/model_store.h"
#include "catalog/page_reader.h"
#include "catalog/score_store.h"
#include "catalog/selection_store.h"
#include "catalog/survey_shape.h"
#include "catalog/where.h"
#include "catalog_fixture.h"
#include "sky_survey.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <csignal>
#include <limits>
#include <numeric>
#include <pqxx/pqxx>
#include <thread>

using namespace voorwerp;
using namespace voorwerp::catalog;

namespace {

/// All pages of a list. only: found in one of the two ways.
std::vector<TargetRow> walk(const Database& database, TargetPageRequest request,
                            std::optional<PagePlan> only = {})
{
    std::vector<TargetRow> rows;
    for (int pages = 0; pages < 1000; ++pages) {
        TargetPage page =
            only ? PageReader(database, request, {}, only).read() : queryTargets(database, request);
        std::move(page.rows.begin(), page.rows.end(), std::back_inserter(rows));
        if (!page.next)
            return rows;
        REQUIRE(page.rows.size() == request.limit);
        request.after = page.next;
    }
    FAIL("the pages have no end");
    return rows;
}

bool eachOnce(const std::vector<TargetRow>& rows, std::size_t expected)
{
    std::vector<std::int64_t> ids;
    for (const TargetRow& row : rows)
        ids.push_back(row.id.value);
    std::sort(ids.begin(), ids.end());
    return ids.size() == expected && std::adjacent_find(ids.begin(), ids.end()) == ids.end();
}

/// Values in order, what has none last, ties by id in the direction of the sort.
template <typename Value> bool inOrder(const std::vector<TargetRow>& rows, bool descending, Value value)
{
    return std::is_sorted(rows.begin(), rows.end(), [&](const TargetRow& a, const TargetRow& b) {
        const double x = value(a), y = value(b);
        if (std::isnan(x) != std::isnan(y))
            return std::isnan(y);
        if (x != y && !std::isnan(x))
            return descending ? x > y : x < y;
        return descending ? a.id > b.id : a.id < b.id;
    });
}

/// 5,000 rows with ties (snr, ebv) and without some values (z, snr): inserted by SQL, since pixels do not
/// matter here.
void fill(const test::CatalogFixture& fixture)
{
    test::ingestMade(fixture.database(), "/made/a.fits", 0, 1);
    pqxx::connection connection(fixture.cluster().uri());
    pqxx::work work(connection);
    work.exec("INSERT INTO voorwerp.target (targetid, specprod, survey, program, spgrp, spgrpval, tileid, "
              "objtype, spectype, "
              "subtype, redshift_source, problem, file_id, file_row, z, snr, ebv, zwarn) SELECT CASE WHEN i "
              "% 2 = 0 THEN i ELSE -i END, "
              "'made', 'main', 'dark', 'healpix', 1, -1, 'TGT', CASE WHEN i % 3 = 0 THEN 'QSO' ELSE 'GALAXY' "
              "END, '', '', '', 1, i, "
              "CASE WHEN i % 7 = 0 THEN NULL ELSE (i * 37 % 1000) / 300.0 END, CASE WHEN i % 11 = 0 THEN "
              "NULL ELSE i % 13 END, "
              "0.1, i % 4 FROM generate_series(1, 4999) i");
    work.commit();
    pqxx::nontransaction(connection).exec("ANALYZE voorwerp.target");
}

std::vector<Score> madeScores(const std::vector<TargetRow>& rows)
{
    std::vector<Score> scores;
    for (std::size_t i = 0; i < rows.size(); i += 2) {
        Score score;
        score.id = rows[i].id;
        score.score =
            i % 10 == 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(i % 100) / 7.0F;
        score.components = {1.5F, 2.5F, static_cast<float>(i), 0.1F, -1.0F};
        score.artefact = 0.25F;
        score.pValue = 1e-300;
        score.qValue = 0.5;
        score.kind = "BAL, maybe";
        score.latent = {static_cast<float>(i), 1.0F / 3.0F, -2.0F};
        scores.push_back(score);
    }
    return scores;
}

} // namespace

TEST_CASE("Pages are the same whether they are gathered or walked to, with missing values at the end")
{
    const test::CatalogFixture fixture;
    const Database& database = fixture.database();
    fill(fixture);
    // Most end in the middle of what was gathered ahead, some with it; of "z is null" nothing has a value.
    for (const char* where :
         {"zwarn = 3", "zwarn & 2 and spectype != 'QSO'", "z is null", "snr in (3, 4)", "z < 0"})
        for (const char* column : {"z", "snr", "spectype", "targetid"})
            for (const std::size_t limit : {7, 25, 50}) {
                INFO(where << " by " << column << ", " << limit << " a page");
                TargetPageRequest request;
                request.where = where;
                request.sortColumn = column;
                request.limit = limit;
                request.descending = limit == 25;
                const auto walked = walk(database, request, PagePlan::Walk);
                CHECK(eachOnce(walked, static_cast<std::size_t>(countTargets(database, where))));
                const auto gathered = walk(database, request, PagePlan::Gather);
                CHECK(std::ranges::equal(gathered, walked, {}, &TargetRow::id, &TargetRow::id));
            }
    // What is deleted between two pages is missing on the second; what was read is not read again.
    TargetPageRequest request;
    request.where = "zwarn = 3";
    request.limit = 10;
    const TargetPage first = PageReader(database, request, {}, PagePlan::Gather).read();
    REQUIRE(first.next);
    request.after = first.next;
    const TargetPage second = queryTargets(database, request);
    test::execute(database,
                  "DELETE FROM voorwerp.target WHERE id = " + std::to_string(second.rows[4].id.value));
    const TargetPage again = queryTargets(database, request);
    CHECK(again.rows.size() == 9);
    CHECK(again.rows.back().id == second.rows.back().id);
    CHECK(again.next);
}

TEST_CASE("A test of a column of few values becomes a list of those that pass")
{
    const test::CatalogFixture fixture;
    const Database& database = fixture.database();
    fill(fixture);
    test::execute(database, "UPDATE voorwerp.target SET zwarn = NULL WHERE id % 50 = 0");
    const auto sqlOf = [&](const std::string& where) {
        auto tree = parseWhere(where, false);
        useFewValues(tree, database, {});
        SqlParameters parameters;
        return compileTree(tree.get(), parameters, database.source());
    };
    CHECK(sqlOf("zwarn & 2") == "(t.zwarn = ANY($1::int8[]))");
    CHECK(sqlOf("not (zwarn & 2)") == "((t.zwarn = ANY($1::int8[])) OR (t.zwarn IS NULL))");
    CHECK(sqlOf("spectype like '%Q%' and z > 1") == "((t.spectype = ANY($1::text[])) AND (t.z > $2::int8))");
    CHECK(sqlOf("zwarn = 2") == "(t.zwarn = $1::int8)"); // an index answers that
    CHECK(sqlOf("zwarn & 2 = targetid").find("ANY") == std::string::npos);
    for (const char* where :
         {"zwarn & 2", "not (zwarn & 2)", "zwarn != 1", "not (zwarn in (1, 2))", "zwarn & 8",
          "zwarn & 1 or zwarn & 2", "spectype not like 'Q%'", "survey != 'main'", "problem != ''",
          "not (zwarn & 1 and z > 1)", "1 / zwarn > 0.4", "zwarn is null or zwarn & 1"}) {
        TargetPageRequest request;
        request.where = where;
        request.limit = 5000;
        INFO(where);
        CHECK(static_cast<std::int64_t>(queryTargets(database, request).rows.size()) ==
              countTargets(database, where));
    }
}

TEST_CASE("Pages give each row once in both directions, with ties and missing values, labels and scores")
{
    const test::CatalogFixture fixture;
    const Database& database = fixture.database();
    CHECK(queryTargets(database, {}).rows.empty());
    fill(fixture);
    CHECK(countTargets(database, "") == 5000);

    const auto z = [](const TargetRow& row) { return row.info.redshift ? row.info.redshift->z : NAN; };
    const auto snr = [](const TargetRow& row) { return static_cast<double>(row.info.snr); };
    for (const bool descending : {false, true}) {
        TargetPageRequest request;
        request.descending = descending;
        request.limit = 997;
        request.sortColumn = "snr";
        auto rows = walk(database, request);
        CHECK(eachOnce(rows, 5000));
        CHECK(inOrder(rows, descending, snr));
        request.sortColumn = "ebv"; // one value for all
        CHECK(eachOnce(walk(database, request), 5000));
        request.sortColumn = "spectype";
        CHECK(eachOnce(walk(database, request), 5000));
        request.sortColumn = "targetid";
        request.limit = 1000;
        CHECK(eachOnce(walk(database, request), 5000));
        request.sortColumn = "z";
        request.where = "zwarn != 3 and spectype = 'QSO'";
        rows = walk(database, request);
        CHECK(eachOnce(rows, static_cast<std::size_t>(countTargets(database, request.where))));
        request.sortColumn = "label";
        request.limit = 499;
        CHECK(eachOnce(walk(database, request), rows.size()));
    }
    // z comes back as a redshift only with its source, so its order is checked in the database's own words.
    TargetPageRequest byZ;
    byZ.sortColumn = "z";
    byZ.limit = 3;
    CHECK(queryTargets(database, byZ).next->value.has_value());
    byZ.where = "z is null";
    CHECK_FALSE(queryTargets(database, byZ).next->value.has_value());
    CHECK(inOrder(queryTargets(database, {"", "id", false, {}, 10, {}, true}).rows, false,
                  [](const auto& row) { return static_cast<double>(row.id.value); }));
    CHECK(std::isnan(z(queryTargets(database, byZ).rows[0])));

    // Labels and scores beside the rows.
    TargetPageRequest everything;
    everything.limit = 5000;
    const auto all = queryTargets(database, everything).rows;
    ModelVersion model;
    model.name = "m";
    model.id = registerModel(database, model).id;
    const auto scores = madeScores(all);
    CHECK_FALSE(latestScoreRun(database, model.id));
    ScoreRun run;
    run.model = model.id;
    run.selection = "s";
    run.configuration = R"({"device": "cpu"})";
    const auto first = replaceScores(database, run, scores);
    CHECK(replaceScores(database, run, scores) > first);
    CHECK(latestScoreRun(database, model.id)->scored == 2500);
    REQUIRE(latestScoreRuns(database).size() == 1);
    CHECK(latestScoreRuns(database).front().id == latestScoreRun(database, model.id)->id);
    CHECK(fixture.value("SELECT count(*) FROM voorwerp.score") == "2500");

    setLabel(database, all[2].info.key.targetId, "BAL", 3, "wide trough", "ann");
    TargetPageRequest ranked;
    ranked.model = model.id;
    ranked.sortColumn = "score";
    ranked.descending = true;
    ranked.limit = 300;
    const auto rows = walk(database, ranked);
    CHECK(eachOnce(rows, 2500));
    CHECK(inOrder(rows, true, [](const TargetRow& row) { return static_cast<double>(row.score->score); }));
    CHECK(rows[0].score->rank >= 1);
    ranked.sortColumn = "rank";
    ranked.descending = false;
    const auto byRank = walk(database, ranked);
    CHECK(byRank[0].score->rank == 1);
    CHECK(byRank[2499].score->rank == 2500);
    CHECK(byRank[0].score->pValue == 1e-300);
    CHECK(byRank[0].score->kind == "BAL, maybe");
    ranked.where = "label = 'BAL' and score_smoothed = 2";
    const auto labelled = queryTargets(database, ranked).rows;
    REQUIRE(labelled.size() == 1);
    CHECK(labelled[0].label->comment == "wide trough");
    CHECK(labelled[0].label->quality == 3);
    CHECK(countTargets(database, "score > 3", model.id) < 2500);
    ranked.where.clear();
    ranked.scoredOnly = false;
    CHECK(eachOnce(walk(database, ranked), 5000));
    CHECK(findTarget(database, all[2].info.key.targetId, model.id)[0].score->components[2] == 2.0F);
    CHECK_FALSE(findSpectrum(database, all[1].id, model.id).score);

    const Score one = *findScore(database, model.id, all[4].id);
    CHECK(one.latent == scores[2].latent);
    const ScoreColumns columns = loadScoreColumns(database, model.id);
    CHECK(columns.ids.size() == 2500);
    CHECK(columns.latentDimensions == 3);
    CHECK(columns.latent.size() == 7500);
    CHECK(columns.latent[4] == 1.0F / 3.0F);
    CHECK(columns.components[0][7] == 1.5F);
    CHECK(std::isnan(columns.score[0]));
    CHECK(columns.labelClass[1] == "BAL");
    CHECK(loadScoreColumns(database, model.id, "label is not null").ids.size() == 1);

    // Stopped or wrong scores change nothing.
    std::stop_source source;
    source.request_stop();
    CHECK_THROWS_AS(replaceScores(database, run, scores, source.get_token()), core::Cancelled);
    auto uneven = scores;
    uneven[5].latent.pop_back();
    CHECK_THROWS_AS(replaceScores(database, run, uneven), core::FormatError);
    uneven = {scores[0]};
    uneven[0].id.value = 999'999; // not a spectrum (any more)
    CHECK(loadScoreColumns(database, model.id).ids.size() == 2500);
    replaceScores(database, run, uneven);
    CHECK(loadScoreColumns(database, model.id).ids.empty());

    // Wrong requests.
    CHECK_THROWS_AS(queryTargets(database, {"", "nonsense", false, {}, 10, {}, true}), core::UserError);
    CHECK_THROWS_AS(queryTargets(database, {"", "score", false, {}, 10, {}, true}), core::UserError);
    CHECK_THROWS_AS(queryTargets(database, {"", "id; drop table voorwerp.target", false, {}, 10, {}, true}),
                    core::UserError);
    CHECK_THROWS_AS(queryTargets(database, {"zz = 1", "id", false, {}, 10, {}, true}), WhereError);
    CHECK_THROWS_AS(findSpectrum(database, {-1}), core::UserError);
    CHECK(findTarget(database, {123456789}).empty());

    // Bulk columns, counts by value, selections.
    CHECK(loadTargetColumns(database, "spectype = 'QSO'").ids.size() == 1667);
    CHECK(countByValue(database, "spectype")[0].value == "GALAXY");
    CHECK_THROWS_AS(countByValue(database, "z"), core::UserError);
    CHECK(saveSelection(database, "quasars", "spectype = 'QSO'").count == 1667);
    CHECK(saveSelection(database, "quasars", "spectype = 'QSO' and z > 1").count < 1667);
    CHECK(listSelections(database).size() == 1);
    CHECK_THROWS_AS(saveSelection(database, "a b", ""), core::UserError);
    CHECK_THROWS_AS(saveSelection(database, "scores", "score > 1"), WhereError);
    CHECK_THROWS_WITH(findSelection(database, "quasar"), "there is no selection 'quasar'");
    CHECK(deleteSelection(database, "quasars"));
    CHECK_FALSE(deleteSelection(database, "quasars"));
}

TEST_CASE("The place of a row in its list is counted, and a page can begin there")
{
    const test::CatalogFixture fixture;
    const Database& database = fixture.database();
    fill(fixture);
    TargetPageRequest request;
    request.limit = 1000;
    request.where = "zwarn != 3";
    for (const char* column : {"z", "ebv", "spectype", "label"}) {
        for (const bool descending : {false, true}) {
            request.sortColumn = column;
            request.descending = descending;
            request.after.reset();
            const auto rows = walk(database, request);
            for (const std::size_t i : {std::size_t{0}, std::size_t{1234}, rows.size() - 1}) {
                const auto place = findPlace(database, request, rows[i].id);
                REQUIRE(place);
                CHECK(place->listed);
                CHECK(place->before.value == static_cast<std::int64_t>(i));
                TargetPageRequest from = request;
                from.after = place->cursor;
                CHECK(queryTargets(database, from).rows.front().id == rows[i].id);
            }
        }
    }
    // What the filter keeps out would stand between its neighbours.
    request.sortColumn = "id";
    request.descending = false;
    TargetPageRequest others;
    others.where = "zwarn = 3";
    const auto out = queryTargets(database, others).rows[7].id;
    const auto place = findPlace(database, request, out);
    REQUIRE(place);
    CHECK_FALSE(place->listed);
    CHECK(place->before.value == countTargets(database, "zwarn != 3 and id < " + std::to_string(out.value)));
    CHECK_FALSE(findPlace(database, request, {999999}));
}

TEST_CASE("Sky and redshifts are counted in bins by the server")
{
    const test::CatalogFixture fixture;
    const Database& database = fixture.database();
    CHECK_FALSE(findExtent(database));
    fill(fixture);
    pqxx::connection connection(fixture.cluster().uri());
    pqxx::work work(connection);
    work.exec("UPDATE voorwerp.target SET target_ra = CASE WHEN id % 3 > 0 THEN id % 300 END, "
              "target_dec = id % 50 - 10");
    work.commit();
    const auto extent = findExtent(database);
    REQUIRE(extent);
    CHECK(extent->raLow == 0.0);
    CHECK(extent->raHigh > 299.0);
    CHECK(extent->decLow < -10.0);
    CHECK(extent->decHigh > 39.0);
    SurveyShapeRequest request{"snr > 3", {}, *extent, 7, 5, 11};
    const SurveyShape shape = findShape(database, request);
    const auto sum = [](const std::vector<std::int64_t>& counts) {
        return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    };
    CHECK(shape.z.size() == 11);
    CHECK(shape.sky.size() == 35);
    CHECK(sum(shape.z) == countTargets(database, "snr > 3 and z is not null"));
    CHECK(sum(shape.sky) == countTargets(database, "snr > 3 and target_ra is not null"));
    const double step = (extent->raHigh - extent->raLow) / 7;
    std::int64_t column = 0;
    for (std::size_t dec = 0; dec < 5; ++dec)
        column += shape.sky[dec * 7 + 2];
    CHECK(column == countTargets(database, "snr > 3 and target_ra >= " + std::to_string(2 * step) +
                                               " and target_ra < " + std::to_string(3 * step)));
    request.where = "nonsense > 1";
    CHECK_THROWS_AS(findShape(database, request), WhereError);
}

TEST_CASE("A query ends at once when it is stopped or the server goes away")
{
    const test::CatalogFixture fixture;
    const Database& database = fixture.database();
    fill(fixture);
    // Another session holds the table: the query waits.
    pqxx::connection blocker(fixture.cluster().uri());
    pqxx::work lock(blocker);
    lock.exec("LOCK TABLE voorwerp.target IN ACCESS EXCLUSIVE MODE");
    std::stop_source source;
    {
        const std::jthread stopper([&source] {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            source.request_stop();
        });
        CHECK_THROWS_AS(countTargets(database, "", {}, source.get_token()), core::Cancelled);
    }
    {
        const std::jthread killer([&fixture] {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            ::kill(static_cast<pid_t>(PrivateCluster::status(fixture.workspace()).pid), SIGKILL);
        });
        try {
            countTargets(database, "");
            FAIL("a dead server answered");
        } catch (const core::DatabaseError& error) {
            CHECK(error.kind() == core::DatabaseError::Kind::Unreachable);
            CHECK(error.retryable());
        }
    }
    core::JobContext context;
    fixture.cluster().ensureRunning(context);
    CHECK(countTargets(database, "") == 5000);
    // A shutdown in order, seen by an idle connection of the pool.
    ::kill(static_cast<pid_t>(PrivateCluster::status(fixture.workspace()).pid), SIGINT);
    while (PrivateCluster::status(fixture.workspace()).running)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK_THROWS_AS(countTargets(database, ""), core::DatabaseError);
    fixture.cluster().ensureRunning(context);
    CHECK(countTargets(database, "") == 5000);
}

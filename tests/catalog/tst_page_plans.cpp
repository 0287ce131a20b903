// SPDX-License-Identifier: GPL-3.0-or-later
// What PostgreSQL does for a page of a list: along an index, never through the whole table.
#include "catalog/model_store.h"
#include "catalog/page_query.h"
#include "catalog/score_store.h"
#include "catalog/session.h"
#include "catalog_fixture.h"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <regex>

using namespace voorwerp;
using namespace voorwerp::catalog;

namespace {

/// So many that the planner would rather read a table than jump about in it.
constexpr const char* kRows = "60000";
constexpr std::int64_t kPageRows = 201;

/// Rows, scores of one model and labels, with ties and missing values. Returns the model.
core::ModelVersionId fill(const test::CatalogFixture& fixture)
{
    test::ingestMade(fixture.database(), "/made/a.fits", 0, 1);
    ModelVersion model;
    model.name = "m";
    model.id = registerModel(fixture.database(), model).id;
    pqxx::connection connection(fixture.cluster().uri());
    pqxx::nontransaction work(connection);
    work.exec(
        std::string(
            "INSERT INTO voorwerp.target (targetid, specprod, survey, program, spgrp, spgrpval, tileid, "
            "target_ra, target_dec, objtype, coadd_fiberstatus, night, ebv, flux_g, flux_r, flux_z, snr, "
            "fraction_masked, z, zwarn, deltachi2, spectype, subtype, redshift_source, problem, file_id, "
            "file_row) SELECT i, 'made', (ARRAY['main', 'sv1', 'sv3'])[1 + i % 3], 'dark', 'healpix', "
            "i / 500, -1, i * 0.37 % 360, i * 0.11 % 90 - 45, 'TGT', i % 9, 20210514 + i % 28, "
            "i % 13 * 0.01, i % 1000, nullif(i % 1001, 0), i % 999, nullif(i * 7 % 100, 0), i % 7 * 0.01, "
            "nullif(i * 37 % 5000, 0) / 1000.0, nullif(i % 8, 7), i % 5003, (ARRAY['QSO', 'GALAXY', "
            "'STAR'])[1 + i % 3], '', '', CASE WHEN i % 50 = 0 THEN 'no good pixel' ELSE '' END, "
            "(SELECT min(id) FROM voorwerp.file), i FROM generate_series(1, ") +
        kRows + ") i");
    work.exec(
        "INSERT INTO voorwerp.score (model_version_id, target_id, run_id, rank, score, score_chi2, "
        "score_robust, "
        "score_smoothed, score_density, score_kl, artefact, p_value, q_value, kind, latent) SELECT " +
        std::to_string(model.id.value) +
        ", id, 1, id, nullif(id % 777, 0), id % 1000, id % 1001, id % 1002, id % 1003, id % 1004, id % 1005, "
        "0.5, id % 99 / 99.0, '', '{0}' FROM voorwerp.target");
    work.exec("ANALYZE");
    for (std::int64_t i = 1; i < 200; ++i)
        setLabel(fixture.database(), {i * 7}, i % 2 == 0 ? "BAL" : "QSO", 3, "", "ann");
    work.exec("ANALYZE voorwerp.label");
    return model.id;
}

const std::vector<std::string>& filters()
{
    static const std::vector<std::string> list{"",
                                               "spectype = 'QSO' and zwarn = 0",
                                               "2.1 < z < 3.5",
                                               "z > 4.99",
                                               "snr > 98 or z > 4.9",
                                               "zwarn & 4",
                                               "problem like '%pixel'",
                                               "label = 'BAL'",
                                               "label != 'BAL'",
                                               "survey not in ('main', 'sv1')",
                                               "flux_g / flux_r > 3",
                                               "cone(150, 20, 3600)",
                                               "targetid in (17, 170, 1700)"};
    return list;
}

struct Explained
{
    std::string plan;
    /// A sort of more rows than a page has.
    bool sortsMany() const
    {
        static const std::regex sort(R"re("Node Type": "(Incremental )?Sort"[^{}]*"Plan Rows": ([0-9]+))re");
        for (auto found = std::sregex_iterator(plan.begin(), plan.end(), sort);
             found != std::sregex_iterator(); ++found)
            if (std::stoll((*found)[2]) > kPageRows)
                return true;
        return false;
    }
    bool beginsAtCursor() const
    {
        return plan.find("\"Index Cond\": \"(ROW(") != std::string::npos ||
               plan.find("AND (ROW(") != std::string::npos;
    }
    /// A sequential scan of one of the large tables.
    bool readsAll() const
    {
        static const std::regex whole(
            R"re("Node Type": "Seq Scan"[^{}]*"Relation Name": "(target|score|spectrum)[_0-9]*")re");
        return std::regex_search(plan, whole);
    }
};

Explained explain(const Database& database, const TargetPageRequest& request, const ColumnSpec& column,
                  PagePlan plan, PagePart part)
{
    return inTransaction(database, [&](pqxx::work& work) {
        const auto where = parseWhere(request.where, true);
        const PageQuery query(database.source(), request, column, where.get());
        SqlParameters parameters = query.modelParameter();
        const std::string sql = query.sql(plan, part, request.limit, parameters);
        avoidSequentialScans(work, plan);
        return Explained{parameters.run(work, "EXPLAIN (FORMAT JSON) " + sql).at(0)[0].c_str()};
    });
}

std::string nameOf(const TargetPageRequest& request, PagePlan plan, PagePart part)
{
    return "'" + request.where + "' by " + request.sortColumn + (request.descending ? " desc" : "") +
           (request.after ? ", next page" : "") + ", plan " + std::to_string(static_cast<int>(plan)) +
           ", part " + std::to_string(static_cast<int>(part));
}

/// The first page in one direction, a later one in the other.
std::vector<TargetPageRequest> requestsOf(const ColumnSpec& column, const std::string& where,
                                          core::ModelVersionId model)
{
    TargetPageRequest first;
    first.where = where;
    first.sortColumn = column.info.name;
    first.limit = kPageRows;
    first.model = model;
    TargetPageRequest later = first;
    later.descending = true;
    later.scoredOnly = false; // as the Survey table asks
    later.after = PageCursor{column.info.type == ColumnType::Text ? "QSO" : "2", {30'000}, false};
    return {first, later};
}

void checkPlansOf(const Database& database, const ColumnSpec& column, core::ModelVersionId model)
{
    for (const std::string& where : filters())
        for (const TargetPageRequest& request : requestsOf(column, where, model))
            for (const PagePart part : {PagePart::Values, PagePart::Nulls}) {
                if (part == PagePart::Nulls && !column.nullable)
                    continue;
                // Along the sort column's own index there is nothing to sort; labels are few.
                const bool ownIndex = where.empty() && column.info.name != "label";
                for (const PagePlan plan : {PagePlan::Gather, PagePlan::Walk}) {
                    INFO(nameOf(request, plan, part));
                    const Explained answer = explain(database, request, column, plan, part);
                    CHECK_FALSE(answer.readsAll());
                    if (!ownIndex || plan == PagePlan::Gather)
                        continue;
                    CHECK_FALSE(answer.sortsMany());
                    // ... and a later page begins at its cursor, not at the top.
                    if (request.after && part == PagePart::Values)
                        CHECK(answer.beginsAtCursor());
                }
            }
}

void checkSameRows(const Database& database, const TargetPageRequest& request)
{
    inTransaction(database, [&](pqxx::work& work) {
        INFO(nameOf(request, PagePlan::Walk, PagePart::Values));
        const auto where = parseWhere(request.where, true);
        const PageQuery query(database.source(), request, *findColumn(request.sortColumn), where.get());
        std::vector<std::string> answers;
        for (const PagePlan plan : {PagePlan::Gather, PagePlan::Walk}) {
            SqlParameters parameters = query.modelParameter();
            const std::string sql = query.sql(plan, PagePart::Values, 50, parameters);
            avoidSequentialScans(work, plan);
            std::string ids;
            for (const auto& row : parameters.run(work, sql))
                ids += std::string(row[0].c_str()) + " ";
            answers.push_back(ids);
        }
        CHECK(answers[1] == answers[0]);
    });
}

} // namespace

TEST_CASE("No page of a list reads a table from end to end, whatever the filter and the order")
{
    const test::CatalogFixture fixture;
    const Database& database = fixture.database();
    const core::ModelVersionId model = fill(fixture);
    int refused = 0;
    for (const ColumnSpec& column : columnTable()) {
        if (column.sortable) {
            checkPlansOf(database, column, model);
            continue;
        }
        ++refused;
        const TargetPageRequest request = requestsOf(column, {}, model).front();
        INFO(request.sortColumn);
        CHECK_THROWS_AS(queryTargets(database, request), core::UserError);
    }
    CHECK(refused > 10);
    // What the checks look for is there to be seen.
    const ColumnSpec* noIndex = findColumn("spgrpval");
    CHECK(
        explain(database, requestsOf(*noIndex, {}, model).front(), *noIndex, PagePlan::Walk, PagePart::Values)
            .sortsMany());
    CHECK(Explained{fixture.value("EXPLAIN (FORMAT JSON) SELECT * FROM voorwerp.target").c_str()}.readsAll());

    // Whichever plan answers, the rows are the same.
    for (const char* name : {"z", "snr", "score", "spectype", "label", "targetid"})
        for (const std::string& where : filters())
            for (const TargetPageRequest& request : requestsOf(*findColumn(name), where, model))
                checkSameRows(database, request);

    // A count that takes too long is estimated, and says so.
    for (const char* where : {"zwarn & 4", "snr * 2 > 50", "survey != 'main'", "flux_g / flux_r > 900"}) {
        INFO(where);
        const RowCount soon = countSoon(database, where, {}, std::chrono::milliseconds(1));
        CHECK_FALSE(soon.exact);
        CHECK(soon.uncertainty > 0);
        CHECK(std::abs(soon.value - countTargets(database, where)) <= 6 * soon.uncertainty);
    }
    CHECK(countSoon(database, "zwarn & 4", model, std::chrono::minutes(1)).exact);
    CHECK_FALSE(countSoon(database, "score > 3 and snr > 2", model, std::chrono::milliseconds(1)).exact);
}

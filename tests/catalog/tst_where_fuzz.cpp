// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever is typed into the filter: it is refused at a place of the text, or becomes SQL of our own words
// with bound values, which the server can always answer. VOORWERP_FUZZ_CASES makes the run longer.
#include "catalog/model_store.h"
#include "catalog/quasar_rule_sql.h"
#include "catalog/score_store.h"
#include "catalog/target_query.h"
#include "catalog/where_sql.h"
#include "catalog_fixture.h"
#include "expression_maker.h"
#include "sky_survey.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <pqxx/pqxx>
#include <set>

using namespace voorwerp;
using namespace voorwerp::catalog;

namespace {

int cases(int otherwise)
{
    const char* wanted = std::getenv("VOORWERP_FUZZ_CASES");
    return wanted != nullptr ? std::atoi(wanted) : otherwise;
}

/// Only our own words, numbered parameters and columns of the table may stand in the SQL.
bool onlyOurWords(std::string sql)
{
    for (const std::string& own : {catalog::zQsoSql(), catalog::qsoMaskbitsSql()})
        for (std::size_t at = sql.find(own); at != std::string::npos; at = sql.find(own))
            sql.replace(at, own.size(), "t");
    static const std::set<std::string> words = [] {
        std::set<std::string> known{"AND",
                                    "OR",
                                    "NOT",
                                    "IS",
                                    "NULL",
                                    "BETWEEN",
                                    "ILIKE",
                                    "ESCAPE",
                                    "ANY",
                                    "coalesce",
                                    "false",
                                    "true",
                                    "nullif",
                                    "power",
                                    "sind",
                                    "cosd",
                                    "int8",
                                    "float8",
                                    "float4",
                                    "text",
                                    "0",
                                    "2",
                                    "DISTINCT",
                                    "FROM",
                                    "1",
                                    "abs",
                                    "log10",
                                    "ln",
                                    "sqrt",
                                    "exp",
                                    "floor",
                                    "voorwerp",
                                    "in_cone",
                                    "id",
                                    "IN",
                                    "SELECT",
                                    "WHERE",
                                    "min",
                                    "m",
                                    "catalogue_match",
                                    "catalogue_id",
                                    "target_id",
                                    "separation",
                                    "float8larger",
                                    "float8smaller",
                                    "1e150",
                                    "1e",
                                    "130",
                                    "5e",
                                    "324",
                                    "345",
                                    "t",
                                    "f",
                                    "l",
                                    "s",
                                    "path",
                                    "class",
                                    "quality",
                                    "comment",
                                    "author"};
        for (const auto& column : columns())
            known.insert(column.name);
        return known;
    }();
    std::string word;
    const auto flush = [&] {
        const bool good = word.empty() || words.count(word) > 0;
        word.clear();
        return good;
    };
    for (std::size_t i = 0; i < sql.size(); ++i) {
        const char c = sql[i];
        if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
            word += c;
            continue;
        }
        if (!flush())
            return false;
        if (c == '$') {
            while (i + 1 < sql.size() && std::isdigit(static_cast<unsigned char>(sql[i + 1])) != 0)
                ++i;
        } else if (c == '\'') {
            if (sql.substr(i, 2) != "''")
                return false;
            ++i;
        } else if (std::string(" ().,:<>=&+-*/[]").find(c) == std::string::npos) {
            return false;
        }
    }
    return flush();
}

/// True when it was taken. Fails the test where it is neither taken nor refused as it should be.
bool takes(const std::string& expression)
{
    try {
        SqlParameters parameters;
        const std::string sql = compileWhere(expression, true, parameters);
        if (!onlyOurWords(sql))
            FAIL("expression " << expression << " became " << sql);
        return true;
    } catch (const WhereError& error) {
        if (error.position() + error.length() > expression.size())
            FAIL("an error outside of " << expression);
        if (std::string(error.what()).empty())
            FAIL("an error without a word for " << expression);
        return false;
    }
}

const std::vector<std::string>& attacks()
{
    static const std::vector<std::string> list{"1 = 1; DROP TABLE voorwerp.target",
                                               "z > 1) OR (true",
                                               "z > 1 -- ",
                                               "z > 1 /* ",
                                               "z > 1 UNION SELECT * FROM voorwerp.label",
                                               "' OR '1'='1",
                                               "spectype = '' OR ''=''; --",
                                               "spectype = 'QSO' || pg_sleep(10)",
                                               "pg_sleep(10) is null",
                                               "z > (SELECT 1)",
                                               "z = $1",
                                               "z = :name",
                                               "exists (select 1)",
                                               "t.id = 1",
                                               "z::text = '1'",
                                               "spectype = E'\\x27'",
                                               "spectype = $$QSO$$",
                                               "\"id\" = 1",
                                               "z = 1 \\; \\! ls",
                                               "current_setting('data_directory') = ''",
                                               "lo_import('/etc/passwd') = 1",
                                               "z > 1 LIMIT 1",
                                               "z > 1 ORDER BY 1",
                                               "case when z > 1 then true end",
                                               "z between 1 and (select 2)",
                                               "label = (U&'\\0027')",
                                               "xmin > 0",
                                               "tableoid = 1"};
    return list;
}

/// Rows with the largest, smallest and missing values.
void addExtremes(const test::CatalogFixture& fixture)
{
    pqxx::connection connection(fixture.cluster().uri());
    pqxx::work work(connection);
    for (const char* number : {"1.7e308", "-1.7e308", "5e-324", "0", "NULL"})
        for (const char* whole : {"9223372036854775807", "-9223372036854775807 - 1", "0", "NULL"})
            work.exec(
                std::string(
                    "INSERT INTO voorwerp.target (targetid, specprod, survey, program, spgrp, spgrpval, "
                    "tileid, objtype, spectype, subtype, redshift_source, problem, file_id, file_row, z, "
                    "zerr, chi2, target_dec, zwarn, desi_target, snr) SELECT coalesce(") +
                whole + ", 1) , 'made', 'main', '" + number +
                "', 'healpix', -1, -1, 'TGT', '', '', '', '', " + "min(id), 0, " + number + ", " + number +
                ", " + number + ", 1, " + whole + ", " + whole + ", 1e-45 FROM voorwerp.file");
    work.commit();
}

core::ModelVersionId addScores(const Database& database)
{
    ModelVersion model;
    model.name = "m";
    model.id = registerModel(database, model).id;
    std::vector<Score> scores;
    for (const core::SpectrumId id : loadTargetColumns(database).ids) {
        Score score;
        score.id = id;
        score.score = static_cast<float>(id.value) * 1e30F;
        score.pValue = 1e-300;
        score.qValue = 5e-324;
        score.latent = {0.0F};
        scores.push_back(score);
    }
    ScoreRun run;
    run.model = model.id;
    replaceScores(database, run, scores);
    return model.id;
}

/// A damaged name of a catalogue is refused by the server, in words; any other error is a failure.
bool namesUnknownCatalogue(const Database& database, const std::string& expression,
                           core::ModelVersionId model)
{
    try {
        countTargets(database, expression, model);
        return false;
    } catch (const core::UserError& error) {
        return std::string(error.what()).starts_with("there is no imported catalogue");
    }
}

} // namespace

TEST_CASE("No text of the user reaches the SQL, whatever is typed")
{
    test::ExpressionMaker maker(7, true);
    int accepted = 0;
    int damagedAccepted = 0;
    const int all = cases(24'000);
    for (int i = 0; i < all; ++i) {
        if (i % 3 == 0) {
            const std::string expression = maker.condition();
            if (!takes(expression))
                FAIL("refused " << expression);
            ++accepted;
        } else {
            damagedAccepted += takes(i % 3 == 1 ? maker.damaged() : maker.garbage()) ? 1 : 0;
        }
    }
    CHECK(accepted == all / 3 + (all % 3 > 0 ? 1 : 0));
    CHECK(damagedAccepted > 0);
    for (const std::string& attack : attacks()) {
        INFO(attack);
        CHECK_FALSE(takes(attack));
    }
}

TEST_CASE("Long, deep and broken texts are refused or taken, never more than that")
{
    const auto repeated = [](const std::string& part, int times) {
        std::string text;
        for (int i = 0; i < times; ++i)
            text += part;
        return text;
    };
    CHECK_FALSE(takes(repeated("(", 50'000) + "z > 1"));
    CHECK_FALSE(takes(repeated("sqrt(", 50'000) + "z"));
    CHECK_FALSE(takes("z > " + repeated("min(1, ", 5'000) + "1" + repeated(")", 5'000)));
    CHECK_FALSE(takes(repeated("not ", 50'000) + "z > 1"));
    CHECK_FALSE(takes(repeated("1 < ", 50'000) + "z"));
    CHECK_FALSE(takes("spectype = '" + repeated("x", 2'000'000) + "'"));
    CHECK_FALSE(takes(std::string("z > 1 and \0 z < 2", 17)));
    CHECK_FALSE(takes("spectype = '\xc3\x28'"));
    CHECK_FALSE(takes("spectype = '\xed\xa0\x80'"));
    CHECK(takes("spectype = '" + repeated("é", 100'000) + "'"));
    CHECK(takes("targetid in (1" + repeated(", 2", 50'000) + ")"));
    CHECK(takes(repeated("(", 90) + "z > 1" + repeated(")", 90)));
}

TEST_CASE("The server answers every expression that the parser takes")
{
    const test::CatalogFixture fixture;
    const Database& database = fixture.database();
    test::ingestMade(database, "/made/a.fits", 0, 60);
    addExtremes(fixture);
    test::execute(
        database,
        "INSERT INTO voorwerp.imported_catalogue (name, source, sha256, format, ra_column, dec_column,"
        " columns, row_count, rejected, imported_by) VALUES ('c', '', '', '', '', '', '[]', 1, 0, '')");
    const core::ModelVersionId model = addScores(database);
    const std::int64_t all = countTargets(database, "");
    REQUIRE(all == 80);
    test::ExpressionMaker maker(11, true);
    const int wanted = cases(1200);
    int damaged = 0;
    for (int i = 0; i < wanted; ++i) {
        const std::string expression = i % 4 == 0 ? maker.damaged() : maker.condition();
        if (i % 4 == 0 && (!takes(expression) || namesUnknownCatalogue(database, expression, model)))
            continue;
        damaged += i % 4 == 0 ? 1 : 0;
        INFO(expression);
        const std::int64_t hit = countTargets(database, expression, model);
        // A damaged one may be blank, or hold a comment that would swallow the bracket: there is none.
        if (expression.find_first_not_of(" \t\n\v\f\r") != std::string::npos)
            CHECK(hit + countTargets(database, "not (" + expression + "\n)", model) == all);
        if (i % 10 == 0)
            CHECK(queryTargets(database, {expression, "z", i % 20 == 0, {}, 100, model, true}).rows.size() ==
                  static_cast<std::size_t>(hit));
    }
    CHECK(damaged > 0);
    std::string deep = "z";
    for (int i = 0; i < 60; ++i)
        deep = "sqrt(" + deep + " * 1e200 / zerr)";
    CHECK(countTargets(database, deep + " > 0") >= 0);
    std::string either = "z > 1";
    for (int i = 0; i < 5000; ++i)
        either += " or z > 1";
    CHECK(countTargets(database, either) == countTargets(database, "z > 1"));
    for (const std::string& attack : attacks())
        CHECK_THROWS_AS(countTargets(database, attack), WhereError);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/where.h"

#include "catalog/sql_values.h"
#include "catalog/target_query.h"
#include "catalog/where_sql.h"
#include "sky_survey.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <sstream>

using namespace voorwerp;
using catalog::checkWhere;
using catalog::WhereError;

namespace {

std::string sqlOf(const std::string& expression)
{
    catalog::SqlParameters parameters;
    return compileWhere(expression, true, parameters);
}

WhereError errorOf(const std::string& expression, bool withModel = true)
{
    try {
        checkWhere(expression, withModel);
    } catch (const WhereError& error) {
        return error;
    }
    FAIL("accepted: " << expression);
    throw;
}

/// Only our own words, numbered parameters and columns of the table may stand in the SQL.
bool onlyOurWords(const std::string& sql)
{
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
                                    "t",
                                    "f",
                                    "l",
                                    "s",
                                    "path",
                                    "class",
                                    "quality",
                                    "comment",
                                    "author",
                                    "OR",
                                    "voorwerp",
                                    "in_cone",
                                    "id",
                                    "IN",
                                    "SELECT",
                                    "FROM",
                                    "WHERE",
                                    "min",
                                    "m",
                                    "catalogue_match",
                                    "catalogue_id",
                                    "target_id",
                                    "separation"};
        for (const auto& column : catalog::columns())
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

class ExpressionMaker
{
public:
    explicit ExpressionMaker(std::uint32_t seed)
        : m_random(seed)
    {
    }
    std::string condition(int depth = 3)
    {
        switch (depth > 0 ? m_random() % 9 : 3 + m_random() % 6) {
        case 0:
            return "(" + condition(depth - 1) + ") or " + condition(depth - 1);
        case 1:
            return condition(depth - 1) + " and (" + condition(depth - 1) + ")";
        case 2:
            return "not (" + condition(depth - 1) + ")";
        case 3:
            return column(true) + pick({" = ", " != ", " < ", " <= ", " > ", " >= ", "<>", "=="}) +
                   number(depth);
        case 4:
            return column(false) + pick({" like '%a%'", " = 'QSO'", " in ('QSO', 'it''s', \"x\")",
                                         " not like '_'", " is not null"});
        case 5:
            return column(true) +
                   pick({" between 1 and 2.5", " not in (1, 2, -3)", " in (0.5, 1)", " is null"});
        case 6:
            return pick({"zwarn & 4", "cone(10, -5.5, 30)", "cone(0, 89.99, 7200)", "box(350, 10, -1, 1)",
                         "desi_target & 4 != 0", "0 < z < 3 < 4", "matched('c')", "separation('c') < 1"});
        case 7:
            return number(depth) + " < " + column(true) + pick({" <= ", " = "}) + number(depth);
        default:
            return pick({"label != 'BAL'", "problem = ''", "file like '%'", "label_quality >= 3"});
        }
    }
    std::string garbage()
    {
        static const std::vector<std::string> parts{
            "z",         "spectype",    "and", "or",         "not",
            "in",        "like",        "is",  "null",       "between",
            "cone",      "(",           ")",   ",",          "box(1,2,",
            "matched('", "separation(", "=",   "!=",         "<",
            ">=",        "&",           "+",   "-",          "*",
            "/",         "1",           "2.5", "1e9",        "'",
            "\"",        "'QSO'",       ";",   "--",         "/*",
            "$1",        "%",           "\\",  "DROP TABLE", "é",
            "\xff",      "::text",      "||",  "t.id",       "9999999999999999999",
            "select",    "score",       " ",   "\n"};
        std::string text;
        for (std::size_t n = m_random() % 14; n > 0; --n)
            text += (m_random() % 12 == 0 ? std::string(1, static_cast<char>(m_random()))
                                          : parts[m_random() % parts.size()]) +
                    " ";
        return text;
    }

private:
    std::string pick(const std::vector<std::string>& choices) { return choices[m_random() % choices.size()]; }
    std::string column(bool number)
    {
        for (;;) {
            const auto& column = catalog::columns()[m_random() % catalog::columns().size()];
            if (!column.needsModel && (column.type != catalog::ColumnType::Text) == number)
                return column.name;
        }
    }
    std::string number(int depth)
    {
        if (depth > 1 && m_random() % 3 == 0)
            return "(" + number(depth - 1) + pick({" + ", " - ", " * ", " / "}) + number(depth - 1) + ")";
        return pick({"0", "1", "-2", "0.25", "1e30", "-1.5e-40", "39627000000000001", "targetid", "z", "-z",
                     "snr * 2", "ebv"});
    }
    std::mt19937 m_random;
};

} // namespace

TEST_CASE("Expressions become bound SQL, and what is wrong in them is pointed at")
{
    CHECK(sqlOf("") == "true");
    CHECK(sqlOf("  \n ") == "true");
    CHECK(sqlOf("z > 2 AND SpecType = 'QSO'") == "((t.z > $1::int8) AND (t.spectype = $2::text))");
    CHECK(sqlOf("zwarn & 4") == "(NOT coalesce((((t.zwarn)::int8 & ($1::int8)::int8) = $2::int8), false))");
    CHECK(sqlOf("2 < z < 3") == "(($1::int8 < t.z) AND (t.z < $2::int8))");
    CHECK(sqlOf("ebv = 0.1") == "(t.ebv = $1::float4)");
    CHECK(sqlOf("targetid in (-5, 39627000000000001)") == "(t.targetid = ANY($1::int8[]))");
    CHECK(sqlOf("label = 'x'' OR true --'") == "(l.class = $1::text)");
}

TEST_CASE("Errors in expressions have a place and a hint")
{
    CHECK(errorOf("z > 2 and redshft < 3").position() == 10);
    CHECK(errorOf("specttype = 'QSO'").remedy() == "Did you mean spectype?");
    CHECK(errorOf("spectype = QSO").position() == 11);
    CHECK_THAT(errorOf("spectype = 5").remedy(), Catch::Matchers::Contains("quotes"));
    CHECK_THAT(errorOf("z = '2'").remedy(), Catch::Matchers::Contains("quotes"));
    CHECK_THAT(errorOf("foo = 1").remedy(),
               Catch::Matchers::Contains("'foo'") && Catch::Matchers::Contains("snr"));
    CHECK_THAT(errorOf("z = 2,5").remedy(), Catch::Matchers::Contains("point"));
    CHECK_THAT(errorOf("z >> 2").what(), Catch::Matchers::Contains("a column, a number"));
    CHECK_THAT(errorOf("z > 2 snr > 3").what(), Catch::Matchers::Contains("'and'"));
    CHECK(errorOf("z >").position() == 3);
    CHECK(errorOf("z > 2 z").position() == 6);
    CHECK(errorOf("(z > 2").position() == 6);
    CHECK(errorOf("z > 2)").position() == 5);
    CHECK(errorOf("z").length() == 1);
    CHECK(errorOf("spectype = 'QSO").position() == 11);
    CHECK(errorOf("z > 2; drop table x").position() == 5);
    CHECK(errorOf("snr & 1").position() == 4);
    CHECK(errorOf("z like 'x%'").position() == 0);
    CHECK(errorOf("z > 99999999999999999999").position() == 4);
    CHECK(errorOf("z > 1e999").position() == 4);
    CHECK(errorOf("z in ()").position() == 6);
    CHECK(errorOf("cone(400, 0, 1)").position() == 5);
    CHECK(errorOf("z > \xff").length() == 5);
    CHECK(errorOf(std::string("z > 1\0", 6)).length() == 6);
    CHECK(errorOf("z → 2").length() == 3);
    CHECK_THAT(errorOf("score > 1", false).what(), Catch::Matchers::Contains("scores"));
    CHECK_NOTHROW(checkWhere("spectype = 'кварц' or subtype = '💡'"));

    // Long and deep input ends with an error or an answer, not with a crash.
    CHECK_THAT(errorOf(std::string(100'000, '(')).what(), Catch::Matchers::Contains("deep"));
    CHECK_THAT(errorOf(std::string(100'000, '-') + "1").what(), Catch::Matchers::Contains("deep"));
    std::string nots, sum = "z > 1", either = "z > 1";
    for (int i = 0; i < 5000; ++i) {
        nots += "not ";
        sum += " + 1";
        either += " or z > 1";
    }
    CHECK_THAT(errorOf(nots + "z > 1").what(), Catch::Matchers::Contains("deep"));
    CHECK_THAT(errorOf(sum).what(), Catch::Matchers::Contains("deep"));
    CHECK_NOTHROW(checkWhere(either));
    CHECK_THAT(errorOf(std::string(2 << 20, ' ')).what(), Catch::Matchers::Contains("long"));
}

TEST_CASE("No text of the user reaches the SQL, whatever is typed")
{
    ExpressionMaker maker(7);
    int accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::string expression = i % 2 == 0 ? maker.garbage() : maker.condition();
        try {
            const std::string sql = sqlOf(expression);
            ++accepted;
            if (!onlyOurWords(sql))
                FAIL("expression " << expression << " became " << sql);
        } catch (const WhereError& error) {
            if (i % 2 == 1)
                FAIL("refused " << expression << ": " << error.what());
            if (error.position() + error.length() > expression.size())
                FAIL("an error outside of " << expression);
        }
    }
    CHECK(accepted > 10'000);
}

TEST_CASE("The server accepts every expression that the parser accepts, and answers it right")
{
    const test::CatalogFixture fixture;
    const auto& database = fixture.database();
    test::ingestMade(database, "/made/a.fits", 0, 100);
    test::execute(
        database,
        "INSERT INTO voorwerp.imported_catalogue (name, source, sha256, format, ra_column, dec_column,"
        " columns, row_count, rejected, imported_by) VALUES ('c', '', '', '', '', '', '[]', 1, 0, '')");
    ExpressionMaker maker(11);
    for (int i = 0; i < 400; ++i) {
        const std::string expression = maker.condition();
        try {
            const auto hit = countTargets(database, expression);
            const auto miss = countTargets(database, "not (" + expression + ")");
            if (hit + miss != 100)
                FAIL(expression << ": " << hit << " + " << miss);
        } catch (const core::DatabaseError& error) {
            if (std::string(error.what()).find("out of range") == std::string::npos)
                FAIL(expression << ": " << error.what());
        }
    }
    const auto count = [&](const std::string& where) { return countTargets(database, where); };
    CHECK(count("") == 100);
    CHECK(count("z < 0.05") == 50);
    CHECK(count("0.010 <= z <= 0.019") == 10);
    CHECK(count("zwarn & 4") == 20);
    CHECK(count("not zwarn & 4") == 80);
    CHECK(count("targetid = 39627000000000042") == 1);
    CHECK(count("ebv = 0.07") == 4);
    CHECK(count("ebv in (0.07, 0.08)") == 8);
    CHECK(count("spectype like 'q%'") == 100);
    CHECK(count("spectype = 'Q%'") == 0);
    CHECK(count("label != 'BAL'") == 100);
    CHECK(count("flux_w1 is null and flux_w1 != 3") == 100);
    CHECK(count("z / 0 is null") == 100);
    CHECK(count("spectype = 'QSO'' OR ''1''=''1'") == 0);
    CHECK(count("file = '/made/a.fits'") == 100);
    // Target 10 is at (3.7, -43.9); its neighbours are 0.29 degrees away.
    CHECK(count("cone(3.7, -43.9, 1)") == 1);
    CHECK(count("cone(3.7, -43.9, 1080)") == 3);
    CHECK(count("cone(359.99, -45, 60)") == 1); // target 0, across RA 0
    CHECK(count("healpix = 10000") == 100);
}

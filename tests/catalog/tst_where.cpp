// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/where.h"

#include "catalog/sql_values.h"
#include "catalog/target_query.h"
#include "catalog/where_sql.h"
#include "sky_survey.h"

#include <catch2/catch.hpp>
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

} // namespace

TEST_CASE("Expressions become bound SQL, and what is wrong in them is pointed at")
{
    CHECK(sqlOf("") == "true");
    CHECK(sqlOf("  \n ") == "true");
    CHECK(sqlOf("z > 2 AND SpecType = 'QSO'") == "((t.z > $1::int8) AND (t.spectype = $2::text))");
    CHECK(sqlOf("zwarn & 4") == "(((t.zwarn)::int8 & ($1::int8)::int8) BETWEEN 1 AND $2::int8)");
    CHECK(sqlOf("desi_target has QSO") == sqlOf("desi_target & 4"));
    CHECK(sqlOf("not zwarn HAS 'Small_Delta_Chi2'") == sqlOf("not zwarn & 4"));
    CHECK(sqlOf("z != 2") == "(t.z IS DISTINCT FROM $1::int8)");
    CHECK(sqlOf("z != zerr") == "(NOT coalesce((t.z = t.zerr), false))");
    CHECK(sqlOf("flux_g / flux_r > 2") ==
          "(((t.flux_g)::float8 / nullif((t.flux_r)::float8, 0)) > $1::int8)");
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
    CHECK(errorOf("z > \xff").position() == 4);
    CHECK(errorOf(std::string("z > 1\0", 6)).position() == 5);
    CHECK(errorOf("log(z) > 1").position() == 0);
    CHECK_THAT(errorOf("log(z) > 1").remedy(), Catch::Matchers::Contains("log10"));
    CHECK(errorOf("min(z) > 1").position() == 5);
    CHECK(errorOf("sqrt(spectype) > 1").position() == 5);
    CHECK(errorOf("abs(z, 1) > 1").position() == 5);
    CHECK(errorOf("sqrt(z)").length() == 4);
    CHECK(errorOf("z → 2").length() == 3);
    CHECK(errorOf("zwarn has SMALL_DELTA").position() == 10);
    CHECK(errorOf("zwarn has SMALL_DELTA_CHI").remedy() == "Did you mean SMALL_DELTA_CHI2?");
    CHECK_THAT(errorOf("zwarn has xyzzy").remedy(), Catch::Matchers::Contains("LITTLE_COVERAGE, "));
    CHECK(errorOf("zwarn has 4").position() == 10);
    CHECK(errorOf("zwarn has").position() == 9);
    CHECK(errorOf("z has QSO").position() == 0);
    CHECK(errorOf("zwarn + 1 has SKY").position() == 0);
    CHECK_THAT(errorOf("coadd_fiberstatus has VARIABLE").remedy(), // MANYBADCOL in other productions
               Catch::Matchers::Contains("1048576 != 0 and specprod"));
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

TEST_CASE("The server answers expressions right")
{
    const test::CatalogFixture fixture;
    const auto& database = fixture.database();
    test::ingestMade(database, "/made/a.fits", 0, 100);
    const auto count = [&](const std::string& where) { return countTargets(database, where); };
    CHECK(count("") == 100);
    CHECK(count("z < 0.05") == 50);
    CHECK(count("0.010 <= z <= 0.019") == 10);
    CHECK(count("zwarn & 4") == 20);
    CHECK(count("not zwarn & 4") == 80);
    CHECK(count("zwarn has SMALL_DELTA_CHI2") == 20);
    CHECK(count("not zwarn has SMALL_DELTA_CHI2") == 80);
    CHECK(count("targetid = 39627000000000042") == 1);
    CHECK(count("ebv = 0.07") == 4);
    CHECK(count("ebv in (0.07, 0.08)") == 8);
    CHECK(count("spectype like 'q%'") == 100);
    CHECK(count("spectype = 'Q%'") == 0);
    CHECK(count("label != 'BAL'") == 100);
    CHECK(count("flux_w1 is null and flux_w1 != 3") == 100);
    CHECK(count("z / 0 is null") == 100);
    CHECK(count("zwarn & 4 or not zwarn & 4") == 100);
    CHECK(count("sqrt(0 - z) is null") == 99); // z is 0 to 0.099, and 0 has a root
    CHECK(count("log10(z) between -2 and -1.301") == 41);
    CHECK(count("ln(z) is null") == 1);
    CHECK(count("max(z, 0.05) = 0.05 and min(z, 0.05) = z") == 51);
    CHECK(count("abs(target_dec) < 45 and floor(z * 100) = 3") == 10);
    CHECK(count("z * 1e308 * 1e308 >= 0 and exp(z * 1e300) >= 1") == 100);
    CHECK(count("spectype like '%\\'") == 0);
    CHECK(count("spectype = 'QSO'' OR ''1''=''1'") == 0);
    CHECK(count("file = '/made/a.fits'") == 100);
    // Target 10 is at (3.7, -43.9); its neighbours are 0.29 degrees away.
    CHECK(count("cone(3.7, -43.9, 1)") == 1);
    CHECK(count("cone(3.7, -43.9, 1080)") == 3);
    CHECK(count("cone(359.99, -45, 60)") == 1); // target 0, across RA 0
    CHECK(count("healpix = 10000") == 100);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/sky_search.h"

#include "catalog/migrations.h"
#include "catalog/session.h"
#include "catalog/target_query.h"
#include "catalog/where.h"
#include "catalog/where_sql.h"
#include "core/sky_position.h"
#include "sky_survey.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>
#include <set>

using namespace voorwerp;
using namespace voorwerp::test;
using catalog::Q3cState;
using core::SkyPosition;

namespace {

struct Place
{
    std::int64_t id = 0;
    SkyPosition position;
};

std::vector<Place> allPlaces(const catalog::Database& database)
{
    const auto columns = catalog::loadTargetColumns(database);
    std::vector<Place> places;
    for (std::size_t i = 0; i < columns.ids.size(); ++i)
        places.push_back({columns.ids[i].value, {columns.ra[i], columns.dec[i]}});
    return places;
}

std::set<std::int64_t> found(const catalog::Database& database, const std::string& where)
{
    std::set<std::int64_t> ids;
    for (const auto id : catalog::loadTargetColumns(database, where).ids)
        ids.insert(id.value);
    return ids;
}

/// Cones and boxes of all sizes, many over a pole or over RA 0.
class Searches
{
public:
    explicit Searches(const std::vector<Place>& places)
        : m_places(places)
    {
    }

    void checkCone(const catalog::Database& database)
    {
        SkyPosition centre = m_places[m_random() % m_places.size()].position;
        if (std::isnan(centre.ra) || m_random() % 3 == 0)
            centre = {random(0, 360), random(-90, 90)};
        if (m_random() % 4 == 0)
            centre.ra = m_random() % 2 == 0 ? random(0, 0.01) : random(359.99, 360);
        if (m_random() % 4 == 0)
            centre.dec = std::copysign(90.0 - random(0, 0.2), centre.dec);
        const double radius = std::pow(10.0, random(-1, 5.8)); // 0.1 arcsec to 175 degrees
        const std::string expression = core::coneExpression({centre, radius});
        INFO(expression);
        const auto ids = found(database, expression);
        for (const Place& place : m_places) {
            const double distance = core::separationArcsec(place.position, centre);
            const bool inside = !std::isnan(distance) && distance <= radius;
            if (inside != (ids.count(place.id) > 0) && !(std::fabs(distance - radius) < 1e-6 + 1e-9 * radius))
                FAIL("id " << place.id << " at " << place.position.ra << " " << place.position.dec << ", "
                           << distance << " arcsec");
        }
    }

    void checkBox(const catalog::Database& database)
    {
        const double raMin = random(0, 360), raMax = m_random() % 2 == 0 ? random(0, 360) : random(0, 5);
        const double decMin = m_random() % 3 == 0 ? -90.0 : random(-90, 90);
        const double decMax = m_random() % 3 == 0 ? 90.0 : random(decMin, 90);
        const std::string expression = "box(" + std::to_string(raMin) + "," + std::to_string(raMax) + "," +
                                       std::to_string(decMin) + "," + std::to_string(decMax) + ")";
        INFO(expression);
        std::set<std::int64_t> expected;
        const double low = std::stod(std::to_string(raMin)), high = std::stod(std::to_string(raMax));
        for (const auto& [id, p] : m_places)
            if (p.dec >= std::stod(std::to_string(decMin)) && p.dec <= std::stod(std::to_string(decMax)) &&
                (low <= high ? p.ra >= low && p.ra <= high : p.ra >= low || p.ra <= high))
                expected.insert(id);
        CHECK(found(database, expression) == expected);
    }

private:
    double random(double low, double high)
    {
        return std::uniform_real_distribution<double>(low, high)(m_random);
    }
    const std::vector<Place>& m_places;
    std::mt19937 m_random{11};
};

void addSky(const catalog::Database& database)
{
    execute(database, "SELECT setseed(0.3)");
    addPlaces(database, 2000, "random() * 360", "degrees(asin(2 * random() - 1))");
    addPlaces(database, 200, "random() * 360", "90 - random() * 0.1 * (n % 3)");
    addPlaces(database, 200, "random() * 360", "-90 + random() * 0.1 * (n % 3)");
    addPlaces(database, 300, "mod((359.99 + random() * 0.02)::numeric, 360)::float8", "random() - 0.5");
    addPlaces(database, 4, "(n % 2) * 360", "0");
    addPlaces(database, 2, "NULL", "NULL");
}

std::string plan(const catalog::Database& database, const std::string& where, const std::string& rest)
{
    return catalog::inTransaction(database, [&](pqxx::work& work) {
        catalog::SqlParameters parameters;
        const std::string condition = compileWhere(where, false, parameters);
        std::string text;
        for (const auto& row :
             parameters.run(work, "EXPLAIN SELECT t.id FROM voorwerp.target t WHERE " + condition + rest))
            text += row[0].c_str() + std::string("\n");
        return text;
    });
}

} // namespace

TEST_CASE("Cones and boxes find what a great circle says, with q3c and without")
{
    const CatalogFixture fixture;
    addSky(fixture.database());
    const auto places = allPlaces(fixture.database());
    const bool withQ3c = catalog::q3cState(fixture.database()) == Q3cState::Ready;
    if (!withQ3c)
        WARN("postgresql-15-q3c is not installed: only the fallback is tested");
    for (const bool q3c : {true, false}) {
        if (q3c && !withQ3c)
            continue;
        if (!q3c)
            forgetQ3c(fixture.database());
        Searches searches(places);
        for (int i = 0; i < 150; ++i)
            searches.checkCone(fixture.database());
        for (int i = 0; i < 60; ++i)
            searches.checkBox(fixture.database());
    }
}

TEST_CASE("What is not in a cone includes what has no place")
{
    const CatalogFixture fixture;
    addPlaces(fixture.database(), 5, "10 + 0.01 * n", "5");
    addPlaces(fixture.database(), 3, "NULL", "NULL");
    const auto count = [&](const std::string& where) {
        return catalog::countTargets(fixture.database(), where);
    };
    CHECK(count("cone(10.01, 5, 1)") == 1);
    CHECK(count("cone(10.01, 5, 0)") == 1);
    CHECK(count("not cone(10.01, 5, 1)") == 7);
    CHECK(count("box(10.015, 10.035, 5, 5)") == 2);
    CHECK(count("not box(0, 360, -90, 90)") == 3);
    CHECK(count("box(0, 360, 6, 5)") == 0);
}

TEST_CASE("No cone, box or match reads the whole table")
{
    const CatalogFixture fixture;
    addPlaces(fixture.database(), 120'000, "random() * 360", "degrees(asin(2 * random() - 1))");
    execute(fixture.database(),
            "INSERT INTO voorwerp.imported_catalogue (name, source, sha256, format, ra_column, "
            "dec_column, columns, row_count, rejected, imported_by) VALUES ('c', 'f', 'x', 'CSV', "
            "'RA', 'DEC', '[]', 50, 0, 'me');"
            "INSERT INTO voorwerp.catalogue_match SELECT 1, n, n, 0.1, true FROM "
            "generate_series(1, 50) n; ANALYZE voorwerp.catalogue_match");
    const bool q3c = catalog::q3cState(fixture.database()) == Q3cState::Ready;
    for (const bool forget : {false, true}) {
        if (forget)
            forgetQ3c(fixture.database());
        for (const char* where :
             {"cone(150, 2, 60)", "cone(0, 0, 300)", "cone(10, 89.9999, 60)", "box(150, 151, 2, 3)",
              "box(359.5, 0.5, -1, 1)", "cone(150, 2, 3600)", "matched('c')", "separation('c') < 0.5",
              "separation('c') between 0 and 0.5 and cone(150, 2, 3600)"}) {
            for (const char* rest :
                 {"", " ORDER BY t.id LIMIT 500", " ORDER BY t.target_ra, t.id LIMIT 500"}) {
                const std::string text = plan(fixture.database(), where, rest);
                INFO(where << rest << "\n" << text);
                CHECK(text.find("Seq Scan on target") == std::string::npos);
            }
        }
        const bool usesQ3c =
            plan(fixture.database(), "cone(150, 2, 7200)", "").find("target_q3c") != std::string::npos;
        CHECK(usesQ3c == (q3c && !forget));
    }
}

TEST_CASE("q3c is taken into use when a server gets it, and out of use when it goes")
{
    const CatalogFixture fixture;
    addPlaces(fixture.database(), 500, "random() * 360", "random() * 100 - 50");
    if (catalog::q3cState(fixture.database()) == Q3cState::Missing) {
        CHECK(fixture.value("SELECT to_regclass('voorwerp.target_q3c') IS NULL") == "t");
        WARN("postgresql-15-q3c is not installed: nothing to take into use");
        return;
    }
    CHECK(catalog::q3cState(fixture.database()) == Q3cState::Ready);
    forgetQ3c(fixture.database()); // as after a restore, or before the package came
    CHECK(catalog::q3cState(fixture.database()) == Q3cState::NotPrepared);
    CHECK(catalog::migrate(fixture.database()) == 0);
    CHECK(catalog::q3cState(fixture.database()) == Q3cState::Ready);
    CHECK_THAT(fixture.value("SELECT prosrc FROM pg_proc WHERE proname = 'in_cone'"),
               Catch::Matchers::Contains("q3c_radial_query"));
}

TEST_CASE("A role that may not make the index works without it")
{
    const CatalogFixture fixture;
    addPlaces(fixture.database(), 50, "n", "n");
    forgetQ3c(fixture.database());
    std::string administrator = fixture.cluster().uri();
    administrator.replace(administrator.find("voorwerp@"), 8, "voorwerp_admin");
    execute(
        catalog::Database(administrator),
        "ALTER TABLE voorwerp.target OWNER TO voorwerp_admin; GRANT SELECT ON voorwerp.target TO voorwerp");
    const auto before = catalog::q3cState(fixture.database());
    CHECK(before != Q3cState::Ready);
    CHECK(catalog::prepareSkySearch(fixture.database()) == before);
    CHECK(catalog::countTargets(fixture.database(), "cone(10, 10, 7200)") == 3);
}

TEST_CASE("Sky functions refuse what is no place, and name their form")
{
    const auto message = [](const std::string& expression) {
        try {
            catalog::checkWhere(expression);
        } catch (const catalog::WhereError& error) {
            return std::string(error.what()) + " " + error.remedy();
        }
        return std::string();
    };
    CHECK_THAT(message("box(1, 2, -100, 3)"), Catch::Matchers::Contains("least declination"));
    CHECK_THAT(message("box(1, 2, 3)"), Catch::Matchers::Contains("','"));
    CHECK_THAT(message("cone(1, 2, -3)"), Catch::Matchers::Contains("radius"));
    CHECK_THAT(message("matched(squad)"), Catch::Matchers::Contains("quotes"));
    CHECK_THAT(message("separation('squad')"), Catch::Matchers::Contains("not a condition"));
    CHECK(message("matched('squad') and separation('squad') < 1 and not box(350, 10, -5, 5)").empty());
}

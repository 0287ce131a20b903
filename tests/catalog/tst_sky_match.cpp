// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/sky_match.h"

#include "catalog/imported_store.h"
#include "catalog/sky_search.h"
#include "catalog/target_query.h"
#include "core/error.h"
#include "core/sky_position.h"
#include "sky_survey.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <random>

using namespace voorwerp;
using namespace voorwerp::test;
using catalog::CatalogueImport;
using Catch::Matchers::Contains;

namespace {

using Places = std::vector<core::SkyPosition>;

catalog::ImportedCatalogue described(const std::string& name)
{
    catalog::ImportedCatalogue catalogue;
    catalogue.name = name;
    catalogue.source = "/made/" + name + ".csv";
    catalogue.format = "CSV";
    catalogue.raColumn = "RA";
    catalogue.decColumn = "DEC";
    catalogue.columns = {{"NAME", "text", "", "meta.id", "who"}, {"MAG", "real", "mag", "", ""}};
    return catalogue;
}

catalog::ImportedCatalogue import(const catalog::Database& database, const std::string& name,
                                  const Places& places, bool replace = false)
{
    CatalogueImport import(database, described(name), replace);
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::array<std::optional<std::string>, 2> cells{"{\"" + std::to_string(i) + "\\,",
                                                              std::nullopt};
        import.add(static_cast<std::int64_t>(i) + 1, places[i], cells);
    }
    return import.commit(0);
}

catalog::MatchStatistics match(const catalog::Database& database, const std::string& name, double radius,
                               const std::string& where = {})
{
    core::JobContext context;
    return catalog::matchCatalogue(database, {name, radius, where, "me"}, context);
}

/// Rows of the catalogue → their spectra within a radius, by brute force.
std::map<std::int64_t, std::map<std::int64_t, double>> brute(const catalog::Database& database,
                                                             const Places& places, double radius)
{
    const auto targets = catalog::loadTargetColumns(database);
    std::map<std::int64_t, std::map<std::int64_t, double>> pairs;
    for (std::size_t row = 0; row < places.size(); ++row)
        for (std::size_t i = 0; i < targets.ids.size(); ++i) {
            const double distance = core::separationArcsec(places[row], {targets.ra[i], targets.dec[i]});
            if (distance <= radius)
                pairs[static_cast<std::int64_t>(row) + 1][targets.targetIds[i].value] = distance;
        }
    return pairs;
}

/// Beside spectra and between them, over RA 0 and the poles.
Places placesAround(const catalog::Database& database, std::size_t count, double spread)
{
    const auto targets = catalog::loadTargetColumns(database);
    std::mt19937 random(5);
    std::normal_distribution<double> offset(0.0, spread / 3600.0);
    Places places;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = random() % targets.ids.size();
        const double dec = std::clamp(targets.dec[at] + offset(random), -90.0, 90.0);
        const double ra = targets.ra[at] + offset(random) / std::max(1e-6, std::cos(dec * M_PI / 180.0));
        places.push_back({std::fmod(std::fmod(ra, 360.0) + 360.0, 360.0), dec});
    }
    return places;
}

void addSky(const catalog::Database& database)
{
    addPlaces(database, 400, "random() * 360", "degrees(asin(2 * random() - 1))");
    addPlaces(database, 300, "mod((359.99 + random() * 0.02)::numeric, 360)::float8", "random() * 0.02");
    addPlaces(database, 150, "random() * 360", "89.99 + random() * 0.01");
    addPlaces(database, 150, "random() * 360", "-89.99 - random() * 0.01");
}

} // namespace

TEST_CASE("A match finds the pairs that great circles say, with q3c and without")
{
    const CatalogFixture fixture;
    const auto& database = fixture.database();
    addSky(database);
    const Places places = placesAround(database, 300, 5.0);
    import(database, "made", places);
    const bool withQ3c = catalog::q3cState(database) == catalog::Q3cState::Ready;
    for (const bool q3c : {true, false}) {
        if (q3c && !withQ3c)
            continue;
        if (!q3c)
            forgetQ3c(database);
        for (const double radius : {1.0, 20.0, 120.0}) {
            const auto expected = brute(database, places, radius);
            const auto statistics = match(database, "made", radius);
            CHECK(statistics.matched == static_cast<std::int64_t>(expected.size()));
            std::size_t pairs = 0, wrong = 0;
            double previous = 0.0;
            std::int64_t row = 0;
            catalog::streamMatches(database, "made", [&](const catalog::MatchedPair& pair) {
                ++pairs;
                const double distance = expected.at(pair.rowNumber).at(pair.targetId);
                wrong += std::fabs(distance - pair.separationArcsec) > 1e-6;
                wrong += pair.best != (pair.rowNumber != row);
                wrong += pair.rowNumber == row && pair.separationArcsec < previous;
                row = pair.rowNumber;
                previous = pair.separationArcsec;
            });
            std::size_t all = 0;
            for (const auto& [number, targets] : expected)
                all += targets.size();
            CHECK(pairs == all);
            CHECK(wrong == 0);
        }
    }
}

TEST_CASE("Chance matches are counted alike from densities and from shifted places")
{
    const CatalogFixture fixture;
    const auto& database = fixture.database();
    execute(database, "SELECT setseed(0.7)");
    addPlaces(database, 6000, "20 + random() * 4", "10 + random() * 4"); // 380 a square degree
    Places places;
    std::mt19937 random(9);
    std::uniform_real_distribution<double> inside(0.5, 3.5);
    for (int i = 0; i < 3000; ++i)
        places.push_back({20.0 + inside(random), 10.0 + inside(random)});
    for (int i = 0; i < 500; ++i)
        places.push_back({200.0 + inside(random), -40.0});
    import(database, "random", places);
    const auto statistics = match(database, "random", 20.0);
    CHECK(statistics.inFootprint == 3000);
    const double area = 4.0 * (std::sin(14 * M_PI / 180) - std::sin(10 * M_PI / 180)) * 180 / M_PI;
    const double expected = 3000 * -std::expm1(-M_PI * std::pow(20.0 / 3600.0, 2) * 6000 / area);
    CHECK(statistics.chanceByDensity == Approx(expected).epsilon(0.1));
    CHECK(statistics.chanceByShift == Approx(expected).epsilon(0.15));
    CHECK(static_cast<double>(statistics.matched) == Approx(expected).margin(4 * std::sqrt(expected)));
    CHECK(statistics.chanceByShiftError > 0.0);
    REQUIRE(statistics.curve.size() == 30);
    CHECK(statistics.curve.back().radiusArcsec == Approx(60.0));
    CHECK(statistics.curve[9].matched == statistics.matched);
    CHECK(statistics.curve[9].chanceByDensity == Approx(statistics.chanceByDensity));

    const auto again = catalog::MatchStatistics::fromJson(statistics.toJson());
    CHECK(again.matched == statistics.matched);
    CHECK(again.curve.back().chanceByShift == statistics.curve.back().chanceByShift);
}

TEST_CASE("True matches are not taken for chance, and several spectra of an object are one object")
{
    const CatalogFixture fixture;
    const auto& database = fixture.database();
    addPlaces(database, 40, "30 + n * 0.01", "5");
    execute(database,
            "UPDATE voorwerp.target SET targetid = 1001, target_ra = 30.01, survey = 'sv1' WHERE id = 2");
    execute(database,
            "UPDATE voorwerp.target SET target_ra = 30.0301 WHERE id = 4"); // 0.36 arcsec from the third
    import(database, "made", {{30.01, 5.0001}, {30.03, 5.0}, {100, 5}, {30.2, 5.0}, { 30.2001, 5.0 }});
    const auto statistics = match(database, "made", 1.0);
    CHECK(statistics.matched == 4);
    CHECK(statistics.multiple == 1);
    CHECK(statistics.spectra == 5);
    CHECK(statistics.objects == 4);
    CHECK(statistics.shared == 1);
    CHECK(statistics.inFootprint == 4);
    CHECK(statistics.chanceByDensity < 0.01);
    CHECK(catalog::countTargets(database, "matched('made')") == 5);
    CHECK(catalog::countTargets(database, "not matched('made')") == 35);
    CHECK(catalog::countTargets(database, "separation('made') < 0.1") == 2);
    CHECK(catalog::countTargets(database, "separation('made') is null") == 35);
    CHECK_THROWS_WITH(catalog::countTargets(database, "matched('mad')"),
                      Contains("no imported catalogue 'mad'"));
    const auto rows = catalog::matchesOf(database, {20});
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].separationArcsec < 0.01);
    CHECK(rows[0].cells[0] == "{\"3\\,");
    CHECK_FALSE(rows[0].cells[1]);
    CHECK(rows[0].columns[1].unit == "mag");
    CHECK(match(database, "made", 1.0, "survey = 'main'").spectra == 4);
    CHECK(catalog::findCatalogue(database, "made").match->where == "survey = 'main'");
}

TEST_CASE("A name is taken once, replaced on request, and two imports of it do not mix")
{
    const CatalogFixture fixture;
    const auto& database = fixture.database();
    addPlaces(database, 3, "n", "n");
    import(database, "made", {{1, 1}, { 2, 2 }});
    match(database, "made", 1.0);
    CHECK_THROWS_WITH(import(database, "made", {{1, 1}}), Contains("already"));
    CHECK(import(database, "made", {{1, 1}}, true).rows == 1);
    CHECK_FALSE(catalog::findCatalogue(database, "made").match);
    CHECK(catalog::countTargets(database, "matched('made')") == 0);
    {
        CatalogueImport first(database, described("other"), false);
        const std::array<std::optional<std::string>, 2> cells{"a", "b"};
        first.add(1, {1, 1}, cells);
        CHECK_THROWS_WITH(import(database, "other", {{1, 1}}), Contains("just importing"));
        CHECK(import(database, "third", {{1, 1}}).rows == 1); // another name does not wait
    }                                                         // not committed: nothing is left
    CHECK(catalog::listCatalogues(database).size() == 2);
    CHECK_THROWS_AS(import(database, "Has Blanks", {}), core::UserError);
    CHECK(catalog::catalogueNameOf("SQuAD I.catalog.csv") == "squad_i");
}

TEST_CASE("A match tells that spectra came since, and a removed catalogue is gone with its matches")
{
    const CatalogFixture fixture;
    const auto& database = fixture.database();
    ingestMade(database, "/made/a.fits", 0, 20);
    import(database, "made", {{ madeTarget(3).targetRa, madeTarget(3).targetDec }});
    match(database, "made", 1.0);
    CHECK_FALSE(catalog::findCatalogue(database, "made").match->outdated);
    ingestMade(database, "/made/b.fits", 20, 30);
    CHECK(catalog::findCatalogue(database, "made").match->outdated);
    const auto target = catalog::findTarget(database, madeTarget(3).key.targetId).at(0);
    CHECK(catalog::matchesOf(database, target.id).at(0).outdated);
    match(database, "made", 1.0);
    CHECK_FALSE(catalog::findCatalogue(database, "made").match->outdated);
    catalog::dropCatalogue(database, "made");
    CHECK(fixture.value("SELECT count(*) FROM voorwerp.catalogue_match") == "0");
    CHECK_THROWS_WITH(catalog::dropCatalogue(database, "made"), Contains("no imported catalogue"));
    CHECK_THROWS_AS(match(database, "made", 1.0), core::UserError);
}

TEST_CASE("A stopped match leaves the last one, a radius has limits")
{
    const CatalogFixture fixture;
    const auto& database = fixture.database();
    addPlaces(database, 3, "n", "n");
    import(database, "made", {{1, 1}, { 2, 2 }});
    match(database, "made", 1.0);
    std::stop_source stop;
    core::JobContext context(stop.get_token(), [&](const core::Progress&) { stop.request_stop(); }, {});
    CHECK_THROWS_AS(catalog::matchCatalogue(database, {"made", 100.0, "", ""}, context), core::Cancelled);
    CHECK(catalog::findCatalogue(database, "made").match->radiusArcsec == 1.0);
    CHECK(catalog::countTargets(database, "matched('made')") == 2);
    CHECK_THROWS_AS(match(database, "made", 0.0), core::UserError);
    CHECK_THROWS_AS(match(database, "made", 301.0), core::UserError);
    CHECK_THROWS_AS(match(database, "made", 1.0, "nonsense"), core::UserError);
}

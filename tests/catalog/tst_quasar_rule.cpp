// SPDX-License-Identifier: GPL-3.0-or-later
// Each clause of the quasar rules against rows made for it.
#include "catalog/quasar_rule.h"

#include "catalog/selection_store.h"
#include "catalog/target_query.h"
#include "catalog/where.h"
#include "catalog_fixture.h"
#include "core/error.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>
#include <map>
#include <set>

using namespace voorwerp;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kGood = "rule('desi-good-z-qso/v1')";
constexpr const char* kPlain = "rule('spectype-qso-zwarn0/v1')";

/// A quasar that both rules let in, changed in one place.
struct Row
{
    std::string name;
    bool good, plain;
    std::function<void(core::TargetInfo&)> change;
};

core::TargetInfo goodQuasar(std::int64_t number)
{
    core::TargetInfo info = test::madeTarget(number);
    info.key.specprod = "loa";
    info.coaddFiberstatus = 0;
    info.redshift = core::Redshift{1.5, 1e-4, 0, 9000.0, 500.0, "QSO", "", "redrock"};
    return info;
}

core::Spectrum flatSpectrum()
{
    core::Spectrum flat;
    flat.flux.assign(7781, 1.0F);
    flat.ivar.assign(7781, 2.0F);
    flat.mask.assign(7781, 0U);
    return flat;
}

void quasarNet(core::TargetInfo& info, float confidence, bool newRedshift, double zNew)
{
    info.quasar.confidence = {0.1F, confidence, 0.2F, 0.0F, 0.0F, 0.0F};
    info.quasar.isQsoQnNewRr = newRedshift;
    info.quasar.isQsoMgii = false;
    info.quasar.zNew = zNew;
    info.quasar.source = "afterburner";
}

void galaxy(core::TargetInfo& info)
{
    info.redshift->spectype = "GALAXY";
}

const std::vector<Row> kRows{
    {"a plain quasar", true, true, [](auto&) {}},
    {"a galaxy", false, false, galaxy},
    {"a star", false, false, [](auto& t) { t.redshift->spectype = "STAR"; }},
    {"a galaxy with broad Mg II", true, false,
     [](auto& t) {
         galaxy(t);
         t.quasar.isQsoMgii = true;
     }},
    {"a galaxy that QuasarNet is sure of", true, false,
     [](auto& t) {
         galaxy(t);
         quasarNet(t, 0.995F, false, 1.5);
     }},
    {"a galaxy that QuasarNet is not sure enough of", false, false,
     [](auto& t) {
         galaxy(t);
         quasarNet(t, 0.985F, true, 2.5);
     }},
    {"exactly the threshold is not above it", false, false,
     [](auto& t) {
         galaxy(t);
         quasarNet(t, 0.99F, false, 1.5);
     }},
    {"the same in DR1, whose threshold is lower", true, false,
     [](auto& t) {
         galaxy(t);
         quasarNet(t, 0.985F, true, 2.5);
         t.key.specprod = "iron";
     }},
    {"not a target", false, true, [](auto& t) { t.objtype = "SKY"; }},
    {"an unknown kind of fibre", false, true, [](auto& t) { t.objtype.clear(); }},
    {"ZWARN SMALL_DELTA_CHI2", true, false, [](auto& t) { t.redshift->zwarn = 4; }},
    {"ZWARN MANY_OUTLIERS", false, false, [](auto& t) { t.redshift->zwarn = 16; }},
    {"ZWARN 4 and another", false, false, [](auto& t) { t.redshift->zwarn = 5; }},
    {"a restricted positioner", true, true, [](auto& t) { t.coaddFiberstatus = 8; }},
    {"a broken fibre", false, true, [](auto& t) { t.coaddFiberstatus = 4; }},
    {"restricted and broken", false, true, [](auto& t) { t.coaddFiberstatus = 12; }},
    {"variable throughput", true, true, [](auto& t) { t.coaddFiberstatus = 1 << 14; }},
    {"bit 14 was nothing good in DR1", false, true,
     [](auto& t) {
         t.coaddFiberstatus = 1 << 14;
         t.key.specprod = "iron";
     }},
    {"a bad amplifier in R was allowed in DR1", true, true,
     [](auto& t) {
         t.coaddFiberstatus = 1 << 23;
         t.key.specprod = "iron";
     }},
    {"a bad amplifier in R is not in DR2", false, true, [](auto& t) { t.coaddFiberstatus = 1 << 23; }},
    {"bit 20 in matterhorn", true, true,
     [](auto& t) {
         t.coaddFiberstatus = 1 << 20;
         t.key.specprod = "matterhorn";
     }},
    {"z above 5", false, true, [](auto& t) { t.redshift->z = 5.2; }},
    {"z of just 5", true, true, [](auto& t) { t.redshift->z = 5.0; }},
    {"z above 5, but QuasarNet's is used", true, true,
     [](auto& t) {
         t.redshift->z = 5.2;
         quasarNet(t, 0.999F, true, 2.5);
     }},
    {"QuasarNet's redshift above 5", false, true, [](auto& t) { quasarNet(t, 0.999F, true, 5.5); }},
    {"low z with a small gap", false, true,
     [](auto& t) {
         t.redshift->z = 0.2;
         t.redshift->deltachi2 = 190.0; // 10^(3 - 0.7) = 199.5
     }},
    {"low z with a gap just large enough", true, true,
     [](auto& t) {
         t.redshift->z = 0.2;
         t.redshift->deltachi2 = 205.0;
     }},
    {"the gap does not matter above 0.5", true, true,
     [](auto& t) {
         t.redshift->z = 0.51;
         t.redshift->deltachi2 = 0.0;
     }},
    {"low z without a gap", false, true,
     [](auto& t) {
         t.redshift->z = 0.4;
         t.redshift->deltachi2 = 0.0;
     }},
    {"low z, gap of the new redshift", false, true,
     [](auto& t) {
         quasarNet(t, 0.999F, true, 0.2);
         t.quasar.deltachi2New = 100.0;
     }},
    {"low z, gap unknown", true, true,
     [](auto& t) {
         t.redshift->z = 0.2;
         t.redshift->deltachi2 = core::TargetInfo::kNaN;
     }},
    {"no redshift", false, false, [](auto& t) { t.redshift.reset(); }},
    {"a catalogue's bits count, whatever QuasarNet says", true, false,
     [](auto& t) {
         galaxy(t);
         quasarNet(t, 0.1F, false, 1.5);
         t.quasar.qsoMaskbits = 4;
     }},
    {"a damaged redshift", false, true, [](auto& t) { t.redshift->z = -1e300; }},
};

std::set<std::int64_t> matching(const catalog::Database& database, const std::string& where)
{
    catalog::TargetPageRequest request;
    request.where = where;
    std::set<std::int64_t> ids;
    for (const catalog::TargetRow& row : catalog::queryTargets(database, request).rows)
        ids.insert(row.info.key.targetId.value);
    return ids;
}

} // namespace

TEST_CASE("each clause of the quasar rules lets in and keeps out what it says")
{
    const test::CatalogFixture fixture;
    std::map<std::int64_t, const Row*> rows;
    catalog::FileIngest ingest(fixture.database(), test::madeFile("/a.fits", "1"));
    for (const Row& row : kRows) {
        core::TargetInfo info = goodQuasar(static_cast<std::int64_t>(rows.size()));
        row.change(info);
        rows[info.key.targetId.value] = &row;
        ingest.add(info, flatSpectrum());
    }
    ingest.commit();
    const auto good = matching(fixture.database(), kGood);
    const auto plain = matching(fixture.database(), kPlain);
    const auto notGood = matching(fixture.database(), std::string("not ") + kGood);
    for (const auto& [id, row] : rows) {
        INFO(row->name);
        CHECK(good.contains(id) == row->good);
        CHECK(plain.contains(id) == row->plain);
        CHECK(notGood.contains(id) != good.contains(id));
    }
    SECTION("bits and redshift are the same in SQL and in the program")
    {
        catalog::TargetPageRequest request;
        for (const catalog::TargetRow& row : catalog::queryTargets(fixture.database(), request).rows) {
            INFO(rows.at(row.info.key.targetId.value)->name);
            const std::string only = "id = " + std::to_string(row.id.value) + " and ";
            const std::string bits = std::to_string(catalog::qsoMaskbits(row.info));
            CHECK(catalog::countTargets(fixture.database(), only + "qso_maskbits = " + bits) == 1);
            const double z = catalog::zQso(row.info);
            if (std::isfinite(z) && std::abs(z) < 100.0)
                CHECK(catalog::countTargets(fixture.database(), only + "z_qso between " +
                                                                    std::to_string(z - 1e-5) + " and " +
                                                                    std::to_string(z + 1e-5)) == 1);
            else if (!std::isfinite(z))
                CHECK(catalog::countTargets(fixture.database(), only + "z_qso is null") == 1);
        }
    }
}

TEST_CASE("a rule is named with its version, unknown ones are refused with the near ones")
{
    CHECK(catalog::quasarRules().size() == 2);
    CHECK(catalog::quasarRules().front().id == "desi-good-z-qso/v1");
    CHECK_FALSE(catalog::findQuasarRule("spectype-qso-zwarn0/v1").source.empty());
    CHECK_THROWS_AS(catalog::findQuasarRule("good"), core::UserError);
    CHECK_NOTHROW(
        catalog::checkWhere("z > 2 and rule('desi-good-z-qso/v1') or not RULE('spectype-qso-zwarn0/v1')"));
    for (const std::string wrong :
         {"rule('desi-good-z-qso/v2')", "rule()", "rule(2)", "rule('desi-good-z-qso/v1'",
          "rule('x''; drop table voorwerp.target')", "rule"}) {
        INFO(wrong);
        CHECK_THROWS_AS(catalog::checkWhere(wrong), catalog::WhereError);
    }
    try {
        catalog::checkWhere("z > 2 and rule('desi-good-z-qso/v2')");
        FAIL("accepted");
    } catch (const catalog::WhereError& error) {
        CHECK_THAT(error.what(), Contains("desi-good-z-qso/v2"));
        CHECK_THAT(error.remedy(), Contains("desi-good-z-qso/v1"));
        CHECK(error.position() == 15);
    }
}

TEST_CASE("a selection remembers the rules that it was made with")
{
    const test::CatalogFixture fixture;
    const auto& database = fixture.database();
    test::ingestMade(database, "/a.fits", 0, 20);
    const auto limited =
        catalog::saveSelection(database, "good", "z > 0.005 or snr > 3", "desi-good-z-qso/v1");
    CHECK(limited.where == "(z > 0.005 or snr > 3) and rule('desi-good-z-qso/v1')");
    CHECK(limited.rule == "desi-good-z-qso/v1");
    CHECK(limited.count == catalog::countTargets(database, limited.where));
    CHECK(catalog::saveSelection(database, "typed", kPlain).rule == "spectype-qso-zwarn0/v1");
    CHECK(catalog::saveSelection(database, "both", std::string(kPlain) + " and not " + kGood).rule ==
          "desi-good-z-qso/v1, spectype-qso-zwarn0/v1");
    CHECK(catalog::saveSelection(database, "none", "z > 1").rule.empty());
    CHECK(catalog::saveSelection(database, "all", "", "spectype-qso-zwarn0/v1").where == kPlain);
    CHECK_THROWS_AS(catalog::saveSelection(database, "bad", "", "mine/v1"), core::UserError);
}

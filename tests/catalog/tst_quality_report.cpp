// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/quality_report.h"

#include "catalog/group_outliers.h"
#include "catalog/where.h"
#include "catalog_fixture.h"
#include "core/error.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

using namespace voorwerp;
using namespace voorwerp::catalog;

namespace {

core::Spectrum flatSpectrum()
{
    core::Spectrum flat;
    flat.flux.assign(7781, 1.0F);
    flat.ivar.assign(7781, 2.0F);
    flat.mask.assign(7781, 0U);
    return flat;
}

/// 40 fibres with 20 spectra each; fibre 7 is bad in everything.
constexpr int kFibers = 40, kEach = 20, kBadFiber = 7;

core::TargetInfo surveyTarget(int number, std::mt19937& random)
{
    std::normal_distribution<float> noise(0.0F, 1.0F);
    core::TargetInfo info = test::madeTarget(number);
    const int fiber = number % kFibers;
    const bool bad = fiber == kBadFiber;
    info.fiber = fiber;
    info.petalLoc = fiber / 4;
    info.night = 20210501 + number / (kFibers * 2);
    info.lastTileid = 1000 + number / 7 % 10;
    info.snr = std::max(0.1F, (bad ? 1.0F : 5.0F) + noise(random));
    info.fractionMasked = (bad ? 0.3F : 0.02F) + 0.002F * noise(random);
    info.redshift->zwarn = bad || random() % 50 == 0 ? 4 : 0;
    info.problem = bad && number % 2 == 1 ? "no good pixel" : "";
    return info;
}

void fill(const Database& database)
{
    std::mt19937 random(3);
    FileIngest ingest(database, test::madeFile("/a.fits", "1"));
    const core::Spectrum spectrum = flatSpectrum();
    for (int i = 0; i < kFibers * kEach; ++i)
        ingest.add(surveyTarget(i, random), spectrum);
    core::TargetInfo again = surveyTarget(0, random); // the same target in another program
    again.key.program = "bright";
    ingest.add(again, spectrum);
    core::TargetInfo near = surveyTarget(1, random); // another target, 0.6 arcsec from number 2
    near.key.targetId.value = 1;
    near.fiber = 39;
    near.targetRa = test::madeTarget(2).targetRa;
    near.targetDec = test::madeTarget(2).targetDec + 0.6 / 3600.0;
    ingest.add(near, spectrum);
    core::TargetInfo bare; // knows nothing
    bare.key.targetId.value = 2;
    ingest.add(bare, spectrum);
    ingest.commit();
}

std::int64_t sumOf(const Distribution& distribution)
{
    return std::accumulate(distribution.counts.begin(), distribution.counts.end(), std::int64_t{0});
}

} // namespace

TEST_CASE("The report counts, describes, and finds the bad fibre, repeated targets and close pairs")
{
    const test::CatalogFixture fixture;
    fill(fixture.database());
    const std::vector<IngestRefusal> refused{{"/bad.fits", std::nullopt, "it is truncated", {}},
                                             {"/a.fits", 7, "the same TARGETID as row 3", {}},
                                             {"/a.fits", 9, "the same TARGETID as row 3", {}}};
    recordRefusals(fixture.database(), refused);
    int steps = 0;
    const QualityReport report =
        checkQuality(fixture.database(), {}, {}, [&](int done, int all) { steps = done * 100 / all; });
    CHECK(steps == 100);
    CHECK(report.spectra == 803);
    CHECK(report.targets == 802);
    CHECK(report.withRedshift == 802);
    CHECK(report.unusable == report.problems[0].count + report.problems[1].count);
    CHECK(report.problems.front().value == "no good pixel");
    CHECK(report.problems.front().count == 20);
    CHECK(report.problems.back().value == kNoRedshift);
    CHECK(report.refusals.front().value == "the same TARGETID as row 3");
    CHECK(report.refusals.front().count == 2);
    CHECK(report.refusedFiles == 1);
    CHECK(report.refusedRows == 2);
    CHECK(report.snr.values == 802);
    CHECK(sumOf(report.snr) == 802);
    CHECK(sumOf(report.z) == report.z.values);
    CHECK(report.snr.median == Approx(4.9).margin(0.3));
    CHECK(report.snr.percent5 < report.snr.median);
    CHECK(report.fractionMasked.percent95 == Approx(0.024).margin(0.006));

    REQUIRE(report.outliers.size() >= 4);
    for (const OutlyingGroup& group : report.outliers) {
        INFO(group.column << ' ' << group.value << " z " << group.z);
        // The fibre, and its petal among those of four fibres.
        CHECK(((group.column == "fiber" && group.value == kBadFiber) ||
               (group.column == "petal_loc" && group.value == kBadFiber / 4)));
    }
    for (const QualityMeasure measure : {QualityMeasure::SignalToNoise, QualityMeasure::FractionMasked,
                                         QualityMeasure::RedshiftWarnings, QualityMeasure::Problems}) {
        const auto found =
            std::find_if(report.outliers.begin(), report.outliers.end(), [&](const OutlyingGroup& group) {
                return group.column == "fiber" && group.measure == measure;
            });
        REQUIRE(found != report.outliers.end());
        CHECK(found->where() == "fiber = 7");
        CHECK(found->spectra == kEach);
        CHECK((found->z < 0.0) == (measure == QualityMeasure::SignalToNoise));
    }
    CHECK(report.repeatedTargets == 1);
    CHECK(report.repeatedSpectra == 1);
    REQUIRE(report.repeated.size() == 1);
    CHECK(report.repeated.front().targetId == test::madeTarget(0).key.targetId);
    CHECK(report.closePairs == 1);
    REQUIRE(report.pairs.size() == 1);
    CHECK(report.pairs.front().first.value == 1);
    CHECK(report.pairs.front().second == test::madeTarget(2).key.targetId);
    CHECK(report.pairs.front().arcsec == Approx(0.6).margin(1e-3));

    SECTION("of some spectra only")
    {
        const QualityReport part = checkQuality(fixture.database(), "fiber = 7 and file like '/a%'");
        CHECK(part.spectra == kEach);
        CHECK(part.snr.median < 2.0);
        CHECK(part.outliers.empty());
        CHECK_THROWS_AS(checkQuality(fixture.database(), "nothing = 3"), WhereError);
    }
    SECTION("nothing at all")
    {
        const QualityReport none = checkQuality(fixture.database(), "z > 1000");
        CHECK(none.spectra == 0);
        CHECK(std::isnan(none.snr.median));
        CHECK(sumOf(none.z) == 0);
        CHECK(none.outliers.empty());
    }
    SECTION("a stop ends it")
    {
        std::stop_source source;
        CHECK_THROWS_AS(checkQuality(fixture.database(), {}, source.get_token(),
                                     [&](int, int) { source.request_stop(); }),
                        core::Cancelled);
    }
}

TEST_CASE("Groups are judged by their size and by the scatter of all groups")
{
    const SampleFacts sample{5.0, 1.0, 0.02, 0.01, 0.01, 0.0};
    const auto group = [](std::int64_t value, std::int64_t n, double snr, std::int64_t warned) {
        return GroupFacts{value, n, n, snr, n, 0.02, n, warned, 0};
    };
    std::vector<GroupFacts> groups;
    for (int i = 0; i < 50; ++i)
        groups.push_back(group(i, 100, 5.0 + 0.01 * (i % 5 - 2), i % 3));
    SECTION("the same departure counts in a large group, not in a small one")
    {
        groups.push_back(group(100, 400, 4.0, 4));
        groups.push_back(group(101, 6, 4.0, 0));
        const auto found = findOutliers("fiber", groups, sample);
        REQUIRE(found.size() == 1);
        CHECK(found[0].value == 100);
        CHECK(found[0].z < -10.0);
    }
    SECTION("one rare event in a small group is no outlier, many are")
    {
        groups.push_back(group(100, 20, 5.0, 1));
        groups.push_back(group(101, 20, 5.0, 15));
        const auto found = findOutliers("fiber", groups, sample);
        REQUIRE(found.size() == 1);
        CHECK(found[0].value == 101);
        CHECK(found[0].measure == QualityMeasure::RedshiftWarnings);
        CHECK(found[0].found == 0.75);
    }
    SECTION("where all groups scatter more than their sizes say, none is blamed")
    {
        std::vector<GroupFacts> scattered;
        for (int i = 0; i < 51; ++i)
            scattered.push_back(group(i, 100, 3.0 + 0.08 * i, 1));
        CHECK(findOutliers("night", scattered, sample).empty());
    }
    SECTION("a few groups say nothing, and a sample without scatter is no division by zero")
    {
        CHECK(findOutliers("petal_loc", {group(1, 50, 9.0, 0), group(2, 50, 1.0, 0)}, sample).empty());
        CHECK(findOutliers("fiber", groups, SampleFacts{}).empty());
    }
}

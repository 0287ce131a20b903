// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/ingest_store.h"

#include "catalog/migrations.h"
#include "catalog/spectrum_store.h"
#include "catalog/target_query.h"
#include "catalog_fixture.h"
#include "child_process.h"
#include "core/wavelength_grid.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>
#include <limits>
#include <pqxx/pqxx>
#include <thread>

using namespace voorwerp;
using namespace voorwerp::catalog;

namespace {

template <typename Value> bool sameBits(const std::vector<Value>& a, const std::vector<Value>& b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Value)) == 0;
}

bool sameBits(const core::Spectrum& a, const core::Spectrum& b)
{
    return sameBits(a.flux, b.flux) && sameBits(a.ivar, b.ivar) && sameBits(a.mask, b.mask);
}

TargetRow only(const std::vector<TargetRow>& rows)
{
    REQUIRE(rows.size() == 1);
    return rows.front();
}

core::TargetInfo without(core::TargetInfo info)
{
    info.redshift.reset();
    return info;
}

} // namespace

TEST_CASE("A file goes in as one transaction, once, and comes out bit by bit")
{
    const test::CatalogFixture fixture;
    const Database& database = fixture.database();
    CHECK(migrate(database) == 0);

    // Everything known, nothing known, extreme ids, NaN and infinities, hostile texts.
    core::TargetInfo full = test::madeTarget(1);
    full.key.targetId.value = std::numeric_limits<std::int64_t>::max();
    full.coaddFiberstatus = std::numeric_limits<std::int64_t>::min();
    full.night = 20210324;
    full.snrB = 1.0F / 3.0F;
    full.redshift->z = 2.0 / 3.0;
    core::TargetInfo bare;
    bare.key.targetId.value = -39627000000000001;
    bare.key.spgrpval = -1;
    bare.ebv = std::numeric_limits<float>::infinity();
    bare.objtype = "a\tb\\n'; DROP TABLE voorwerp.target; --\x01\xff";
    bare.fileRow = 1;
    core::TargetInfo nan = test::madeTarget(2);
    nan.redshift->z = std::numeric_limits<double>::quiet_NaN();
    core::Spectrum spectrum = test::madeSpectrum(5);
    spectrum.flux[10] = -0.0F;
    spectrum.flux[11] = std::numeric_limits<float>::denorm_min();
    {
        FileIngest ingest(database, test::madeFile("/made/a.fits", "1"));
        ingest.add(full, spectrum);
        ingest.add(bare, test::madeSpectrum(6));
        ingest.add(nan, test::madeSpectrum(7));
        core::TargetInfo twice = full;
        twice.fileRow = 77;
        ingest.add(twice, test::madeSpectrum(8));
        core::Spectrum shortOne = spectrum;
        shortOne.flux.pop_back();
        CHECK_THROWS_AS(ingest.add(test::madeTarget(3), shortOne), core::FormatError);
        CHECK(countTargets(database, "") == 0); // not visible before commit
        const IngestCounts counts = ingest.commit();
        CHECK(counts.inserted == 3);
        CHECK(counts.replaced == 0);
        CHECK(counts.duplicateRows == std::vector<std::int32_t>{77});
    }
    const TargetRow row = only(findTarget(database, full.key.targetId));
    CHECK(row.info.key == full.key);
    CHECK(row.info.redshift->z == 2.0 / 3.0);
    CHECK(row.info.redshift->source == "redrock");
    CHECK(row.info.snrB == 1.0F / 3.0F);
    CHECK(std::isnan(row.info.fluxW1));
    CHECK(row.info.coaddFiberstatus == full.coaddFiberstatus);
    CHECK(row.info.night == 20210324);
    CHECK(row.info.problem.empty());
    CHECK(row.sourceFile == "/made/a.fits");
    CHECK(sameBits(readSpectrum(database, row.id), spectrum));
    const TargetRow nothing = only(findTarget(database, bare.key.targetId));
    CHECK(nothing.info.objtype == "a\tb\\n'; DROP TABLE voorwerp.target; --\x01?");
    CHECK(std::isnan(nothing.info.ebv));
    CHECK_FALSE(nothing.info.redshift);
    CHECK_FALSE(nothing.info.fiber);
    CHECK(nothing.info.problem == kNoRedshift);
    CHECK(nothing.info.key.specprod == "made");
    CHECK(only(findTarget(database, nan.key.targetId)).info.problem == kNoRedshift);
    CHECK(countTargets(database, "z is null") == 2);
    CHECK_THROWS_AS(readSpectrum(database, {12345}), core::UserError);

    // Known by content; new content of the same path replaces it and ids stay.
    const FileRecord known = test::madeFile("/made/a.fits", "1");
    const auto differing = [&](auto&& change) {
        FileRecord file = known;
        change(file);
        return file;
    };
    CHECK(alreadyIngested(database, known));
    CHECK_FALSE(alreadyIngested(database, differing([](FileRecord& file) { file.specprod = "other"; })));
    CHECK_FALSE(alreadyIngested(database, differing([](FileRecord& file) { file.redrockSha256 = "other"; })));
    CHECK(alreadyIngested(database,
                          differing([](FileRecord& file) { file.pixels = PixelStorage::NoiseAware; })));
    {
        FileIngest again(database, test::madeFile("/made/a.fits", "2"));
        again.add(full, test::madeSpectrum(9));
        again.add(test::madeTarget(50), spectrum);
        const IngestCounts counts = again.commit();
        CHECK(counts.inserted == 1);
        CHECK(counts.replaced == 1);
        CHECK(counts.removed == 2);
        CHECK(counts.takenOver == 0);
    }
    CHECK_FALSE(alreadyIngested(database, known));
    CHECK(only(findTarget(database, full.key.targetId)).id == row.id);
    CHECK(sameBits(readSpectrum(database, row.id), test::madeSpectrum(9)));
    CHECK(fixture.value("SELECT count(*) FROM voorwerp.spectrum") == "2");

    // The same target in a second file: the file read last takes it over.
    {
        FileIngest second(database, test::madeFile("/made/b.fits", "1"));
        second.add(test::madeTarget(50), test::madeSpectrum(12));
        CHECK(second.commit().takenOver == 1);
    }
    CHECK(only(findTarget(database, test::madeTarget(50).key.targetId)).sourceFile == "/made/b.fits");
    const auto files = listFiles(database);
    REQUIRE(files.size() == 2);
    CHECK(files[0].spectra == 1);
    CHECK(listFiles(database, "targetid = 39627000000000050").size() == 1);

    // An ingest that is dropped, killed or stopped leaves nothing.
    {
        FileIngest dropped(database, test::madeFile("/made/c.fits", "1"));
        dropped.add(test::madeTarget(60), spectrum);
    }
    test::ChildProcess child([&](const auto& ready) {
        const Database own(fixture.cluster().uri());
        FileIngest half(own, test::madeFile("/made/d.fits", "1"));
        for (int i = 0; i < 300; ++i) // more than one batch: some are on the server
            half.add(test::madeTarget(1000 + i), spectrum);
        ready();
        ::pause();
    });
    REQUIRE(child.ready());
    child.kill(SIGKILL);
    std::stop_source source;
    {
        FileIngest stopped(database, test::madeFile("/made/e.fits", "1"), source.get_token());
        stopped.add(test::madeTarget(70), spectrum);
        source.request_stop();
        CHECK_THROWS_AS(stopped.commit(), core::Cancelled);
    }
    CHECK(countTargets(database, "") == 2);
    CHECK(listFiles(database).size() == 2);
    // ... and can be done again at once.
    CHECK(test::ingestMade(database, "/made/d.fits", 1000, 1300).inserted == 300);
    CHECK(countTargets(database, "") == 302);

    // Streams see the state they were opened in, in order, and stop on request.
    SpectrumStream stream(database, "targetid >= 39627000000001000 and targetid < 39627000000001290", 100);
    std::vector<StoredSpectrum> batch;
    REQUIRE(stream.next(batch));
    REQUIRE(test::ingestMade(database, "/made/d.fits", 1000, 1010).removed == 290);
    std::size_t streamed = batch.size();
    core::SpectrumId last = batch.back().id;
    CHECK(batch[0].spectrum.ivar[7000] == 2.0F);
    while (stream.next(batch)) {
        CHECK(batch.front().id > last);
        last = batch.back().id;
        streamed += batch.size();
    }
    CHECK(streamed == 290);
    CHECK_FALSE(stream.next(batch));
    const std::vector<core::SpectrumId> ids{{999'999}, last, row.id};
    const auto some = readSpectra(database, ids);
    REQUIRE(some.size() == 1);
    CHECK(some[0].info.key.targetId == full.key.targetId);
    std::stop_source stopStream;
    SpectrumStream stoppable(database, "", 1, stopStream.get_token());
    REQUIRE(stoppable.next(batch));
    stopStream.request_stop();
    CHECK_THROWS_AS(stoppable.next(batch), core::Cancelled);
}

TEST_CASE("Redshifts of a QSO catalogue serve where redrock says nothing, in any order")
{
    const test::CatalogFixture fixture;
    const Database& database = fixture.database();
    const auto catalogue = [&](const std::string& content, std::vector<CatalogRedshift> rows,
                               const std::string& specprod = "made") {
        FileRecord file = test::madeFile("/made/QSO_cat.fits", content);
        file.kind = "qso_cat";
        file.specprod = specprod;
        bool given = false;
        return updateRedshifts(database, file, [&](std::vector<CatalogRedshift>& entries) {
            entries = rows;
            return !std::exchange(given, true);
        });
    };
    const core::Spectrum spectrum = test::madeSpectrum(1);
    const auto entry = [](std::int64_t i, double z, std::int32_t tile = -1) {
        CatalogRedshift row;
        row.targetId = test::madeTarget(i).key.targetId;
        row.z = z;
        row.tileid = tile;
        return row;
    };
    {
        FileIngest ingest(database, test::madeFile("/made/a.fits", "1"));
        ingest.add(without(test::madeTarget(1)), spectrum);
        ingest.add(test::madeTarget(2), spectrum);
        core::TargetInfo bad = without(test::madeTarget(3));
        bad.problem = "no good pixel";
        ingest.add(bad, spectrum);
        core::TargetInfo tile = without(test::madeTarget(4));
        tile.key.spgrp = "cumulative";
        tile.key.tileid = 80693;
        ingest.add(tile, spectrum);
        ingest.commit();
    }
    const auto counts =
        catalogue("1", {entry(1, 2.5), entry(2, 9.9), entry(3, 1.5), entry(4, 3.5, 80693), entry(4, 0.1, 1),
                        entry(5, 4.0), entry(6, std::numeric_limits<double>::quiet_NaN())});
    CHECK(counts.entries == 7);
    CHECK(counts.updated == 3);
    CHECK(counts.kept == 1);
    const auto redshift = [&](std::int64_t i) {
        return only(findTarget(database, test::madeTarget(i).key.targetId)).info;
    };
    CHECK(redshift(1).redshift->z == 2.5);
    CHECK(redshift(1).redshift->source == "qso_cat");
    CHECK(redshift(1).problem.empty());
    CHECK(redshift(2).redshift->z == 0.002);
    CHECK(redshift(3).problem == "no good pixel");
    CHECK(redshift(4).redshift->z == 3.5);

    // A coadd that comes later finds its entry; a new catalogue replaces the old one, also where it says
    // less.
    {
        FileIngest later(database, test::madeFile("/made/b.fits", "1"));
        later.add(without(test::madeTarget(5)), spectrum);
        later.commit();
    }
    CHECK(redshift(5).redshift->z == 4.0);
    CHECK(catalogue("2", {entry(1, 2.6)}).updated == 1);
    CHECK(redshift(1).redshift->z == 2.6);
    CHECK_FALSE(redshift(5).redshift);
    CHECK(redshift(5).problem == kNoRedshift);
    CHECK(fixture.value("SELECT count(*) FROM voorwerp.catalog_redshift") == "1");
}

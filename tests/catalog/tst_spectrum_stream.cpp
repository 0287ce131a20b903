// SPDX-License-Identifier: GPL-3.0-or-later
// Errors of what is read ahead reach the caller, and a stream can be dropped at any time.
#include "catalog/catalog_fixture.h"
#include "catalog/spectrum_store.h"

#include <catch2/catch.hpp>

using namespace voorwerp;
using namespace voorwerp::catalog;

namespace {

constexpr std::int64_t kSpectra = 60;

/// Spectra in batches of 10 are read to the end or to an error.
std::size_t countOf(SpectrumStream& stream)
{
    std::size_t count = 0;
    for (std::vector<StoredSpectrum> batch; stream.next(batch);)
        count += batch.size();
    return count;
}

} // namespace

TEST_CASE("A spectrum whose bytes are damaged is named when its batch comes, and ends the stream")
{
    const test::CatalogFixture fixture;
    test::ingestMade(fixture.database(), "/made/a.fits", 0, kSpectra);
    const std::string damaged =
        fixture.value("UPDATE voorwerp.spectrum SET flux = '\\x00' WHERE target_id = (SELECT target_id FROM "
                      "voorwerp.spectrum ORDER BY target_id LIMIT 1 OFFSET 25) RETURNING target_id");
    SpectrumStream stream(fixture.database(), "", 10);
    std::vector<StoredSpectrum> batch;
    REQUIRE(stream.next(batch));
    REQUIRE(stream.next(batch));
    CHECK(batch.back().id.value < std::stoll(damaged));
    CHECK_THROWS_WITH(stream.next(batch), Catch::Contains("spectrum " + damaged));
    CHECK_FALSE(stream.next(batch));
    CHECK(batch.empty());
}

TEST_CASE("A connection that is lost while a stream reads ahead is an error of the database")
{
    const test::CatalogFixture fixture;
    test::ingestMade(fixture.database(), "/made/a.fits", 0, kSpectra);
    SpectrumStream stream(fixture.database(), "", 10);
    std::vector<StoredSpectrum> batch;
    REQUIRE(stream.next(batch));
    fixture.value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'FETCH%'");
    CHECK_THROWS_AS(countOf(stream), core::DatabaseError);
    CHECK_FALSE(stream.next(batch));
    SpectrumStream again(fixture.database(), "", 10);
    CHECK(countOf(again) == kSpectra);
}

TEST_CASE("A stream is dropped or moved while it reads ahead, and its connection serves others")
{
    const test::CatalogFixture fixture;
    test::ingestMade(fixture.database(), "/made/a.fits", 0, kSpectra);
    for (int i = 0; i < 20; ++i) {
        SpectrumStream dropped(fixture.database(), "", 30);
        SpectrumStream moved(fixture.database(), "", 7);
        std::vector<StoredSpectrum> batch;
        REQUIRE(moved.next(batch));
        dropped = std::move(moved);
        CHECK(countOf(dropped) == kSpectra - 7);
    }
}

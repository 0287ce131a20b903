// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "train/batch_reader.h"

#include "synthetic_data.h"

#include <catch2/catch.hpp>

#include <atomic>

using namespace voorwerp;
using namespace voorwerp::train;
using voorwerp::train::test::SyntheticData;

namespace {

/// Every read waits until it is let go, or fails from one on.
class GatedData : public SyntheticData
{
public:
    void read(std::span<const std::size_t> rows, float* fluxOut, float* weightOut) const override
    {
        ++reads;
        gate.wait(true);
        if (fails)
            throw core::FormatError("row 7 cannot be read");
        SyntheticData::read(rows, fluxOut, weightOut);
    }
    mutable std::atomic<int> reads{0};
    std::atomic<bool> gate{false}; ///< true: closed
    std::atomic<bool> fails{false};

    void open()
    {
        gate = false;
        gate.notify_all();
    }
};

} // namespace

TEST_CASE("Batches come in order with the rows asked for, the last one shorter")
{
    const SyntheticData data(700);
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < 700; ++i)
        rows.push_back(i * 37 % 700);
    const std::vector<std::size_t> begins{100, 400, 700}; // from the middle, as after a resume
    BatchReader reader(data, RowForm::Float, rows, begins);
    for (std::size_t batch = 0; batch + 1 < begins.size(); ++batch) {
        const nn::Batch read = reader.next({}).batch();
        REQUIRE(read.size == begins[batch + 1] - begins[batch]);
        for (std::size_t i = 0; i < read.size; ++i) {
            const std::size_t row = rows[begins[batch] + i];
            REQUIRE(std::equal(read.flux + i * 64, read.flux + (i + 1) * 64, data.flux.data() + row * 64));
            REQUIRE(
                std::equal(read.weight + i * 64, read.weight + (i + 1) * 64, data.weight.data() + row * 64));
        }
    }
}

TEST_CASE("One batch is read ahead while one is in use, and no more")
{
    const GatedData data;
    BatchReader reader(data, RowForm::Float, data.trainRows(), {0, 10, 20, 30, 40});
    const nn::Batch first = reader.next({}).batch();
    const std::vector<float> before(first.flux, first.flux + 640);
    while (data.reads < 2)
        std::this_thread::yield();
    for (int i = 0; i < 1000; ++i)
        std::this_thread::yield();
    CHECK(data.reads == 2);
    CHECK(std::equal(before.begin(), before.end(), first.flux));
    reader.next({});
    while (data.reads < 3)
        std::this_thread::yield();
}

TEST_CASE("What the reading threw comes out of next()")
{
    GatedData data;
    data.fails = true;
    BatchReader reader(data, RowForm::Float, data.trainRows(), {0, 10});
    CHECK_THROWS_AS(reader.next({}), core::FormatError);
}

TEST_CASE("A stop request ends the waiting for a batch")
{
    GatedData data;
    data.gate = true;
    BatchReader reader(data, RowForm::Float, data.trainRows(), {0, 10});
    std::stop_source stop;
    std::jthread asks([&] {
        while (data.reads == 0)
            std::this_thread::yield();
        stop.request_stop();
    });
    CHECK_THROWS_AS(reader.next(stop.get_token()), core::Cancelled);
    data.open(); // the reader's end waits for the read under way
}

TEST_CASE("After a stop request there is no batch, even where one is read")
{
    const GatedData data;
    BatchReader reader(data, RowForm::Float, data.trainRows(), {0, 10, 20, 30});
    reader.next({});
    while (data.reads < 2)
        std::this_thread::yield();
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(reader.next(stop.get_token()), core::Cancelled);
}

TEST_CASE("A reader that is given up in the middle of an epoch ends")
{
    const SyntheticData data(400);
    BatchReader reader(data, RowForm::Float, data.trainRows(), {0, 10, 20, 30});
    reader.next({});
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What only an emulated device can be made to do: run short of memory, get lost, take its threads in another
// order.
#include "dataset/observed_sample.h"
#include "nn/emulated_cuda/emulator.h"
#include "nn/error.h"

#include <catch2/catch.hpp>

using namespace voorwerp;
using namespace voorwerp::dataset;
using dataset::test::firstDifference;
using dataset::test::ObservedSample;

namespace {

constexpr std::size_t kRows = 24;

struct Fixture
{
    const emulated::DeviceScope scope;
    const Recipe recipe = dataset::test::quasarRecipe();
    const ObservedSample sample{kRows};
    const std::vector<RestFrameSpectrum> wanted =
        makeBatchPreprocessor(recipe, "cpu", 1)->apply(sample.items());
    std::unique_ptr<BatchPreprocessor> gpu = makeBatchPreprocessor(recipe, "cuda:0", 1);
};

} // namespace

TEST_CASE("Preprocessing does not depend on the order in which a device runs its threads")
{
    Fixture fixture;
    for (const std::uint64_t seed : {1U, 2U}) {
        emulated::setOrder(seed);
        CHECK(firstDifference(fixture.gpu->apply(fixture.sample.items()), fixture.wanted) == "");
    }
}

TEST_CASE("Preprocessing on a device with little memory takes few spectra at a time")
{
    Fixture fixture;
    const std::size_t before = emulated::launchedKernels();
    fixture.gpu->apply(fixture.sample.items());
    const std::size_t ofOneChunk = emulated::launchedKernels() - before;
    for (const std::size_t kilobytes : {1000U, 200U}) { // one spectrum takes 112
        const emulated::DeviceScope scope;
        fixture.gpu = makeBatchPreprocessor(fixture.recipe, "cuda:0", 1);
        emulated::setMemory(emulated::allocatedBytes() + (kilobytes << 10U));
        const std::size_t launched = emulated::launchedKernels();
        CHECK(firstDifference(fixture.gpu->apply(fixture.sample.items()), fixture.wanted) == "");
        CHECK(emulated::launchedKernels() - launched >= 2 * ofOneChunk);
    }
}

TEST_CASE("Preprocessing without memory for one spectrum says so, and goes on when there is some")
{
    Fixture fixture;
    const std::size_t bytes = emulated::allocatedBytes();
    emulated::setMemory(bytes + (std::size_t{50} << 10U));
    CHECK_THROWS_AS(fixture.gpu->apply(fixture.sample.items()), nn::OutOfMemory);
    CHECK(emulated::allocatedBytes() == bytes);
    emulated::setMemory(bytes + (std::size_t{10} << 20U));
    CHECK(firstDifference(fixture.gpu->apply(fixture.sample.items()), fixture.wanted) == "");
}

TEST_CASE("A device that is lost while it preprocesses is told as such")
{
    for (const std::size_t launch : {0U, 2U, 3U}) {
        Fixture fixture;
        emulated::loseDevice(cudaErrorECCUncorrectable, launch);
        CHECK_THROWS_AS(fixture.gpu->apply(fixture.sample.items()), nn::DeviceLost);
        CHECK_THROWS_AS(fixture.gpu->apply(fixture.sample.items()), nn::DeviceLost);
    }
}

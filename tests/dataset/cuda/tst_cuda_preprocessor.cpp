// SPDX-License-Identifier: GPL-3.0-or-later
// Preprocessing on a GPU against the CPU. Skips visibly where there is no device (or no CUDA in the build).
// Also compiled with an emulated device, which is no test of a GPU.
#include "dataset/observed_sample.h"

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>

using namespace voorwerp::dataset;
using test::firstDifference;
using test::ObservedSample;

namespace {

constexpr int kSkipReturnCode = 77;

std::unique_ptr<BatchPreprocessor> cudaOrSkip(const Recipe& recipe)
{
    try {
        return makeBatchPreprocessor(recipe, "cuda:0", 1);
    } catch (const std::runtime_error& error) {
        std::printf("SKIPPED: %s\n", error.what());
        std::fflush(nullptr);
        std::_Exit(kSkipReturnCode);
    }
}

std::vector<RestFrameSpectrum> onCpu(const Recipe& recipe, const std::vector<ObservedSpectrum>& items)
{
    return makeBatchPreprocessor(recipe, "cpu", 1)->apply(items);
}

/// Recipes with a step left out or at its limit each.
std::vector<Recipe> otherRecipes()
{
    std::vector<Recipe> recipes(6, test::quasarRecipe());
    recipes[0].sky.enabled = false;
    recipes[1].sky.guardFraction = 1.0;
    recipes[1].sky.guardHalfWidthAngstrom = 500.0;
    recipes[2].modelErrorFloor = 0.0;
    recipes[3].deredden = false;
    recipes[4].grid = {1500.0, 4500.0, 999};
    recipes[5].grid = {900.0, 7500.0, 9000}; // finer than DESI's
    recipes[5].minimumIvar = 5.0;
    return recipes;
}

} // namespace

TEST_CASE("A GPU preprocesses as the CPU does, to the bit, good and bad spectra mixed")
{
    const Recipe recipe = test::quasarRecipe();
    const auto gpu = cudaOrSkip(recipe);
    for (const std::size_t count : {0U, 1U, 2U, 33U, 600U, 5U}) {
        const ObservedSample sample(count);
        CHECK(firstDifference(gpu->apply(sample.items()), onCpu(recipe, sample.items())) == "");
    }
}

TEST_CASE("A GPU preprocesses as the CPU does at every redshift, across the borders of windows")
{
    const Recipe recipe = test::quasarRecipe();
    const auto gpu = cudaOrSkip(recipe);
    const ObservedSample sample(2);
    std::vector<ObservedSpectrum> items;
    for (double z = 0.05; z < 5.0; z += 0.11)
        items.push_back({sample.items()[items.size() % 2].spectrum, z, 0.1F});
    CHECK(firstDifference(gpu->apply(items), onCpu(recipe, items)) == "");
}

TEST_CASE("A GPU preprocesses by any recipe as the CPU does")
{
    const ObservedSample sample(ObservedSample::kKinds);
    for (const Recipe& recipe : otherRecipes())
        CHECK(firstDifference(cudaOrSkip(recipe)->apply(sample.items()), onCpu(recipe, sample.items())) ==
              "");
}

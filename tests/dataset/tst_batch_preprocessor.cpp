// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "dataset/batch_preprocessor.h"
#include "dataset/observed_sample.h"

#include <catch2/catch.hpp>

#include <set>
#include <stdexcept>

using namespace voorwerp;
using namespace voorwerp::dataset;
using dataset::test::firstDifference;
using dataset::test::ObservedSample;

namespace {

std::vector<RestFrameSpectrum> oneByOne(const Recipe& recipe, const std::vector<ObservedSpectrum>& items)
{
    const Preprocessor preprocessor(recipe);
    std::vector<RestFrameSpectrum> rows;
    for (const ObservedSpectrum& item : items)
        rows.push_back(preprocessor.apply(*item.spectrum, item.z, item.ebv));
    return rows;
}

} // namespace

TEST_CASE("The sample has what it says: each rejection, and rows that the guard and dust change")
{
    Recipe builtIn = Recipe::builtIn("quasar");
    builtIn.name = builtIn.description = "";
    const Recipe recipe = dataset::test::quasarRecipe();
    CHECK(recipe == builtIn);
    const ObservedSample sample(ObservedSample::kKinds);
    const auto rows = oneByOne(recipe, sample.items());
    std::set<std::string> rejections;
    for (const RestFrameSpectrum& row : rows)
        rejections.insert(row.rejection);
    CHECK(rejections == std::set<std::string>{"", "no redshift", "redshift outside the recipe's range",
                                              "no spectrum", kNoNormalisation, kTooFewPixels});
    for (const std::size_t kind : {0, 1, 2, 3, 5, 10, 11})
        CHECK(rows[kind].rejection == "");
    CHECK(rows[11].window == 1); // at its redshift, the other one has the larger share
    Recipe without = recipe;
    without.sky.guardFraction = 0.0;
    CHECK(firstDifference({rows[1]}, oneByOne(without, {sample.items()[1]})) != "");
    without = recipe;
    without.deredden = false;
    CHECK(firstDifference({rows[1]}, oneByOne(without, {sample.items()[1]})) != "");
}

TEST_CASE("A batch on the CPU gives the rows of its spectra one by one, for any number of threads")
{
    const Recipe recipe = Recipe::builtIn("quasar");
    const ObservedSample sample(40);
    const auto wanted = oneByOne(recipe, sample.items());
    for (const int threads : {1, 3, 0}) {
        const auto batch = makeBatchPreprocessor(recipe, "cpu", threads);
        CHECK(firstDifference(batch->apply(sample.items()), wanted) == "");
        CHECK(batch->apply({}).empty());
    }
}

TEST_CASE("A batch is refused on a device that is not there")
{
    const Recipe recipe = Recipe::builtIn("quasar");
    CHECK_THROWS_AS(makeBatchPreprocessor(recipe, "", 1), core::UserError);
    CHECK_THROWS_AS(makeBatchPreprocessor(recipe, "tpu:0", 1), core::UserError);
    CHECK_THROWS_AS(makeBatchPreprocessor(recipe, "cuda:999", 1), std::runtime_error);
}

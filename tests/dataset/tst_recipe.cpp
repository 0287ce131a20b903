// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/file_io.h"
#include "dataset/recipe.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace voorwerp;
using dataset::Recipe;

TEST_CASE("The built-in quasar recipe survives JSON, and its hash follows its content")
{
    const Recipe recipe = Recipe::builtIn("quasar");
    REQUIRE(recipe.grid.pixels == 2048);
    REQUIRE(recipe.grid.kmPerSecond() == Approx(310.6).margin(0.5));
    REQUIRE(Recipe::fromJson(recipe.toJson()) == recipe);

    Recipe other = recipe;
    other.modelErrorFloor = 0.03;
    REQUIRE(other.hash() != recipe.hash());
    REQUIRE(Recipe::builtIn("quasar").hash() == recipe.hash());
}

TEST_CASE("A recipe with a wrong key or value is refused by name")
{
    const nlohmann::json good = Recipe::builtIn("quasar").toJson();
    const auto refuses = [&](const nlohmann::json& patch, const std::string& word) {
        nlohmann::json bad = good;
        bad.merge_patch(patch);
        try {
            Recipe::fromJson(bad);
        } catch (const core::UserError& error) {
            CAPTURE(error.what());
            REQUIRE(std::string(error.what()).find(word) != std::string::npos);
            return;
        }
        FAIL("accepted " << patch.dump());
    };
    refuses({{"colour", 1}}, "unknown key \"colour\"");
    refuses({{"sky", {{"lines", 1}}}}, "unknown key \"lines\"");
    refuses({{"deredden", nullptr}}, "lacks the key \"deredden\"");
    refuses({{"deredden", "yes"}}, "deredden");
    refuses({{"model_error_floor", -0.1}}, "model_error_floor");
    refuses({{"grid", {{"pixels", 20.5}}}}, "pixels");
    refuses({{"z_last", 9.0}}, "do not cover");
    refuses({{"format", 2}}, "newer version");
}

TEST_CASE("A workspace recipe and a path are found, an unknown name lists what there is")
{
    test::TemporaryFolder folder;
    const core::Workspace workspace(folder.path());
    workspace.create();
    nlohmann::json own = Recipe::builtIn("quasar").toJson();
    own["name"] = "mine";
    core::writeTextAtomically(workspace.recipes() / "mine.json", own.dump());

    REQUIRE(Recipe::byName("mine", workspace).name == "mine");
    REQUIRE(Recipe::byName((workspace.recipes() / "mine.json").string(), workspace).name == "mine");
    REQUIRE(Recipe::byName("quasar", workspace).name == "quasar");
    REQUIRE(dataset::recipeNames(workspace) == std::vector<std::string>{"mine", "quasar"});
    REQUIRE_THROWS_AS(Recipe::byName("none", workspace), core::UserError);

    core::writeTextAtomically(workspace.recipes() / "broken.json", "{");
    REQUIRE_THROWS_AS(Recipe::byName("broken", workspace), core::UserError);
}

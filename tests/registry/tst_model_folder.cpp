// SPDX-License-Identifier: GPL-3.0-or-later
#include "registry/model_folder.h"

#include "core/error.h"
#include "core/file_io.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <set>
#include <thread>

using namespace voorwerp;
namespace fs = std::filesystem;

namespace {

registry::ModelFile sampleModel(float value)
{
    registry::ModelFile model;
    model.parameters = {{"weight", {1}, {value}}};
    model.lineage = {{"seed", 1}};
    return model;
}

} // namespace

TEST_CASE("versions count up, are complete, and never reuse a number that the database knows")
{
    const test::TemporaryFolder folder;
    const registry::ModelFolder models(folder / "models");
    const auto first = models.store("vae-1", sampleModel(1));
    const auto second = models.store("vae-1", sampleModel(2));
    CHECK(first.version == 1);
    CHECK(second.version == 2);
    CHECK(models.store("vae-1", sampleModel(3), 9).version == 9);
    CHECK(models.nextVersion("vae-1") == 10);
    CHECK(models.nextVersion("other") == 1);
    CHECK(registry::readModelFile(second.file, second.sha256).parameters[0].values[0] == 2.0f);
    const auto lineage = nlohmann::json::parse(core::readText(first.file.parent_path() / "lineage.json"));
    CHECK(lineage.at("sha256") == first.sha256);
    CHECK(lineage.at("version") == 1);
    CHECK(lineage.at("lineage").at("seed") == 1);
    models.remove("vae-1", 9);
    CHECK(models.nextVersion("vae-1") == 3);
}

TEST_CASE("a model that cannot be written leaves no folder of a version")
{
    const test::TemporaryFolder folder;
    const registry::ModelFolder models(folder / "models");
    registry::ModelFile bad = sampleModel(1);
    bad.parameters[0].shape = {2};
    CHECK_THROWS_AS(models.store("vae", bad), core::UserError);
    CHECK(fs::is_empty(folder / "models/vae"));
    for (const char* name : {"", "../x", ".hidden", "a/b", "a b"})
        CHECK_THROWS_AS(models.store(name, sampleModel(1)), core::UserError);
}

TEST_CASE("two writers of one model name get two versions")
{
    const test::TemporaryFolder folder;
    const registry::ModelFolder models(folder / "models");
    std::array<registry::StoredModel, 4> stored;
    {
        std::vector<std::jthread> writers;
        for (std::size_t i = 0; i < stored.size(); ++i)
            writers.emplace_back(
                [&, i] { stored[i] = models.store("vae", sampleModel(static_cast<float>(i))); });
    }
    std::set<int> versions;
    for (const auto& one : stored) {
        versions.insert(one.version);
        CHECK(core::sha256OfFile(one.file) == one.sha256);
    }
    CHECK(versions == std::set<int>{1, 2, 3, 4});
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "registry/model_file.h"

#include "core/error.h"
#include "core/file_io.h"
#include "registry/sample_network.h"
#include "support/test_support.h"

#include <H5Cpp.h>

#include <catch2/catch.hpp>

#include <chrono>
#include <fstream>
#include <thread>

using namespace voorwerp;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

registry::ModelFile sampleModel()
{
    registry::ModelFile model;
    model.config.pixels = 5;
    model.config.hidden = {4, 3};
    model.config.latent = 2;
    model.config.inputClip = 12.5f;
    // Not in alphabetical order: the order must survive.
    model.parameters = {{"encoder.1.weight", {2, 3}, {1, 2, 3, 4, 5, 1.0f / 3.0f}},
                        {"decoder.0.bias", {2}, {-0.0f, 1e-38f}},
                        {"a.scalar", {}, {7}},
                        {"none", {0}, {}}};
    model.latentDensity = {{"mean", {2}, {0.5f, -0.5f}}};
    model.recipe = {{"name", "quasar"}, {"windows", {2500, 2700}}};
    model.lineage = {{"dataset", "demo"}, {"note", "λ in Å"}};
    model.metrics = {{"validation_loss", 0.51}};
    model.golden = {2, registry::goldenLatents(2, 2), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 1e-3};
    return model;
}

std::string expectRefusal(const fs::path& path, const std::string& sha256)
{
    try {
        registry::readModelFile(path, sha256);
    } catch (const core::FormatError& error) {
        CHECK_FALSE(error.remedy().empty());
        return error.what();
    }
    FAIL("the file was loaded");
    return {};
}

} // namespace

TEST_CASE(
    "convolutions, a decoder of its own and a scatter come back, and models without them keep their JSON")
{
    const nn::ModelConfig config = test::sampleConvolutions().config;
    CHECK(registry::configFromJson(registry::toJson(config)) == config);
    CHECK(registry::toJson(sampleModel().config).dump() ==
          R"({"architecture":"mlp","hidden":[4,3],"input_clip":12.5,"latent":2,"pixels":5})");
}

TEST_CASE("a model file comes back as it was written")
{
    const test::TemporaryFolder folder;
    const registry::ModelFile model = sampleModel();
    const std::string sha256 = registry::writeModelFile(folder / "model.h5", model);
    CHECK(sha256 == core::sha256OfFile(folder / "model.h5"));
    const registry::ModelFile back = registry::readModelFile(folder / "model.h5", sha256);
    CHECK(back.config == model.config);
    CHECK(back.parameters == model.parameters);
    CHECK(back.latentDensity == model.latentDensity);
    CHECK(back.recipe == model.recipe);
    CHECK(back.lineage == model.lineage);
    CHECK(back.metrics == model.metrics);
    CHECK(back.golden.count == 2);
    CHECK(back.golden.latents == model.golden.latents);
    CHECK(back.golden.flux == model.golden.flux);
    CHECK(back.golden.relativeTolerance == 1e-3);
}

TEST_CASE("a model without golden test and recipe comes back, too")
{
    const test::TemporaryFolder folder;
    const std::string sha256 = registry::writeModelFile(folder / "model.h5", {});
    const registry::ModelFile back = registry::readModelFile(folder / "model.h5", sha256);
    CHECK(back.golden.empty());
    CHECK(back.recipe.is_null());
    CHECK(back.parameters.empty());
}

TEST_CASE("the same model written a second later has the same bytes")
{
    const test::TemporaryFolder folder;
    const std::string first = registry::writeModelFile(folder / "a.h5", sampleModel());
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    CHECK(registry::writeModelFile(folder / "b.h5", sampleModel()) == first);
    registry::ModelFile other = sampleModel();
    other.parameters[0].values[0] += 1e-6f;
    CHECK(registry::writeModelFile(folder / "c.h5", other) != first);
}

TEST_CASE("a model file with one flipped byte is refused with both hashes")
{
    const test::TemporaryFolder folder;
    const fs::path path = folder / "model.h5";
    const std::string sha256 = registry::writeModelFile(path, sampleModel());
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(fs::file_size(path) / 2));
    const char byte = static_cast<char>(file.peek() ^ 1);
    file.seekp(file.tellg());
    file.put(byte);
    file.close();
    const std::string message = expectRefusal(path, sha256);
    CHECK_THAT(message, Contains(sha256));
    CHECK_THAT(message, Contains(core::sha256OfFile(path)));
}

TEST_CASE("truncated, foreign and newer model files are refused clearly even when their hash agrees")
{
    const test::TemporaryFolder folder;
    const fs::path path = folder / "model.h5";
    registry::writeModelFile(path, sampleModel());
    const std::string bytes = core::readText(path);
    for (const std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{100}, std::size_t{0}}) {
        core::writeTextAtomically(folder / "short.h5", std::string_view(bytes).substr(0, size));
        CHECK_THAT(expectRefusal(folder / "short.h5", core::sha256OfFile(folder / "short.h5")),
                   Contains("damaged"));
    }

    {
        H5::H5File foreign((folder / "foreign.h5").string(), H5F_ACC_TRUNC);
        foreign.createGroup("spectra");
    }
    CHECK_THAT(expectRefusal(folder / "foreign.h5", core::sha256OfFile(folder / "foreign.h5")),
               Contains("not a Voorwerp model"));

    {
        H5::H5File newer(path.string(), H5F_ACC_RDWR);
        const int format = 99;
        newer.openGroup("/").openAttribute("format").write(H5::PredType::NATIVE_INT, &format);
    }
    CHECK_THAT(expectRefusal(path, core::sha256OfFile(path)), Contains("newer Voorwerp"));
    CHECK_THROWS_AS(registry::readModelFile(folder / "absent.h5", ""), core::SystemError);
}

TEST_CASE("tensors that contradict themselves are not written")
{
    const test::TemporaryFolder folder;
    registry::ModelFile model = sampleModel();
    model.parameters[0].values.pop_back();
    CHECK_THROWS_AS(registry::writeModelFile(folder / "model.h5", model), core::UserError);
    model = sampleModel();
    model.parameters[1].name = model.parameters[0].name;
    CHECK_THROWS_AS(registry::writeModelFile(folder / "model.h5", model), core::UserError);
    model = sampleModel();
    model.golden.flux.pop_back();
    CHECK_THROWS_AS(registry::writeModelFile(folder / "model.h5", model), core::UserError);
    CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("a decoder that computes something else is noticed by the golden test")
{
    const registry::GoldenTest golden = sampleModel().golden;
    std::vector<float> decoded = golden.flux;
    CHECK(registry::compareGolden(golden, decoded).largestDifference == 0.0);
    decoded[3] += 0.001f;
    CHECK(registry::compareGolden(golden, decoded).ok);
    decoded[3] += 0.1f;
    CHECK_FALSE(registry::compareGolden(golden, decoded).ok);
    CHECK_THROWS_AS(registry::requireGolden(golden, decoded, "vae@3"), core::FormatError);
    decoded[3] = std::numeric_limits<float>::quiet_NaN();
    CHECK_FALSE(registry::compareGolden(golden, decoded).ok);
    decoded.pop_back();
    CHECK_FALSE(registry::compareGolden(golden, decoded).ok);
    for (const float latent : registry::goldenLatents(4, 16))
        CHECK(std::abs(latent) <= 2.0f);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The exported graph in a real ONNX Runtime (npm's onnxruntime-node, put into the build folder) against the
// CPU backend. Skipped visibly where Node.js, npm or the package cannot be had.
#include "registry/onnx_export.h"

#include "core/error.h"
#include "core/file_io.h"
#include "core/process.h"
#include "nn/test_model.h"
#include "registry/sample_network.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace voorwerp;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr const char* kPackage = "onnxruntime-node@1.30.0";
constexpr double kTolerance = 1e-4; ///< of the value or of the output's RMS: fp32 sums in another order

/// The node_modules folder that has the runtime. --ignore-scripts: the CPU's runtime is in the package
/// itself.
fs::path runtimeModules()
{
    const fs::path npm = core::findProgram("npm");
    if (npm.empty() || core::findProgram("node").empty())
        test::skipTest("no Node.js with npm: ONNX Runtime cannot be installed (Debian: nodejs, npm)");
    const fs::path folder = VOORWERP_ONNX_RUNTIME_FOLDER;
    const fs::path done = folder / kPackage;
    fs::create_directories(folder);
    const auto lock = core::FileLock::acquire(folder / "lock", core::FileLock::Mode::Exclusive);
    if (!fs::exists(done)) {
        const core::ProcessResult result =
            core::runProcess({{npm, "install", "--ignore-scripts", "--no-audit", "--no-fund",
                               "--fetch-retries=1", "--prefix", folder, kPackage},
                              {},
                              folder,
                              {},
                              {}});
        if (!result.ok())
            test::skipTest("npm cannot install " + std::string(kPackage) + ": " + result.error);
        core::writeTextAtomically(done, "");
    }
    return folder / "node_modules";
}

json runModel(const fs::path& model, const std::vector<nn::test::Spectra>& batches)
{
    const test::TemporaryFolder folder;
    json request = json::array();
    for (const nn::test::Spectra& batch : batches)
        request.push_back({{"rows", batch.rows}, {"flux", batch.flux}, {"weight", batch.weight}});
    core::writeTextAtomically(folder / "request.json", request.dump());
    const core::ProcessResult result =
        core::runProcess({{"node", VOORWERP_RUN_ONNX, model, folder / "request.json", folder / "answer.json"},
                          {{"NODE_PATH", runtimeModules()}},
                          {},
                          {},
                          {}});
    INFO(result.output << result.error);
    REQUIRE(result.ok());
    return json::parse(core::readText(folder / "answer.json"));
}

void checkOutput(const json& output, const std::vector<float>& want, std::size_t rows)
{
    CHECK(output["dims"] == json({rows, want.size() / rows}));
    const auto got = output["values"].get<std::vector<float>>();
    REQUIRE(got.size() == want.size());
    double squares = 0.0;
    for (const float value : want)
        squares += static_cast<double>(value) * value;
    const double rms = std::sqrt(squares / static_cast<double>(want.size()));
    for (std::size_t i = 0; i < want.size(); ++i) {
        INFO("number " << i);
        CHECK(std::abs(got[i] - want[i]) <=
              kTolerance * std::max(std::abs(static_cast<double>(want[i])), rms));
    }
}

/// Log variances beyond the limit, on both sides.
void stretchLogVariances(registry::ModelFile& model)
{
    for (nn::NamedTensor& tensor : model.parameters)
        if (tensor.name == "encoder.head.bias")
            for (std::size_t i = model.config.latent; i < tensor.values.size(); ++i)
                tensor.values[i] = 20.0F * (static_cast<float>(i - model.config.latent) - 1.0F);
}

} // namespace

TEST_CASE("ONNX Runtime computes what the CPU backend computes, for any number of rows")
{
    for (registry::ModelFile model : {test::sampleNetwork(37, {19, 11}), test::sampleNetwork(37, {8}),
                                      test::sampleNetwork(37, {13, 7, 5}), test::sampleConvolutions()}) {
        const test::TemporaryFolder folder;
        stretchLogVariances(model);
        registry::writeOnnx(folder / "model.onnx", model, "vae@3");
        const std::vector<nn::test::Spectra> batches = {nn::test::spectra(1, 37),
                                                        nn::test::spectra(33, 37, 11)};
        const json answer = runModel(folder / "model.onnx", batches);
        CHECK(answer["inputs"] == json({"flux", "weight"}));
        CHECK(answer["outputs"] == json({"latent_mean", "latent_log_variance", "reconstruction"}));
        const auto backend = nn::makeBackend("cpu", model.config, 0, 1);
        backend->setParameters(model.parameters);
        for (std::size_t i = 0; i < batches.size(); ++i) {
            const nn::Batch batch = batches[i].batch();
            std::vector<float> mean(batch.size * model.config.latent), logVariance(mean.size());
            std::vector<float> flux(batches[i].flux.size());
            backend->encode(batch, mean.data(), logVariance.data());
            backend->reconstruct(batch, flux.data());
            CHECK(*std::max_element(logVariance.begin(), logVariance.end()) == 12.0F);
            CHECK(*std::min_element(logVariance.begin(), logVariance.end()) == -12.0F);
            const json& result = answer["results"][i];
            checkOutput(result["latent_mean"], mean, batch.size);
            checkOutput(result["latent_log_variance"], logVariance, batch.size);
            checkOutput(result["reconstruction"], flux, batch.size);
        }
    }
}

TEST_CASE("an ONNX file says its versions, and the same model gives the same bytes")
{
    const test::TemporaryFolder folder;
    registry::writeOnnx(folder / "a.onnx", test::sampleNetwork(), "vae@3");
    registry::writeOnnx(folder / "b.onnx", test::sampleNetwork(), "vae@3");
    const std::string bytes = core::readText(folder / "a.onnx");
    CHECK(bytes == core::readText(folder / "b.onnx"));
    CHECK(bytes.starts_with("\x08\x08\x12\x08Voorwerp")); // ir_version (1) = 8, producer_name (2)
    CHECK_THAT(bytes, Contains(std::string("\x42\x04\x0a\x00\x10\x0d",
                                           6))); // opset_import (8): domain "", version 13
    CHECK_THAT(bytes, Contains("vae@3"));
    CHECK_THAT(bytes, Contains("λ in Å"));
}

TEST_CASE("what ONNX cannot hold is refused in words, and nothing is left behind")
{
    const test::TemporaryFolder folder;
    registry::ModelFile model = test::sampleNetwork();
    CHECK_THROWS_AS(registry::writeOnnx(folder / "absent/a.onnx", model, "vae@3"), core::SystemError);
    CHECK_THROWS_AS(registry::writeOnnx(folder.path(), model, "vae@3"), core::SystemError);
    model.config.architecture = "transformer";
    try {
        registry::writeOnnx(folder / "a.onnx", model, "vae@3");
        FAIL("it was written");
    } catch (const core::UserError& error) {
        CHECK_THAT(error.what(), Contains("transformer"));
        CHECK_THAT(error.remedy(), Contains("safetensors"));
    }
    CHECK(fs::is_empty(folder.path()));
}

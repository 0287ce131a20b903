// SPDX-License-Identifier: GPL-3.0-or-later
// Models to and from the files of other programs, by the command line.
#include "cli/end_to_end/cli_process.h"
#include "core/file_io.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <fstream>

using namespace voorwerp::test;
namespace fs = std::filesystem;
using Json = nlohmann::json;
using Catch::Matchers::Contains;

namespace {

/// A workspace with a training set "demo" and the model vae@1.
void trainSmallModel(const CliWorkspace& cli)
{
    cli.require({"mock", cli / "survey", "--targets", "400"});
    cli.require({"ingest", cli / "survey"});
    cli.require({"selection", "save", "quasars", "--rule", "spectype-qso-zwarn0/v1"});
    cli.require({"dataset", "build", "demo", "--selection", "quasars"});
    cli.require({"train", "--dataset", "demo", "--model", "vae", "--set", "epochs=2", "--set", "hidden=16",
                 "--set", "latent=3", "--device", "cpu"});
}

/// Another program's reading of the format: where the header ends, and the header.
struct Weights
{
    std::string bytes;
    std::size_t data = 0; ///< first byte of the numbers
    Json header;
};

Weights readWeights(const fs::path& file)
{
    Weights weights{voorwerp::core::readText(file), 0, {}};
    std::uint64_t length = 0;
    std::memcpy(&length, weights.bytes.data(), sizeof length);
    weights.data = sizeof length + length;
    weights.header = Json::parse(weights.bytes.substr(sizeof length, length));
    return weights;
}

/// As PyTorch saves a state_dict: without metadata.
void writeWeights(const fs::path& file, const Weights& weights)
{
    Json header = weights.header;
    header.erase("__metadata__");
    const std::string text = header.dump();
    const std::uint64_t length = text.size();
    std::ofstream(file, std::ios::binary)
        << std::string(reinterpret_cast<const char*>(&length), sizeof length) << text
        << weights.bytes.substr(weights.data);
}

void checkError(const CliResult& result, int exitCode, const std::string& part)
{
    INFO(result.output << result.error);
    CHECK(result.exitCode == exitCode);
    CHECK_THAT(result.json()["error"].get<std::string>(), Contains(part));
    CHECK_FALSE(result.json()["remedy"].get<std::string>().empty());
}

void comeBackUnchanged(const CliWorkspace& cli, const fs::path& file)
{
    const Json original = cli.require({"models", "show", "vae@1"});
    const Json imported = cli.require({"models", "import", file, "--name", "copy"});
    CHECK(imported["model"] == "copy@1");
    CHECK(imported["weights_as_exported"] == true);
    CHECK(imported["latent_density"] == "as exported");
    CHECK(imported["file_sha256"] == voorwerp::core::sha256OfFile(file));
    CHECK(cli.require({"models", "verify", "copy"})["ok"] == true);
    const Json shown = cli.require({"models", "show", "copy@1"});
    CHECK(shown["metrics"] == original["metrics"]);
    CHECK(shown["dataset"] == "demo");
    CHECK(shown["lineage"]["dataset"] == original["lineage"]["dataset"]);
    CHECK(shown["lineage"]["imported"]["sha256"] == imported["file_sha256"]);
    CHECK(shown["lineage"]["imported"]["exported_from"] == "vae@1");
    CHECK(shown["lineage"]["imported"]["scores"] == "absent");
    for (const char* model : {"vae", "copy"})
        cli.require({"score", "--model", model, "--selection", "quasars", "--device", "cpu"});
    const auto best = [&](const char* model) {
        Json row = cli.require({"candidates", "list", "--model", model, "--top", "1"})["candidates"][0];
        row.erase("model");
        return row;
    };
    CHECK(best("vae")["score"] == best("copy")["score"]);
}

void comeBackChanged(const CliWorkspace& cli, const fs::path& file)
{
    Weights weights = readWeights(file);
    const std::size_t bias =
        weights.data + weights.header["decoder.output.bias"]["data_offsets"][0].get<std::size_t>();
    const float other = 0.75F;
    std::memcpy(weights.bytes.data() + bias, &other, sizeof other);
    const fs::path foreign = cli / "foreign.safetensors";
    writeWeights(foreign, weights);
    checkError(cli.run({"models", "import", foreign, "--name", "vae"}), 2, "lost its metadata");
    const Json imported =
        cli.require({"models", "import", foreign, "--name", "vae", "--template", "vae@champion"});
    CHECK(imported["model"] == "vae@2");
    CHECK(imported["template"] == "vae@1");
    CHECK(imported["weights_as_exported"] == false);
    CHECK(imported["latent_density"] == "fitted again on the training set 'demo'");
    CHECK(cli.require({"models", "verify", "vae@2"})["ok"] == true);
    const Json shown = cli.require({"models", "show", "vae@2"});
    CHECK(shown["metrics"].empty());
    CHECK(shown["lineage"]["imported"]["template"]["model"] == "vae@1");
    CHECK(shown["lineage"]["imported"]["weights"] == "replaced");
    CHECK(cli.require({"models", "show", "vae@champion"})["version"] == 1);
    const auto scored = cli.require(
        {"score", "--model", "vae@2", "--selection", "quasars", "--device", "cpu", "--precision", "tf32"});
    CHECK(scored["precision"] == "tf32");
    CHECK(scored["device"] == "cpu");
    CHECK(scored["scored"] > 0);
    cli.require({"models", "export", "vae@2", "--format", "safetensors", "--out", cli / "again"});
    CHECK(readWeights(cli / "again").bytes.find(weights.bytes.substr(weights.data)) != std::string::npos);
}

} // namespace

TEST_CASE("a model goes out as safetensors and comes back with its golden outputs, changed or not")
{
    const CliWorkspace cli;
    trainSmallModel(cli);
    const fs::path file = cli / "vae.safetensors";
    const Json written =
        cli.require({"models", "export", "vae@champion", "--format", "safetensors", "--out", file});
    CHECK(written["model"] == "vae@1");
    CHECK(written["sha256"] == voorwerp::core::sha256OfFile(file));
    CHECK(written["bytes"] == fs::file_size(file));
    comeBackUnchanged(cli, file);
    comeBackChanged(cli, file);

    const Json onnx =
        cli.require({"models", "export", "vae@1", "--format", "onnx", "--out", cli / "vae.onnx"});
    CHECK(onnx["opset"] == 13);
    CHECK(onnx["ir_version"] == 8);
    CHECK(voorwerp::core::sha256OfFile(cli / "vae.onnx") == onnx["sha256"]);

    checkError(cli.run({"models", "export", "vae", "--format", "safetensors", "--out", cli / "absent" / "x"}),
               1, "absent");
    checkError(cli.run({"models", "export", "nobody", "--format", "onnx", "--out", cli / "x"}), 2, "nobody");
    checkError(cli.run({"models", "export", "vae", "--format", "keras", "--out", cli / "x"}), 2, "keras");
    CHECK_FALSE(fs::exists(cli / "x"));
}

TEST_CASE("an import elsewhere keeps the density, and one without a training set says what is absent")
{
    const CliWorkspace cli;
    trainSmallModel(cli);
    const fs::path file = cli / "vae.safetensors";
    cli.require({"models", "export", "vae", "--format", "safetensors", "--out", file});
    const CliWorkspace other;
    CHECK(other.require({"models", "import", file, "--name", "vae"})["has_latent_density"] == true);
    CHECK(other.require({"models", "verify"})["ok"] == true);
    Weights weights = readWeights(file);
    writeWeights(other / "foreign", weights);
    const Json foreign =
        other.require({"models", "import", other / "foreign", "--name", "v", "--template", "vae"});
    CHECK(foreign["has_latent_density"] == false);
    CHECK_THAT(foreign["latent_density"].get<std::string>(), Contains("'demo' is not in this workspace"));

    std::ofstream(other / "short", std::ios::binary) << weights.bytes.substr(0, weights.bytes.size() - 1);
    checkError(other.run({"models", "import", other / "short", "--name", "v"}), 3,
               "not a usable safetensors file");
    checkError(other.run({"models", "import", other / "absent", "--name", "v"}), 2, "absent");
    checkError(other.run({"models", "import", file, "--name", "../v"}), 2, "../v");
    checkError(other.run({"models", "import", file, "--name", "v", "--template", "nobody"}), 2, "nobody");
    CHECK(other.require({"models", "list"})["models"].size() == 2);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Models of every kind by the command line, from a compact training set to scores.
#include "cli/end_to_end/cli_process.h"

#include <catch2/catch.hpp>

using namespace voorwerp::test;
using Json = nlohmann::json;
using Catch::Matchers::Contains;

namespace {

/// Arguments of a small convolutional training with every term.
std::vector<std::string> convTraining(const std::string& model)
{
    std::vector<std::string> arguments{"train", "--dataset", "compact", "--model", model, "--device", "cpu"};
    for (const char* setting :
         {"architecture=conv", "channels=4,6", "kernels=5,3", "pools=8,4", "hidden=12", "decoder=16",
          "latent=3", "epochs=2", "batch=0", "scatter=learned", "redshift_shift=40", "noise_share=0.05",
          "consistency=0.1", "similarity=0.05", "precision=bf16"}) {
        arguments.emplace_back("--set");
        arguments.emplace_back(setting);
    }
    return arguments;
}

} // namespace

TEST_CASE("A convolutional model is trained on a compact training set, stored, scored with and exported")
{
    const CliWorkspace cli;
    cli.require({"mock", cli / "survey", "--targets", "300"});
    cli.require({"ingest", cli / "survey"});
    cli.require({"selection", "save", "quasars", "--rule", "spectype-qso-zwarn0/v1"});
    const Json exact = cli.require({"dataset", "build", "exact", "--selection", "quasars"});
    const Json compact = cli.require({"dataset", "build", "compact", "--selection", "quasars", "--compact"});
    CHECK(compact["spectra"] == exact["spectra"]);
    CHECK(cli.require({"dataset", "show", "exact"})["storage"] == "exact");
    CHECK(cli.require({"dataset", "show", "compact"})["storage"] == "compact");
    CHECK(std::filesystem::file_size(compact["file"].get<std::string>()) <
          std::filesystem::file_size(exact["file"].get<std::string>()) / 2);

    const Json trained = cli.require(convTraining("conv"));
    CHECK(trained["epochs"] == 2);
    CHECK(trained["train_loss"] > 0.0);
    const Json again = cli.require(convTraining("twin"));
    CHECK(again["validation_loss"] == trained["validation_loss"]);
    CHECK(cli.require({"models", "verify", "conv"})["ok"] == true);
    const Json scored =
        cli.require({"score", "--model", "conv", "--selection", "quasars", "--device", "cpu"});
    CHECK(scored["scored"] == exact["spectra"]);
    for (const char* format : {"onnx", "safetensors"})
        cli.require({"models", "export", "conv", "--format", format, "--out", cli / format});
    CHECK(cli.require({"models", "import", cli / "safetensors", "--name", "copy"})["weights_as_exported"] ==
          true);
}

TEST_CASE("Settings that do not go together are refused before anything is done")
{
    const CliWorkspace cli;
    const auto refused = [&](const char* setting) {
        return cli.run({"train", "--dataset", "none", "--model", "m", "--set", setting}).error;
    };
    CHECK_THAT(refused("precision=fp8"), Contains("allowed are fp32, tf32, bf16"));
    CHECK_THAT(refused("consistency=1"), Contains("there is no augmentation"));
    CHECK_THAT(refused("kernels=3"), Contains("'channels', 'kernels' and 'pools'"));
    CHECK_THAT(cli.run({"device", "check", "--precision", "fp8"}).error, Contains("fp8"));
    const Json check = cli.require({"device", "check", "--device", "cpu", "--precision", "bf16"});
    CHECK(check["sound"] == true);
    CHECK(check["precision"] == "bf16");
}

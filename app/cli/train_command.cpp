// SPDX-License-Identifier: GPL-3.0-or-later
// train --dataset NAME --model NAME [--config FILE.json] [--set KEY=VALUE]... [--device ...] [--resume]
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/pipeline/train_job.h"
#include "core/error.h"
#include "core/file_io.h"

namespace voorwerp::cli {

namespace {

struct TrainOptions
{
    pipeline::TrainRequest request;
    std::filesystem::path configFile;
    std::vector<std::string> settings;
};

std::string keyHelp()
{
    std::string text = "Keys of --config and --set:";
    for (const train::TrainKey& key : train::trainKeys())
        text += "\n  " + key.name + ": " + key.help;
    return text;
}

void declare(CLI::App& app, TrainOptions& options)
{
    app.add_option("--dataset", options.request.dataset, "training set")->required();
    app.add_option("--model", options.request.model, "name that the new version goes under")->required();
    app.add_option("--config", options.configFile, "JSON file with settings");
    app.add_option("--set", options.settings, "KEY=VALUE, wins over --config")->expected(1)->take_all();
    app.add_option("--device", options.request.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    app.add_flag("--resume", options.request.resume,
                 "go on from the checkpoint of an interrupted training, with its settings");
    app.footer(keyHelp());
}

nlohmann::json settingsIn(const std::filesystem::path& file)
{
    if (!std::filesystem::is_regular_file(file))
        throw core::UserError("--config: there is no file " + file.string(),
                              "Give a JSON file with settings, as {\"epochs\": 40}, or use --set KEY=VALUE.");
    const nlohmann::json object = nlohmann::json::parse(core::readText(file), nullptr, false);
    if (object.is_discarded())
        throw core::UserError(file.string() + " is not JSON", "Write one object, as {\"epochs\": 40}.");
    return object;
}

/// base with what --config and --set give on top.
train::TrainConfig changedConfig(train::TrainConfig base, const TrainOptions& options)
{
    if (!options.configFile.empty())
        base.overlay(settingsIn(options.configFile));
    for (const std::string& setting : options.settings)
        base.apply(setting);
    return base;
}

std::string epochLine(const train::EpochReport& epoch)
{
    return "epoch " + std::to_string(epoch.epoch) + "/" + std::to_string(epoch.epochs) + "  train " +
           fixedNumber(epoch.trainLoss, 4) + "  validation " + fixedNumber(epoch.validationLoss, 4) +
           (epoch.best ? " *" : "  ") + "  " + fixedNumber(epoch.spectraPerSecond, 0) + " spectra/s";
}

std::string epochsText(const pipeline::TrainReport& report)
{
    const std::string best = ", best " + std::to_string(report.bestEpoch);
    return (report.stoppedEarly ? "stopped early at epoch " + std::to_string(report.epochs)
                                : counted(report.epochs, "epoch")) +
           best;
}

Outcome run(Runtime& runtime, const TrainOptions& options)
{
    pipeline::TrainRequest request = options.request;
    request.config = changedConfig({}, options); // wrong settings are told before a server is started
    if (request.resume)
        request.config =
            changedConfig(pipeline::interruptedConfig(runtime.session(), request.model), options);
    const pipeline::TrainReport report = pipeline::trainModel(
        runtime.session(), request,
        {[&](const train::EpochReport& epoch, const train::Preview&) { runtime.note(epochLine(epoch)); }},
        runtime.context());
    runtime.say("Model " + report.model + "@" + std::to_string(report.version) + " on " + report.device +
                ": " + epochsText(report) + ", validation loss " + fixedNumber(report.validationLoss, 4) +
                ", " + durationText(report.seconds));
    return {{{"model", report.model},
             {"version", report.version},
             {"sha256", report.sha256},
             {"device", report.device},
             {"epochs", report.epochs},
             {"best_epoch", report.bestEpoch},
             {"stopped_early", report.stoppedEarly},
             {"train_loss", report.trainLoss},
             {"validation_loss", report.validationLoss},
             {"spectra_per_second", report.spectraPerSecond},
             {"seconds", report.seconds}}};
}

} // namespace

void addTrainCommand(CommandLine& line)
{
    addVerb<TrainOptions>(line, line.app, "train", "train a variational autoencoder on a training set",
                          declare, run);
}

} // namespace voorwerp::cli

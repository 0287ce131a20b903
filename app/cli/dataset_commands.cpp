// SPDX-License-Identifier: GPL-3.0-or-later
// dataset build NAME --selection SEL [--recipe NAME|FILE] [--compact] | show NAME
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/pipeline/dataset_job.h"
#include "catalog/dataset_store.h"

namespace voorwerp::cli {

namespace {

struct ShowOptions
{
    std::string name;
};

void declareBuild(CLI::App& app, pipeline::DatasetRequest& request)
{
    app.add_option("name", request.name, "name of the training set")->required();
    app.add_option("--selection", request.selection, "a saved selection")->required();
    app.add_option("--recipe", request.recipe, "a recipe's name or JSON file (default: quasar)");
    app.add_flag("--compact", request.compact,
                 "three bytes a pixel instead of eight: for sets larger than the memory");
}

void declareShow(CLI::App& app, ShowOptions& options)
{
    app.add_option("name", options.name, "name of the training set")->required();
}

Outcome build(Runtime& runtime, const pipeline::DatasetRequest& request)
{
    const pipeline::DatasetReport report =
        pipeline::buildDataset(runtime.session(), request, runtime.context());
    for (const auto& [reason, count] : report.rejected)
        runtime.note("left out: " + counted(count, "spectrum", "spectra") + ", " + reason);
    runtime.say("Training set " + request.name + ": " + counted(report.spectra, "spectrum", "spectra") +
                " of " + std::to_string(report.pixels) + " pixels in " + report.file.string());
    return {{{"name", request.name},
             {"spectra", report.spectra},
             {"pixels", report.pixels},
             {"file", report.file.string()},
             {"sha256", report.sha256},
             {"rejected", report.rejected},
             {"seconds", report.seconds}}};
}

Outcome show(Runtime& runtime, const ShowOptions& options)
{
    const catalog::DatasetRecord record = catalog::findDataset(runtime.database(), options.name);
    const Json lineage = Json::parse(record.lineage, nullptr, false);
    const std::string storage = pipeline::storageOf(record);
    runtime.print("name       " + record.name + "\nspectra    " + std::to_string(record.spectra) + " of " +
                  std::to_string(record.pixels) + " pixels\nselection  " + record.selection + ": " +
                  record.where + "\nrecipe     " + record.recipe + " (" + record.recipeHash +
                  ")\nstorage    " + storage + "\nfile       " + record.file.string() + "\nsha256     " +
                  record.sha256 + "\ncreated    " + record.created);
    return {{{"name", record.name},
             {"spectra", record.spectra},
             {"pixels", record.pixels},
             {"file", record.file.string()},
             {"sha256", record.sha256},
             {"selection", record.selection},
             {"where", record.where},
             {"recipe", record.recipe},
             {"recipe_hash", record.recipeHash},
             {"storage", storage},
             {"created", record.created},
             {"lineage", lineage}}};
}

} // namespace

void addDatasetCommands(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "dataset", "training sets");
    addVerb<pipeline::DatasetRequest>(line, group, "build", "make one from a selection", declareBuild, build);
    addVerb<ShowOptions>(line, group, "show", "what it is made of", declareShow, show);
}

} // namespace voorwerp::cli

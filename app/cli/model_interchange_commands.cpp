// SPDX-License-Identifier: GPL-3.0-or-later
// models export | import
#include "app/cli/command.h"
#include "app/pipeline/model_interchange.h"
#include "registry/onnx_export.h"

namespace voorwerp::cli {

namespace {

constexpr const char* kOnnx = "onnx";

struct ExportOptions
{
    std::string model;
    std::string format;
    std::filesystem::path file;
};

void declareExport(CLI::App& app, ExportOptions& options)
{
    app.add_option("model", options.model, "NAME, NAME@VERSION or NAME@ALIAS")->required();
    app.add_option("--format", options.format,
                   "safetensors (weights, for PyTorch) or onnx (a graph that runs)")
        ->required()
        ->check(CLI::IsMember({"safetensors", kOnnx}));
    app.add_option("--out", options.file, "file to write")->required();
}

void declareImport(CLI::App& app, pipeline::ModelImportRequest& request)
{
    app.add_option("file", request.file, "safetensors file")->required();
    app.add_option("--name", request.name, "name that the new version goes under")->required();
    app.add_option(
        "--template", request.templateModel,
        "NAME, NAME@VERSION or NAME@ALIAS whose network, recipe and training set these weights belong "
        "to; needed for files that Voorwerp did not write");
}

Outcome exportModel(Runtime& runtime, const ExportOptions& options)
{
    const bool onnx = options.format == kOnnx;
    const pipeline::ModelExportReport report = pipeline::exportModel(
        runtime.session(), options.model,
        onnx ? pipeline::ModelFormat::Onnx : pipeline::ModelFormat::Safetensors, options.file);
    runtime.say("Model " + report.model + " written to " + options.file.string() + " as " + options.format +
                (onnx ? " (opset " + std::to_string(registry::kOnnxOpset) + ")" : std::string()));
    Json result{{"model", report.model},
                {"format", options.format},
                {"file", options.file.string()},
                {"sha256", report.sha256},
                {"bytes", report.bytes}};
    if (onnx) {
        result["opset"] = registry::kOnnxOpset;
        result["ir_version"] = registry::kOnnxIrVersion;
    }
    return {result};
}

Outcome importModel(Runtime& runtime, const pipeline::ModelImportRequest& request)
{
    const pipeline::ModelImportReport report =
        pipeline::importModel(runtime.session(), request, runtime.context());
    runtime.say("Model " + report.model + " has the weights of " + request.file.string() +
                (report.weightsAsExported ? ", as they were exported" : "") +
                "; golden outputs computed again; " + "latent density " + report.latentDensity +
                "; no scores yet");
    if (!report.hasLatentDensity)
        runtime.warn(
            "warning: without a latent density the density score of this model is 0 for every spectrum");
    return {{{"model", report.model},
             {"sha256", report.sha256},
             {"file", request.file.string()},
             {"file_sha256", report.fileSha256},
             {"template", report.templateModel},
             {"weights_as_exported", report.weightsAsExported},
             {"latent_density", report.latentDensity},
             {"has_latent_density", report.hasLatentDensity}}};
}

} // namespace

void addModelInterchangeVerbs(CommandLine& line, CLI::App& models)
{
    addVerb<ExportOptions>(line, models, "export", "write a version as safetensors or ONNX", declareExport,
                           exportModel);
    addVerb<pipeline::ModelImportRequest>(line, models, "import", "make a version from a safetensors file",
                                          declareImport, importModel);
}

} // namespace voorwerp::cli

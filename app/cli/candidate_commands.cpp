// SPDX-License-Identifier: GPL-3.0-or-later
// candidates list | export --model M [--selection SEL] [--top N] [--sort SCORE] [--format csv|fits] [--out
// FILE]
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/cli/whole_number.h"
#include "app/pipeline/candidates_job.h"
#include "core/error.h"

namespace voorwerp::cli {

namespace {

struct CandidateOptions
{
    pipeline::CandidatesRequest request;
    std::string format; ///< empty: from the file's name, else csv
    std::filesystem::path file;
};

void declareList(CLI::App& app, CandidateOptions& options)
{
    app.add_option("--model", options.request.model, "NAME, NAME@VERSION or NAME@ALIAS")->required();
    app.add_option("--selection", options.request.selection, "only these (default: all that were scored)");
    app.add_option("--top", options.request.top, "how many; 0: all")
        ->check(wholeNumber(0))
        ->capture_default_str();
    app.add_option("--sort", options.request.sortBy, "score column that ranks them")->capture_default_str();
}

void declareExport(CLI::App& app, CandidateOptions& options)
{
    declareList(app, options);
    app.add_option("--format", options.format, "csv or fits (default: as --out ends, else csv)")
        ->check(CLI::IsMember({"csv", "fits"}));
    app.add_option("--out", options.file, "file to write (default: candidates.csv or candidates.fits)");
}

Json jsonOf(const exporting::CandidateRow& row)
{
    return {{"RANK", row.rank},
            {"TARGETID", row.targetId.value},
            {"SURVEY", row.survey},
            {"PROGRAM", row.program},
            {"HEALPIX", row.healpix},
            {"TARGET_RA", row.targetRa},
            {"TARGET_DEC", row.targetDec},
            {"Z", row.z},
            {"ZWARN", row.zwarn},
            {"SPECTYPE", row.spectype},
            {"SNR", row.snr},
            {"SCORE", row.score},
            {"CHI2", row.chi2},
            {"ROBUST", row.robust},
            {"SMOOTHED", row.smoothed},
            {"DENSITY", row.density},
            {"KL", row.kl},
            {"ARTEFACT", row.artefact},
            {"P_VALUE", row.pValue},
            {"Q_VALUE", row.qValue},
            {"KIND", row.kind},
            {"LABEL", row.label},
            {"MODEL", row.model},
            {"MODEL_SHA256", row.modelSha256}};
}

Outcome list(Runtime& runtime, const CandidateOptions& options)
{
    Json rows = Json::array();
    TextTable table({">rank", ">targetid", ">z", ">S/N", ">score", ">p", ">q", ">artefact", "kind", "label"});
    for (const exporting::CandidateRow& row :
         pipeline::listCandidates(runtime.session(), options.request, runtime.context())) {
        rows.push_back(jsonOf(row));
        table.add({std::to_string(row.rank), std::to_string(row.targetId.value), fixedNumber(row.z, 3),
                   fixedNumber(row.snr, 1), fixedNumber(row.score, 4), shortNumber(row.pValue),
                   shortNumber(row.qValue), fixedNumber(row.artefact, 2), row.kind, row.label});
    }
    runtime.print(table.text());
    return {{{"count", rows.size()}, {"candidates", std::move(rows)}}};
}

std::string formatOf(const CandidateOptions& options)
{
    if (!options.format.empty())
        return options.format;
    const std::string extension = options.file.extension().string();
    if (extension.empty() || extension == ".csv")
        return "csv";
    if (extension == ".fits" || extension == ".fit")
        return "fits";
    throw core::UserError("cannot tell a format from " + options.file.string(),
                          "Say --format csv or --format fits.");
}

Outcome exportList(Runtime& runtime, const CandidateOptions& options)
{
    const std::string format = formatOf(options);
    const std::filesystem::path file =
        options.file.empty() ? std::filesystem::path("candidates." + format) : options.file;
    const pipeline::CandidateExportReport report =
        pipeline::exportCandidates(runtime.session(), options.request, format, file, runtime.context());
    runtime.say(counted(report.rows, "candidate") + " in " + report.file.string());
    return {{{"file", report.file.string()},
             {"format", format},
             {"rows", report.rows},
             {"sha256", report.sha256}}};
}

} // namespace

void addCandidateCommands(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "candidates", "the ranked list");
    addVerb<CandidateOptions>(line, group, "list", "show it", declareList, list);
    addVerb<CandidateOptions>(line, group, "export", "write it to a file", declareExport, exportList);
}

} // namespace voorwerp::cli

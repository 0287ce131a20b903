// SPDX-License-Identifier: GPL-3.0-or-later
// label set TARGETID --class C [--quality Q] [--comment T] | list | import FILE | export FILE
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/cli/whole_number.h"
#include "app/pipeline/provenance.h"
#include "catalog/label_store.h"
#include "core/error.h"
#include "export/label_file.h"

#include <optional>

namespace voorwerp::cli {

namespace {

struct LabelOptions
{
    std::int64_t target = 0;
    std::string labelClass;
    std::optional<int> quality;
    std::string comment;
};

struct FileOptions
{
    std::filesystem::path file;
};

void declareSet(CLI::App& app, LabelOptions& options)
{
    app.add_option("targetid", options.target, "DESI TARGETID")->check(wholeNumber())->required();
    app.add_option("--class", options.labelClass, "what it is: BAL, artefact, normal, ...")->required();
    app.add_option("--quality", options.quality, "DESI visual inspection quality")->check(CLI::Range(0, 4));
    app.add_option("--comment", options.comment, "free text");
}

void declareFile(CLI::App& app, FileOptions& options)
{
    app.add_option("file", options.file, "CSV with at least TARGETID and CLASS")->required();
}

Json jsonOf(const catalog::Label& label)
{
    return {{"targetid", label.targetId.value},
            {"class", label.labelClass},
            {"quality", label.quality ? Json(*label.quality) : Json()},
            {"comment", label.comment},
            {"author", label.author},
            {"time", label.time}};
}

Outcome set(Runtime& runtime, const LabelOptions& options)
{
    const catalog::Label label = catalog::setLabel(runtime.database(), {options.target}, options.labelClass,
                                                   options.quality, options.comment, pipeline::currentUser());
    runtime.say("Target " + std::to_string(options.target) + " is labelled " + label.labelClass);
    return {jsonOf(label)};
}

Outcome list(Runtime& runtime, const NoOptions&)
{
    Json rows = Json::array();
    TextTable table({">targetid", "class", ">quality", "author", "time", "comment"});
    for (const catalog::Label& label : catalog::listLabels(runtime.database())) {
        rows.push_back(jsonOf(label));
        table.add({std::to_string(label.targetId.value), label.labelClass,
                   label.quality ? std::to_string(*label.quality) : "-", label.author, label.time,
                   label.comment});
    }
    runtime.print(table.text());
    return {{{"labels", std::move(rows)}}};
}

std::vector<catalog::Label> labelsOf(const exporting::LabelFile& file)
{
    std::vector<catalog::Label> labels;
    for (const exporting::LabelRow& row : file.rows)
        labels.push_back({row.targetId, row.labelClass, row.quality, row.comment,
                          row.author.empty() ? pipeline::currentUser() : row.author, row.time});
    return labels;
}

Outcome importFile(Runtime& runtime, const FileOptions& options)
{
    const exporting::LabelFile file = exporting::readLabelFile(options.file);
    for (const exporting::LabelFileProblem& problem : file.problems)
        runtime.warn("not taken: " + options.file.string() + ":" + std::to_string(problem.line) + ": " +
                     problem.reason);
    const catalog::LabelImportCounts counts = catalog::importLabels(runtime.database(), labelsOf(file));
    runtime.say(counted(counts.added, "label") + " imported, " + std::to_string(counts.known) +
                " were known");
    return {{{"added", counts.added},
             {"known", counts.known},
             {"older", counts.older},
             {"rejected", file.problems.size()},
             {"ignored_columns", file.ignoredColumns}},
            file.problems.empty() ? ExitCode::Done : ExitCode::BadData};
}

Outcome exportFile(Runtime& runtime, const FileOptions& options)
{
    std::vector<exporting::LabelRow> rows;
    for (const catalog::Label& label : catalog::listLabels(runtime.database()))
        rows.push_back(
            {label.targetId, label.labelClass, label.quality, label.comment, label.author, label.time});
    exporting::writeLabelFile(options.file, rows);
    runtime.say(counted(static_cast<std::int64_t>(rows.size()), "label") + " in " + options.file.string());
    return {{{"file", options.file.string()}, {"labels", rows.size()}}};
}

} // namespace

void addLabelCommands(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "label", "what people say about targets");
    addVerb<LabelOptions>(line, group, "set", "label a target", declareSet, set);
    addVerb<NoOptions>(line, group, "list", "all current labels", declareNothing, list);
    addVerb<FileOptions>(line, group, "import", "read labels from a CSV file", declareFile, importFile);
    addVerb<FileOptions>(line, group, "export", "write the current labels to a CSV file", declareFile,
                         exportFile);
}

} // namespace voorwerp::cli

// SPDX-License-Identifier: GPL-3.0-or-later
// match import NAME FILE [--ra COL --dec COL] [--replace] | list | run NAME --radius ARCSEC [--where EXPR]
// [--out FILE] | drop NAME
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/pipeline/match_job.h"
#include "app/pipeline/provenance.h"

namespace voorwerp::cli {

namespace {

struct ImportOptions
{
    pipeline::CatalogueRequest request;
};

struct RunOptions
{
    catalog::MatchRequest request;
    std::filesystem::path out;
};

struct NameOptions
{
    std::string name;
};

void declareImport(CLI::App& app, ImportOptions& options)
{
    app.add_option("name", options.request.name, "name to use in expressions: matched('NAME')")->required();
    app.add_option("file", options.request.file, "CSV, ECSV, VOTable or FITS table")->required();
    auto* ra = app.add_option("--ra", options.request.raColumn,
                              "column of the right ascension (default: by UCD, then by the usual names)");
    auto* dec = app.add_option("--dec", options.request.decColumn, "column of the declination");
    ra->needs(dec);
    dec->needs(ra);
    app.add_flag("--replace", options.request.replace, "replace a catalogue of this name, and its matches");
}

void declareRun(CLI::App& app, RunOptions& options)
{
    app.add_option("name", options.request.catalogue, "the imported catalogue")->required();
    app.add_option("--radius", options.request.radiusArcsec, "largest separation in arcsec")->required();
    app.add_option("--where", options.request.where, "only spectra that fulfil this expression");
    app.add_option("--out", options.out, "write the pairs to this CSV file");
}

void declareName(CLI::App& app, NameOptions& options)
{
    app.add_option("name", options.name, "the imported catalogue")->required();
}

Json jsonOf(const catalog::ImportedCatalogue& catalogue)
{
    Json json{{"name", catalogue.name},
              {"file", catalogue.source},
              {"sha256", catalogue.sha256},
              {"format", catalogue.format},
              {"rows", catalogue.rows},
              {"rejected", catalogue.rejected},
              {"ra_column", catalogue.raColumn},
              {"dec_column", catalogue.decColumn},
              {"columns", Json::array()},
              {"imported", catalogue.imported},
              {"imported_by", catalogue.importedBy},
              {"match", Json()}};
    for (const catalog::ImportedColumn& column : catalogue.columns)
        json["columns"].push_back(column.name);
    if (catalogue.match) {
        json["match"] = Json::parse(catalogue.match->statistics);
        json["match"]["where"] = catalogue.match->where;
        json["match"]["matched_at"] = catalogue.match->matched;
        json["match"]["outdated"] = catalogue.match->outdated;
    }
    return json;
}

Outcome importFile(Runtime& runtime, const ImportOptions& options)
{
    const auto report = pipeline::importCatalogue(runtime.database(), options.request, runtime.context());
    runtime.clearProgress();
    for (const std::string& note : report.notes)
        runtime.warn(note);
    for (const pipeline::CatalogueProblem& problem : report.problems)
        runtime.warn("not taken: " + options.request.file.string() + ", " + problem.place + ": " +
                     problem.reason);
    runtime.say(report.catalogue.name + ": " + counted(report.catalogue.rows, "row") + " of " +
                std::to_string(report.catalogue.columns.size()) + " columns, places from " +
                report.catalogue.raColumn + " and " + report.catalogue.decColumn + " (" + report.foundBy +
                ")");
    Json json = jsonOf(report.catalogue);
    json["seconds"] = report.seconds;
    return {std::move(json), report.catalogue.rejected > 0 ? ExitCode::BadData : ExitCode::Done};
}

Outcome list(Runtime& runtime, const NoOptions&)
{
    Json rows = Json::array();
    TextTable table({"name", ">rows", ">matched", ">radius", "state", "imported", "file"});
    for (const catalog::ImportedCatalogue& catalogue : catalog::listCatalogues(runtime.database())) {
        rows.push_back(jsonOf(catalogue));
        const auto& match = catalogue.match;
        const auto matched =
            match ? std::to_string(catalog::MatchStatistics::fromJson(match->statistics).matched) : "-";
        table.add({catalogue.name, std::to_string(catalogue.rows), matched,
                   match ? fixedNumber(match->radiusArcsec, 1) + "\"" : "-",
                   !match            ? "not matched"
                   : match->outdated ? "older than the spectra: match again"
                                     : "current",
                   catalogue.imported, catalogue.source});
    }
    runtime.print(table.text());
    return {{{"catalogues", std::move(rows)}}};
}

std::string report(const catalog::MatchStatistics& statistics)
{
    TextTable table({">within", ">matched", ">chance (density)", ">chance (shifted)"});
    for (std::size_t i = 0; i < statistics.curve.size(); ++i)
        if (const auto& point = statistics.curve[i]; i % 3 == 2 || i == statistics.curve.size() - 1)
            table.add({fixedNumber(point.radiusArcsec, 2) + "\"", std::to_string(point.matched),
                       fixedNumber(point.chanceByDensity, 2), fixedNumber(point.chanceByShift, 2)});
    return table.text();
}

Outcome run(Runtime& runtime, const RunOptions& options)
{
    catalog::MatchRequest request = options.request;
    request.who = pipeline::currentUser();
    const auto statistics = catalog::matchCatalogue(runtime.database(), request, runtime.context());
    runtime.clearProgress();
    if (!options.out.empty())
        pipeline::writeMatches(runtime.database(), request.catalogue, options.out, runtime.stopToken());
    runtime.say(report(statistics));
    runtime.say(std::to_string(statistics.matched) + " of " + counted(statistics.rows, "row") + " (" +
                std::to_string(statistics.inFootprint) + " in the footprint) match " +
                counted(statistics.objects, "object") + " in " +
                counted(statistics.spectra, "spectrum", "spectra") + "; " +
                std::to_string(statistics.multiple) + " have more than one object");
    runtime.say("expected by chance: " + fixedNumber(statistics.chanceByDensity, 2) + " from the density, " +
                fixedNumber(statistics.chanceByShift, 2) + " ± " +
                fixedNumber(statistics.chanceByShiftError, 2) + " from shifted places");
    Json json = Json::parse(statistics.toJson());
    if (!options.out.empty())
        json["file"] = options.out.string();
    return {std::move(json)};
}

Outcome drop(Runtime& runtime, const NameOptions& options)
{
    catalog::dropCatalogue(runtime.database(), options.name);
    runtime.say("The catalogue " + options.name + " and its matches are removed");
    return {{{"name", options.name}}};
}

} // namespace

void addMatchCommands(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "match", "catalogues of other people, matched by place");
    addVerb<ImportOptions>(line, group, "import", "read a catalogue from a file", declareImport, importFile);
    addVerb<NoOptions>(line, group, "list", "imported catalogues and their last matches", declareNothing,
                       list);
    addVerb<RunOptions>(line, group, "run", "match the spectra with a catalogue", declareRun, run);
    addVerb<NameOptions>(line, group, "drop", "remove a catalogue", declareName, drop);
}

} // namespace voorwerp::cli

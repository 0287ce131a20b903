// SPDX-License-Identifier: GPL-3.0-or-later
// ingest PATH... [--specprod NAME] [--quasars] [--lossless] [--threads N] [--report]
#include "app/cli/command.h"
#include "app/cli/quality_commands.h"
#include "app/cli/text_table.h"
#include "app/pipeline/ingest_job.h"

namespace voorwerp::cli {

namespace {

struct IngestOptions
{
    pipeline::IngestRequest request;
    bool report = false;
};

void declare(CLI::App& app, IngestOptions& options)
{
    pipeline::IngestRequest& request = options.request;
    app.add_option("paths", request.paths, "files or folders, searched recursively")->required();
    app.add_option("--specprod", request.specprod, "production (default: what the files say)");
    app.add_flag(
        "--catalog", request.catalogTables,
        "fill the tables of DESI's schema (zpix, photometry) from coadds, too, also of files known already");
    app.add_flag_callback(
        "--lossless", [&request] { request.pixels = catalog::PixelStorage::Lossless; },
        "store every bit of the pixels (three times the space; default: rounded to 1 % of the noise)");
    app.add_flag("--quasars", request.quasarsOnly,
                 "only what redrock, QuasarNet, the Mg II fit or a QSO catalogue calls a quasar");
    app.add_option("--threads", request.threads, "files read at once (default: one a core, at most 8)");
    app.add_flag("--report", options.report, "end with a data quality report, as catalog report makes it");
}

Json problemsOf(const pipeline::IngestReport& report)
{
    Json problems = Json::array();
    for (const pipeline::IngestProblem& problem : report.problems)
        problems.push_back({{"where", problem.where()}, {"reason", problem.reason}});
    return problems;
}

Outcome run(Runtime& runtime, const IngestOptions& options)
{
    const pipeline::IngestReport report =
        pipeline::ingest(runtime.database(), options.request, runtime.context());
    for (const pipeline::IngestProblem& problem : report.problems)
        runtime.warn("not taken: " + problem.where() + ": " + problem.reason);
    runtime.say(counted(report.spectra, "spectrum", "spectra") + " from " + counted(report.files, "file") +
                " in " + durationText(report.seconds) + " (" + fixedNumber(report.spectraPerSecond(), 0) +
                "/s), " + counted(report.filesSkipped, "file") + " known already");
    if (report.catalogRows > 0)
        runtime.say(counted(report.catalogRows, "row") +
                    " of redshift catalogues; --specprod NAME catalog list "
                    "shows them");
    if (report.marked > 0)
        runtime.say(counted(report.marked, "spectrum", "spectra") +
                    " kept but left out of training; catalog list --where \"problem != ''\" shows why");
    const bool bad = report.filesRejected > 0 || report.rejected > 0;
    Outcome outcome{{{"files", report.files},
                     {"files_skipped", report.filesSkipped},
                     {"files_rejected", report.filesRejected},
                     {"spectra", report.spectra},
                     {"catalog_rows", report.catalogRows},
                     {"rejected", report.rejected},
                     {"marked", report.marked},
                     {"seconds", report.seconds},
                     {"spectra_per_second", report.spectraPerSecond()},
                     {"problems", problemsOf(report)}},
                    bad ? ExitCode::BadData : ExitCode::Done};
    if (options.report)
        outcome.result["report"] = reportQuality(runtime, {});
    return outcome;
}

} // namespace

void addIngestCommand(CommandLine& line)
{
    addVerb<IngestOptions>(line, line.app, "ingest", "read DESI files into the database", declare, run);
}

} // namespace voorwerp::cli

// SPDX-License-Identifier: GPL-3.0-or-later
// score --model NAME[@VERSION|@ALIAS] --selection SEL [--device ...] [--precision fp32|tf32]
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/pipeline/score_job.h"

namespace voorwerp::cli {

namespace {

void declare(CLI::App& app, pipeline::ScoreRequest& request)
{
    app.add_option("--model", request.model, "NAME, NAME@VERSION or NAME@ALIAS")->required();
    app.add_option("--selection", request.selection, "a saved selection")->required();
    app.add_option("--device", request.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    app.add_option("--precision", request.precision, "fp32 or tf32: faster, scores differ in the third digit")
        ->capture_default_str();
}

Outcome run(Runtime& runtime, const pipeline::ScoreRequest& request)
{
    const pipeline::ScoreReport report =
        pipeline::scoreSelection(runtime.session(), request, runtime.context());
    for (const auto& [reason, count] : report.rejected)
        runtime.note("not scored: " + counted(count, "spectrum", "spectra") + ", " + reason);
    runtime.say(report.model + " scored " + counted(report.scored, "spectrum", "spectra") + " on " +
                report.device + " (" + report.precision + ") in " + durationText(report.seconds) + " (" +
                fixedNumber(report.spectraPerSecond, 0) + "/s)");
    return {{{"model", report.model},
             {"model_sha256", report.modelSha256},
             {"device", report.device},
             {"precision", report.precision},
             {"scored", report.scored},
             {"rejected", report.rejected},
             {"seconds", report.seconds},
             {"spectra_per_second", report.spectraPerSecond}}};
}

} // namespace

void addScoreCommand(CommandLine& line)
{
    addVerb<pipeline::ScoreRequest>(line, line.app, "score", "score a selection with a model", declare, run);
}

} // namespace voorwerp::cli

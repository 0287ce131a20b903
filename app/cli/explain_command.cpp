// SPDX-License-Identifier: GPL-3.0-or-later
// explain --model M --target TARGETID
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/cli/whole_number.h"
#include "app/pipeline/explain_job.h"
#include "core/error.h"

namespace voorwerp::cli {

namespace {

struct ExplainOptions
{
    std::string model;
    std::int64_t target = 0;
};

void declare(CLI::App& app, ExplainOptions& options)
{
    app.add_option("--model", options.model, "NAME, NAME@VERSION or NAME@ALIAS")->required();
    app.add_option("--target", options.target, "DESI TARGETID")->check(wholeNumber())->required();
}

Json jsonOf(const score::Region& region)
{
    return {{"first_angstrom", region.firstAngstrom},
            {"last_angstrom", region.lastAngstrom},
            {"significance", region.significance},
            {"depth", region.depth},
            {"line", region.line},
            {"velocity_km_s", region.velocity}};
}

std::string lineText(const score::Region& region)
{
    if (region.line.empty())
        return "-";
    const std::string velocity = fixedNumber(region.velocity, 0);
    return region.line + " " + (region.velocity > 0 ? "+" : "") + velocity + " km/s";
}

std::string textOf(const pipeline::ExplainedSpectrum& explained)
{
    const score::Explanation& explanation = explained.explanation;
    const double z = explained.info.redshift ? explained.info.redshift->z : core::Redshift{}.z;
    std::string text = "target  " + std::to_string(explained.info.key.targetId.value) + ", z " +
                       fixedNumber(z, 4) + ", S/N " + fixedNumber(explained.info.snr, 1) + "\nkind    " +
                       explanation.suggestion.kind + ": " + explanation.suggestion.reason + "\n";
    TextTable table({">rest-frame wavelength [A]", ">sigma", ">depth", "nearest line"});
    for (const score::Region& region : explanation.regions)
        table.add({fixedNumber(region.firstAngstrom, 0) + " - " + fixedNumber(region.lastAngstrom, 0),
                   fixedNumber(region.significance, 1), fixedNumber(region.depth, 2), lineText(region)});
    return text + "\n" + (explanation.regions.empty() ? "no region stands out" : table.text());
}

Outcome run(Runtime& runtime, const ExplainOptions& options)
{
    pipeline::LoadedModel model = pipeline::loadModel(runtime.session(), options.model, "cpu");
    const core::SpectrumId id =
        pipeline::spectrumOfTarget(runtime.session(), {options.target}, model.version.id);
    const pipeline::ExplainedSpectrum explained = pipeline::explainSpectrum(runtime.session(), model, id);
    const score::Explanation& explanation = explained.explanation;
    if (!explanation.rejection.empty())
        throw core::FormatError("target " + std::to_string(options.target) +
                                    " cannot be modelled: " + explanation.rejection,
                                "Choose a target that the model has scored: candidates list shows them.");
    Json regions = Json::array();
    for (const score::Region& region : explanation.regions)
        regions.push_back(jsonOf(region));
    runtime.print(textOf(explained));
    return {{{"targetid", options.target},
             {"model", model.version.reference()},
             {"model_sha256", model.version.sha256},
             {"kind", explanation.suggestion.kind},
             {"reason", explanation.suggestion.reason},
             {"chi2", explanation.components.chi2},
             {"regions", std::move(regions)}}};
}

} // namespace

void addExplainCommand(CommandLine& line)
{
    addVerb<ExplainOptions>(line, line.app, "explain", "why a target ranks where it does", declare, run);
}

} // namespace voorwerp::cli

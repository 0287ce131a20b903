// SPDX-License-Identifier: GPL-3.0-or-later
// mock DIR --targets N [--seed S] [--anomalies F]
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/cli/whole_number.h"
#include "mock/mock_survey.h"

namespace voorwerp::cli {

namespace {

struct MockOptions
{
    std::filesystem::path folder;
    mock::MockConfig config;
};

void declare(CLI::App& app, MockOptions& options)
{
    app.add_option("folder", options.folder, "where the survey is written")->required();
    app.add_option("--targets", options.config.targets, "number of quasars and others")
        ->check(wholeNumber(1))
        ->required();
    app.add_option("--seed", options.config.seed, "the same seed gives the same survey")
        ->check(wholeNumber(0))
        ->capture_default_str();
    app.add_option("--anomalies", options.config.anomalyFraction, "fraction of true anomalies")
        ->capture_default_str();
}

Outcome run(Runtime& runtime, const MockOptions& options)
{
    const mock::MockSummary summary =
        mock::writeMockSurvey(options.folder, options.config, runtime.context());
    runtime.say(counted(summary.targets, "target") + " in " + counted(summary.files, "coadd file") + ": " +
                counted(summary.anomalies, "anomaly", "anomalies") + " and " +
                counted(summary.artefacts, "artefact") + ", named in " + summary.truth.string());
    return {{{"files", summary.files},
             {"targets", summary.targets},
             {"anomalies", summary.anomalies},
             {"artefacts", summary.artefacts},
             {"kinds", summary.kinds},
             {"truth", summary.truth.string()},
             {"seconds", summary.seconds}}};
}

} // namespace

void addMockCommand(CommandLine& line)
{
    addVerb<MockOptions>(line, line.app, "mock", "write a synthetic survey in DESI's layout", declare, run);
}

} // namespace voorwerp::cli

// SPDX-License-Identifier: GPL-3.0-or-later
// What the command line says about the data, against what the survey's files hold: the quality report, one
// target with the names of its bits, quasar rules in selections, and DESI's tables filled from coadds.
#include "cli/end_to_end/cli_process.h"
#include "cli/end_to_end/survey_truth.h"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include <algorithm>
#include <numeric>
#include <set>

using namespace voorwerp::test;
namespace fs = std::filesystem;
using Json = nlohmann::json;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kPlainRule = "spectype-qso-zwarn0/v1";

template <typename Test> std::int64_t countOf(const std::vector<SurveyTarget>& survey, Test test)
{
    return std::count_if(survey.begin(), survey.end(), test);
}

bool isWarned(const SurveyTarget& target)
{
    return target.zwarn != 0;
}

double medianZ(const std::vector<SurveyTarget>& survey)
{
    std::vector<double> z;
    for (const SurveyTarget& target : survey)
        z.push_back(target.z);
    std::sort(z.begin(), z.end());
    return (z[(z.size() - 1) / 2] + z[z.size() / 2]) / 2.0;
}

void checkReport(const Json& report, const std::vector<SurveyTarget>& survey)
{
    INFO(report.dump());
    const auto count = static_cast<std::int64_t>(survey.size());
    CHECK(report["spectra"] == count);
    CHECK(report["targets"] == count);
    CHECK(report["with_redshift"] == count);
    CHECK(report["zwarn_not_0"] == countOf(survey, isWarned));
    CHECK(report["z"]["values"] == count);
    CHECK(report["z"]["median"].get<double>() == Approx(medianZ(survey)).epsilon(1e-5));
    const auto bins = report["z"]["counts"].get<std::vector<std::int64_t>>();
    CHECK(std::accumulate(bins.begin(), bins.end(), std::int64_t{0}) == count);
    CHECK(report["snr"]["values"] == count);
    CHECK(report["snr"]["median"].get<double>() > report["snr"]["percent5"].get<double>());
    CHECK(report["repeated_targets"] == 0);
}

std::vector<SurveyTarget> makeSurvey(const CliWorkspace& cli, const std::string& name,
                                     const std::string& targets)
{
    cli.require({"mock", cli / name, "--targets", targets, "--seed", "11"});
    return readSurvey(cli / name);
}

} // namespace

TEST_CASE("the quality report after an ingest and at any time counts what the files hold")
{
    const CliWorkspace cli;
    auto survey = makeSurvey(cli, "survey", "300");
    REQUIRE(countOf(survey, isWarned) > 0);
    const fs::path broken = coaddsOf(cli / "survey").front();
    const auto lost = readSurvey(broken.parent_path());
    fs::resize_file(broken, fs::file_size(broken) / 2);
    survey.erase(std::remove_if(survey.begin(), survey.end(),
                                [&](const SurveyTarget& target) {
                                    return std::any_of(lost.begin(), lost.end(), [&](const auto& other) {
                                        return other.targetId == target.targetId;
                                    });
                                }),
                 survey.end());

    const CliResult ingest = cli.run({"ingest", cli / "survey", "--specprod", "one", "--report"});
    INFO(ingest.output << ingest.error);
    CHECK(ingest.exitCode == 3);
    const Json afterIngest = ingest.json()["report"];
    checkReport(afterIngest, survey);
    CHECK(afterIngest["refused_files"] == 1);
    CHECK(afterIngest["refusals"][0]["count"] == 1);

    Json report = cli.require({"catalog", "report"});
    checkReport(report, survey);
    CHECK(report["refused_files"] == 1);
    const auto far = [](const SurveyTarget& target) { return target.z > 2.0; };
    report = cli.require({"catalog", "report", "--where", "z > 2"});
    CHECK(report["spectra"] == countOf(survey, far));
    CHECK(report["zwarn_not_0"] ==
          countOf(survey, [&](const SurveyTarget& t) { return far(t) && isWarned(t); }));
    CHECK(cli.require({"catalog", "report", "--where", "z > 99"})["spectra"] == 0);
    CHECK(cli.run({"catalog", "report", "--where", "zz > 2"}).exitCode == 2);

    const std::string text = cli.runAsText({"catalog", "report"}).output;
    const std::string count = std::to_string(survey.size());
    CHECK_THAT(text, Contains("spectra           " + count + " of " + count + " targets"));
    CHECK_THAT(text, Contains("ZWARN not 0       " + std::to_string(countOf(survey, isWarned)) + " (") &&
                         Contains("Not taken from files (1 files, 0 rows)") &&
                         Contains("redshift          median"));

    // The same targets in another production: each has two spectra.
    fs::copy(cli / "survey", cli / "again", fs::copy_options::recursive);
    CHECK(cli.run({"ingest", cli / "again", "--specprod", "two"}).exitCode == 3);
    report = cli.require({"catalog", "report"});
    CHECK(report["spectra"] == 2 * survey.size());
    CHECK(report["repeated_targets"] == survey.size());
    CHECK(report["repeated_spectra"] == survey.size());
    CHECK(report["repeated"][0]["spectra"] == 2);
}

TEST_CASE("a target is described with the names of its bits, and a selection keeps its rule and version")
{
    const CliWorkspace cli;
    const auto survey = makeSurvey(cli, "survey", "200");
    cli.require({"ingest", cli / "survey"});
    const auto warned = std::find_if(survey.begin(), survey.end(), isWarned);
    const auto clean = std::find_if_not(survey.begin(), survey.end(), isWarned);
    REQUIRE(warned != survey.end());
    REQUIRE(warned->zwarn == 4);

    const auto describe = [&](const SurveyTarget& target) {
        const Json targets = cli.require({"catalog", "describe", std::to_string(target.targetId)})["targets"];
        REQUIRE(targets.size() == 1);
        CHECK(targets[0]["targetid"] == target.targetId);
        CHECK(targets[0]["z"].get<double>() == target.z);
        CHECK(targets[0]["spectype"] == target.spectype);
        CHECK(targets[0]["zwarn"]["value"] == target.zwarn);
        CHECK(targets[0]["desi_target"]["bits"][0]["name"] == "QSO");
        CHECK(fs::exists(targets[0]["source_file"].get<std::string>()));
        return targets[0];
    };
    const Json bad = describe(*warned);
    CHECK(bad["zwarn"]["bits"][0]["name"] == "SMALL_DELTA_CHI2");
    CHECK(bad["rules"][kPlainRule] == false);
    const Json good = describe(*clean);
    CHECK(good["zwarn"]["bits"].empty());
    CHECK(good["rules"][kPlainRule] == true);
    CHECK_THAT(cli.runAsText({"catalog", "describe", std::to_string(warned->targetId)}).output,
               Contains("4  SMALL_DELTA_CHI2") && Contains("desi_target") && Contains("QSO"));
    const CliResult nobody = cli.run({"catalog", "describe", "12"});
    CHECK(nobody.exitCode == 2);
    CHECK_THAT(nobody.json()["error"].get<std::string>(), Contains("no target 12"));

    const auto isGood = [](const SurveyTarget& t) { return t.zwarn == 0 && t.spectype == "QSO"; };
    const Json plain = cli.require({"selection", "save", "plain", "--rule", kPlainRule});
    CHECK(plain["count"] == countOf(survey, isGood));
    CHECK(plain["rule"] == kPlainRule);
    cli.require({"selection", "save", "far", "--where", "z > 2", "--rule", kPlainRule});
    const Json far = cli.require({"selection", "show", "far"});
    CHECK(far["count"] == countOf(survey, [&](const auto& t) { return t.z > 2.0 && isGood(t); }));
    CHECK(far["rule"] == kPlainRule);
    CHECK_THAT(far["where"].get<std::string>(), Contains("z > 2") && Contains(kPlainRule));
    CHECK_THAT(cli.runAsText({"selection", "show", "far"}).output, Contains(kPlainRule));
    cli.require({"selection", "save", "ruleless", "--where", "z > 2"});
    std::set<std::string> rules;
    const Json list = cli.require({"selection", "list"});
    for (const Json& selection : list["selections"])
        rules.insert(selection["name"].get<std::string>() + ": " + selection["rule"].get<std::string>());
    CHECK(rules == std::set<std::string>{std::string("far: ") + kPlainRule,
                                         std::string("plain: ") + kPlainRule, "ruleless: "});
    const CliResult old = cli.run({"selection", "save", "x", "--rule", "spectype-qso-zwarn0/v0"});
    CHECK(old.exitCode == 2);
    CHECK_THAT(old.json()["remedy"].get<std::string>(), Contains(kPlainRule));
    CHECK(cli.run({"selection", "save", "x"}).exitCode == 2);
}

TEST_CASE("an ingest with --catalog fills zpix and photometry of the production from the coadds")
{
    const CliWorkspace cli;
    const auto survey = makeSurvey(cli, "survey", "120");
    cli.require({"ingest", cli / "survey", "--specprod", "made"}); // without: no production
    CHECK(cli.run({"--specprod", "made", "catalog", "count"}).exitCode == 2);
    const Json again = cli.require({"ingest", cli / "survey", "--specprod", "made", "--catalog"});
    CHECK(again["spectra"] == 0);
    CHECK(cli.require({"--specprod", "made", "catalog", "count"})["count"] == survey.size());
    CHECK(cli.require({"--specprod", "made", "catalog", "count", "--where", "zwarn = 4"})["count"] ==
          countOf(survey, isWarned));

    pqxx::connection connection(cli.require({"workspace", "status"})["uri"].get<std::string>());
    pqxx::nontransaction work(connection);
    for (const SurveyTarget& target : survey) {
        const auto row = work.exec_params(
            "SELECT r.z, r.zwarn, r.spectype, r.survey, r.program, p.ra, p.dec, p.flux_g FROM made.zpix r "
            "JOIN made.photometry p USING (targetid) WHERE r.targetid = $1",
            target.targetId);
        REQUIRE(row.size() == 1);
        CHECK(row[0][0].as<double>() == target.z);
        CHECK(row[0][1].as<std::int64_t>() == target.zwarn);
        CHECK(row[0][2].as<std::string>() == target.spectype);
        CHECK(row[0][3].as<std::string>() + "/" + row[0][4].as<std::string>() == "main/dark");
        CHECK(row[0][5].as<double>() == target.ra);
        CHECK(row[0][6].as<double>() == target.dec);
        CHECK(row[0][7].as<double>() == Approx(target.fluxG).epsilon(1e-6));
    }
    CHECK(work.exec("SELECT count(*) FROM made.photometry")[0][0].as<std::size_t>() == survey.size());
}

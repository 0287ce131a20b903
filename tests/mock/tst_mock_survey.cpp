// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/file_io.h"
#include "fits/afterburner_reader.h"
#include "fits/coadd_reader.h"
#include "fits/desi_tree.h"
#include "fits/redshift_reader.h"
#include "mock/healpix.h"
#include "mock/mock_survey.h"
#include "mock/population.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <sstream>

using namespace voorwerp;
using test::TemporaryFolder;

namespace {

/// Rows of truth.csv by TARGETID.
std::map<std::int64_t, std::vector<std::string>> readTruth(const std::filesystem::path& path)
{
    std::istringstream text(core::readText(path));
    std::map<std::int64_t, std::vector<std::string>> rows;
    std::string line;
    std::getline(text, line);
    REQUIRE(line == "TARGETID,KIND,CLASS,Z_TRUE,Z,MAG_R,SNR");
    while (std::getline(text, line)) {
        std::istringstream fields(line);
        std::vector<std::string> row;
        for (std::string field; std::getline(fields, field, ',');)
            row.push_back(field);
        rows[std::stoll(row.at(0))] = row;
    }
    return rows;
}

std::string hashOf(const std::filesystem::path& folder)
{
    std::string hashes = core::sha256OfFile(folder / "truth.csv");
    for (const fits::CoaddSource& source : fits::findDesiFiles({folder}).coadds)
        hashes += source.coadd.filename().string() + core::sha256OfFile(source.coadd) +
                  core::sha256OfFile(source.redrock) + core::sha256OfFile(source.quasarnet) +
                  core::sha256OfFile(source.mgii);
    return hashes;
}

} // namespace

TEST_CASE("the ordinary reader reads the whole mock survey, and it is what truth.csv says")
{
    const TemporaryFolder folder;
    core::JobContext context;
    const mock::MockConfig config{
        .targets = 200, .seed = 4, .anomalyFraction = 0.14, .artefactFraction = 0.05};
    const mock::MockSummary summary = mock::writeMockSurvey(folder.path(), config, context);
    CHECK(summary.targets == 200);
    CHECK(summary.anomalies == 28);
    CHECK(summary.artefacts == 10);
    CHECK(summary.kinds.at("felobal") == 2);
    CHECK(summary.kinds.size() == mock::kinds().size());
    const auto truth = readTruth(summary.truth);
    CHECK(truth.size() == 200);
    const fits::DesiFiles files = fits::findDesiFiles({folder.path()});
    CHECK(files.coadds.size() == static_cast<std::size_t>(summary.files));
    std::size_t read = 0;
    for (const fits::CoaddSource& source : files.coadds) {
        fits::CoaddReader reader(source.coadd);
        CHECK(reader.rejected().empty());
        const fits::RedrockTable redrock = fits::readRedrock(source.redrock);
        REQUIRE(redrock.rows.size() == reader.targets().size());
        for (std::size_t i = 0; i < reader.targets().size(); ++i) {
            core::TargetInfo info = reader.targets()[i];
            fits::assessSpectrum(reader.read(i), info);
            const auto& row = truth.at(info.key.targetId.value);
            CHECK(info.problem.empty());
            CHECK(info.key.survey == "main");
            CHECK(info.key.specprod == "mock");
            CHECK(mock::healpixOf(info.targetRa, info.targetDec) == info.key.spgrpval);
            CHECK(info.snr == Approx(std::stod(row[6])).margin(1e-3));
            CHECK(redrock.rows[i].first == info.key.targetId);
            CHECK(redrock.rows[i].second.z == Approx(std::stod(row[4])).margin(1e-6));
            CHECK(redrock.rows[i].second.spectype == "QSO");
            if (row[2] == "normal")
                CHECK(std::abs(std::stod(row[4]) - std::stod(row[3])) < 0.02);
            ++read;
        }
    }
    CHECK(read == 200);
}

TEST_CASE("the mock's afterburners find lines where they are, and redshifts that redrock took wrongly")
{
    const TemporaryFolder folder;
    core::JobContext context;
    const mock::MockSummary summary = mock::writeMockSurvey(
        folder.path(), {.targets = 200, .seed = 4, .anomalyFraction = 0.5, .artefactFraction = 0.0}, context);
    const auto truth = readTruth(summary.truth);
    std::size_t read = 0, sureQuasars = 0, quasars = 0, corrected = 0;
    for (const fits::CoaddSource& source : fits::findDesiFiles({folder.path()}).coadds) {
        const fits::AfterburnerTable quasarNet = fits::readQuasarNet(source.quasarnet);
        const fits::AfterburnerTable mgii = fits::readMgII(source.mgii);
        REQUIRE(quasarNet.rows.size() == mgii.rows.size());
        for (std::size_t i = 0; i < quasarNet.rows.size(); ++i) {
            const auto& [id, facts] = quasarNet.rows[i];
            const auto& row = truth.at(id.value);
            const double zTrue = std::stod(row[3]), z = std::stod(row[4]);
            const float highest = *std::max_element(facts.confidence.begin(), facts.confidence.end());
            CHECK(mgii.rows[i].first == id);
            CHECK(mgii.rows[i].second.isQsoMgii.has_value());
            CHECK((highest >= 0.0F && highest <= 1.0F));
            if (row[1] == "star" || row[1] == "galaxy")
                CHECK(highest < 0.5F);
            if (row[1] == "quasar") {
                ++quasars;
                sureQuasars += highest > 0.99F;
            }
            if (*facts.isQsoQnNewRr) {
                CHECK(highest > 0.99F);
                CHECK(std::abs(facts.zNew - zTrue) < 0.02);
                CHECK(std::abs(z - zTrue) > 0.05);
                ++corrected;
            } else {
                CHECK(facts.zNew == Approx(z).margin(1e-6));
            }
            ++read;
        }
    }
    CHECK(read == 200);
    CHECK(sureQuasars * 2 > quasars);
    CHECK(corrected > 0);
}

TEST_CASE("the same seed gives the same files, another seed others")
{
    const TemporaryFolder a, b, c;
    core::JobContext context;
    mock::writeMockSurvey(a.path(), {.targets = 25, .seed = 9}, context);
    mock::writeMockSurvey(b.path(), {.targets = 25, .seed = 9}, context);
    mock::writeMockSurvey(c.path(), {.targets = 25, .seed = 10}, context);
    CHECK(hashOf(a.path()) == hashOf(b.path()));
    CHECK(hashOf(a.path()) != hashOf(c.path()));
}

TEST_CASE("redshifts and magnitudes are distributed as DESI's")
{
    std::size_t peak = 0, all = 0;
    for (const mock::PixelGroup& group : mock::drawPopulation({.targets = 4000, .seed = 2})) {
        for (const mock::MockTarget& target : group.targets) {
            if (target.kind != mock::Kind::Quasar)
                continue;
            CHECK((target.zTrue >= 0.1 && target.zTrue <= 4.5));
            CHECK((target.magR >= 16.5 && target.magR <= 23.0));
            peak += target.zTrue > 1.0 && target.zTrue < 2.0;
            ++all;
        }
    }
    CHECK(all == 3520);
    CHECK(static_cast<double>(peak) / static_cast<double>(all) > 0.4);
}

TEST_CASE("a stop ends it, and truth.csv is then not there")
{
    const TemporaryFolder folder;
    std::stop_source source;
    int reports = 0;
    core::JobContext context(source.get_token(),
                             [&](const core::Progress&) { reports++ == 0 ? source.request_stop() : false; },
                             {});
    CHECK_THROWS_AS(mock::writeMockSurvey(folder.path(), {.targets = 200}, context), core::Cancelled);
    CHECK_FALSE(std::filesystem::exists(folder / "truth.csv"));
}

TEST_CASE("settings that make no sense are refused")
{
    const TemporaryFolder folder;
    core::JobContext context;
    for (const mock::MockConfig& config : {mock::MockConfig{.targets = 0},
                                           {.anomalyFraction = 1.5},
                                           {.anomalyFraction = 0.6, .artefactFraction = 0.6},
                                           {.anomalyFraction = -0.1}})
        CHECK_THROWS_AS(mock::writeMockSurvey(folder.path(), config, context), core::UserError);
}

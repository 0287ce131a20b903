// SPDX-License-Identifier: GPL-3.0-or-later
// What the quasar afterburners found goes in with the coadd: values, changes, damage; and the rules on a mock
// survey.
#include "app/pipeline/dataset_job.h"
#include "catalog/dataset_store.h"
#include "catalog/ingest_store.h"
#include "catalog/quasar_rule.h"
#include "catalog/refusal_store.h"
#include "catalog/selection_store.h"
#include "catalog/target_query.h"
#include "core/file_io.h"
#include "fits/afterburner_reader.h"
#include "fits/desi_tree.h"
#include "fits/redshift_reader.h"
#include "fits/table_writer.h"
#include "pipeline/pipeline_fixture.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <pqxx/pqxx>

using namespace voorwerp;
namespace fs = std::filesystem;

namespace {

std::vector<catalog::TargetRow> allRows(const catalog::Database& database)
{
    catalog::TargetPageRequest request;
    request.limit = 10'000;
    return catalog::queryTargets(database, request).rows;
}

/// DESI's rule in plain words, for the mock production (no entry of its own in the rules).
bool isGood(const core::TargetInfo& t)
{
    if (!t.redshift || t.objtype != "TGT" || (t.redshift->zwarn != 0 && t.redshift->zwarn != 4))
        return false;
    if ((*t.coaddFiberstatus & ~((1 << 3) | (1 << 14))) != 0)
        return false;
    float highest = 0.0F;
    for (const float confidence : t.quasar.confidence)
        highest = std::max(highest, confidence);
    const bool isQuasarNet = highest > 0.99F;
    if (t.redshift->spectype != "QSO" && !*t.quasar.isQsoMgii && !isQuasarNet)
        return false;
    const bool useNew = isQuasarNet && *t.quasar.isQsoQnNewRr;
    const double z = useNew ? t.quasar.zNew : t.redshift->z;
    const double gap = useNew ? t.quasar.deltachi2New : t.redshift->deltachi2;
    return z <= 5.0 && !(z < 0.5 && std::log10(gap + 1e-6) < 3.0 - 3.5 * z);
}

fs::path onlyFile(const fs::path& folder, const std::string& beginning)
{
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.path().filename().string().starts_with(beginning))
            return entry.path();
    FAIL("no file " << beginning);
    throw;
}

/// The targets of one file become galaxies: the mock survey has quasars only.
void makeGalaxies(const fs::path& survey)
{
    const fs::path redrock = onlyFile(survey, "redrock-");
    const std::string name = redrock.filename().string().substr(std::string("redrock-").size());
    fs::remove(redrock.parent_path() / ("qso_qn-" + name));
    fs::remove(redrock.parent_path() / ("qso_mgii-" + name));
    std::string bytes = core::readText(redrock);
    for (const std::string& word : {std::string("QSO   "), std::string("QSO\0\0\0", 6)})
        for (auto at = bytes.find(word); at != std::string::npos; at = bytes.find(word, at))
            bytes.replace(at, word.size(), "GALAXY");
    std::ofstream(redrock, std::ios::binary) << bytes;
}

} // namespace

TEST_CASE("The afterburners' findings are in the database, and the rule chooses as a plain evaluation does")
{
    test::PipelineFixture fixture;
    const fs::path survey = fixture.mockSurvey("survey", 400);
    CHECK(fixture.ingest(survey).rejected == 0);
    std::map<std::int64_t, core::QuasarFacts> written;
    for (const fits::CoaddSource& source : fits::findDesiFiles({survey}).coadds) {
        for (const auto& [id, facts] : fits::readQuasarNet(source.quasarnet).rows)
            written[id.value] = facts;
        for (const auto& [id, facts] : fits::readMgII(source.mgii).rows)
            written[id.value] = fits::merged(written[id.value], facts);
    }
    std::size_t good = 0, corrected = 0;
    const auto rows = allRows(fixture.database());
    REQUIRE(rows.size() == 400);
    for (const catalog::TargetRow& row : rows) {
        const core::QuasarFacts& facts = row.info.quasar;
        const core::QuasarFacts& expected = written.at(row.info.key.targetId.value);
        CHECK(facts.source == "afterburner");
        CHECK(facts.confidence == expected.confidence);
        CHECK(facts.zNew == expected.zNew);
        CHECK(facts.zQn == expected.zQn);
        CHECK(facts.isQsoQnNewRr == expected.isQsoQnNewRr);
        CHECK(facts.isQsoMgii == expected.isQsoMgii);
        CHECK(facts.deltaChi2Mgii == expected.deltaChi2Mgii);
        CHECK(row.info.lastTileid.has_value());
        good += isGood(row.info) ? 1U : 0U;
        corrected += *facts.isQsoQnNewRr ? 1U : 0U;
        const std::string only = "id = " + std::to_string(row.id.value);
        CHECK(catalog::countTargets(fixture.database(), only + " and rule('desi-good-z-qso/v1')") ==
              (isGood(row.info) ? 1 : 0));
    }
    CHECK(corrected > 0);
    CHECK(good > 300);
    CHECK(catalog::countTargets(fixture.database(), "rule('desi-good-z-qso/v1')") ==
          static_cast<std::int64_t>(good));
    CHECK(catalog::countTargets(fixture.database(), "z_qso != z") == static_cast<std::int64_t>(corrected));
}

TEST_CASE("The rule of a selection travels with the training set")
{
    test::PipelineFixture fixture;
    fixture.ingest(fixture.mockSurvey("survey", 80));
    catalog::saveSelection(fixture.database(), "good", {}, "desi-good-z-qso/v1");
    pipeline::buildDataset(fixture.session(), {"set", "good", {}}, fixture.context());
    const auto record = catalog::findDataset(fixture.database(), "set");
    const auto lineage = nlohmann::json::parse(record.lineage);
    CHECK(lineage.at("rule") == "desi-good-z-qso/v1");
    CHECK(lineage.at("where") == "rule('desi-good-z-qso/v1')");
    CHECK(lineage.at("files").at(0).at("afterburner_sha256").get<std::string>().size() == 129);
}

TEST_CASE(
    "A changed afterburner file brings its coadd in again, a damaged one is listed and the coadd goes in")
{
    test::PipelineFixture fixture;
    const fs::path survey = fixture.mockSurvey("survey", 30);
    const fs::path mgii = onlyFile(survey, "qso_mgii-"), quasarNet = onlyFile(survey, "qso_qn-");
    CHECK(fixture.ingest(survey).files == 1);
    CHECK(fixture.ingest(survey).filesSkipped == 1);

    const std::int64_t id = allRows(fixture.database()).front().info.key.targetId.value;
    fits::writeFitsFile(mgii, [&](fits::FitsWriter& out) {
        out.addTable("MGII", {{"TARGETID", std::vector<std::int64_t>{id, id}},
                              {"IS_QSO_MGII", std::vector<bool>{true, false}},
                              {"DELTA_CHI2", std::vector<float>{1234.5F, 0.0F}}});
    });
    const auto changed = fixture.ingest(survey);
    CHECK(changed.files == 1);
    REQUIRE(changed.rejected == 1); // the repeated row
    CHECK(changed.problems.front().row == 1);
    CHECK(catalog::countTargets(fixture.database(), "delta_chi2_mgii = 1234.5 and is_qso_mgii = 1") == 1);
    CHECK(catalog::countTargets(fixture.database(), "is_qso_mgii is null and c_lya is not null") == 29);

    const fs::path saved = fixture.folder() / "saved.fits";
    fs::copy_file(quasarNet, saved);
    fs::resize_file(quasarNet, fs::file_size(saved) / 2);
    const auto damaged = fixture.ingest(survey);
    CHECK(damaged.files == 1);
    CHECK(damaged.filesRejected == 1);
    CHECK_THAT(fixture.problemsOf(damaged), Catch::Contains(quasarNet.filename().string()));
    CHECK(catalog::countTargets(fixture.database(), "c_lya is null and z > 0") == 30);
    const auto refusals = catalog::listRefusals(fixture.database());
    CHECK(refusals.size() == 2); // the file, and the row of the other one
    CHECK(std::count_if(refusals.begin(), refusals.end(), [&](const catalog::IngestRefusal& refusal) {
              return refusal.path == quasarNet.string() && !refusal.row && !refusal.noticed.empty();
          }) == 1);

    const auto again = fixture.ingest(survey); // listed until it is repaired
    CHECK(again.filesRejected == 1);
    CHECK(catalog::listRefusals(fixture.database()).size() == 2);
    fs::copy_file(saved, quasarNet, fs::copy_options::overwrite_existing);
    fixture.ingest(survey);
    CHECK(catalog::countTargets(fixture.database(), "c_lya is not null") == 30);
    const auto left = catalog::listRefusals(fixture.database());
    REQUIRE(left.size() == 1);
    CHECK(left.front().row == 1);
}

TEST_CASE(
    "A quasar catalogue fills in what no afterburner said, and takes it back when it says something else")
{
    test::PipelineFixture fixture;
    const fs::path survey = fixture.mockSurvey("survey", 20);
    fs::remove(onlyFile(survey, "qso_qn-"));
    const fs::path mgii = onlyFile(survey, "qso_mgii-");
    const auto writeCatalog = [&](const std::vector<std::int64_t>& ids) {
        const std::size_t n = ids.size();
        fits::writeFitsFile(survey / "QSO_cat_mock_cumulative_v1.fits", [&](fits::FitsWriter& out) {
            out.addTable("QSO_CAT", {{"TARGETID", ids},
                                     {"Z", std::vector<double>(n, 3.25)},
                                     {"PROBA_RF", std::vector<double>(n, 0.75)},
                                     {"C_LYA", std::vector<float>(n, 0.999F)},
                                     {"Z_QN", std::vector<float>(n, 3.2F)},
                                     {"QSO_MASKBITS", std::vector<std::int32_t>(n, 26)}});
        });
    };
    fs::remove(mgii);
    fixture.ingest(survey);
    const auto rows = allRows(fixture.database());
    writeCatalog({rows[0].info.key.targetId.value, rows[1].info.key.targetId.value});
    fixture.ingest(survey);
    const auto& database = fixture.database();
    CHECK(catalog::countTargets(database, "qso_source = 'qso_cat' and proba_rf = 0.75 and c_lya > 0.99") ==
          2);
    CHECK(catalog::countTargets(database, "qso_maskbits = 26 and z_qso = 3.25 and z_qso != z") == 2);
    CHECK(catalog::countTargets(database, "qso_maskbits = 2 and proba_rf is null") == 18);

    writeCatalog({rows[1].info.key.targetId.value});
    fixture.ingest(survey);
    CHECK(catalog::countTargets(database, "qso_source = 'qso_cat'") == 1);
    CHECK(catalog::countTargets(database, "qso_maskbits = 2 and proba_rf is null and z_new is null") == 19);
}

TEST_CASE("A quasar catalogue that meets another program's rows is tried again, and given up in the end")
{
    test::PipelineFixture fixture;
    fixture.ingest(fixture.mockSurvey("survey", 10));
    const std::int64_t id = allRows(fixture.database()).front().info.key.targetId.value;
    const fs::path catalogue = fixture.folder() / "QSO_cat_mock_cumulative_v1.fits";
    const auto ingestCatalog = [&](double probability) {
        fits::writeFitsFile(catalogue, [&](fits::FitsWriter& out) {
            out.addTable("QSO_CAT", {{"TARGETID", std::vector<std::int64_t>{id}},
                                     {"Z", std::vector<double>{3.25}},
                                     {"PROBA_RF", std::vector<double>{probability}}});
        });
        return fixture.ingest(catalogue);
    };
    pqxx::connection connection(fixture.database().uri());
    pqxx::nontransaction server(connection);
    // The first two times there is a deadlock.
    server.exec(
        "CREATE SEQUENCE voorwerp.meetings; CREATE FUNCTION voorwerp.meet() RETURNS trigger LANGUAGE "
        "plpgsql AS $$ BEGIN IF nextval('voorwerp.meetings') < 3 THEN RAISE EXCEPTION 'deadlock' USING "
        "ERRCODE = 'deadlock_detected'; END IF; RETURN NULL; END $$; CREATE TRIGGER meet AFTER INSERT ON "
        "voorwerp.catalog_redshift FOR EACH STATEMENT EXECUTE FUNCTION voorwerp.meet()");
    CHECK(ingestCatalog(0.5).files == 1);
    CHECK(catalog::countTargets(fixture.database(), "proba_rf = 0.5") == 1);
    server.exec("ALTER SEQUENCE voorwerp.meetings MINVALUE -100 RESTART WITH -100");
    try {
        ingestCatalog(0.75);
        FAIL("went in");
    } catch (const core::DatabaseError& error) {
        CHECK(error.kind() == core::DatabaseError::Kind::Conflict);
    }
    CHECK(catalog::countTargets(fixture.database(), "proba_rf = 0.5") == 1);
}

TEST_CASE("An ingest of quasars only takes what a pipeline or a catalogue calls one, and the rest may follow")
{
    test::PipelineFixture fixture;
    const fs::path survey = fixture.mockSurvey("survey", 300);
    makeGalaxies(survey);
    const auto ingest = [&](bool quasarsOnly) {
        return pipeline::ingest(fixture.database(),
                                {.paths = {survey}, .specprod = "test", .quasarsOnly = quasarsOnly},
                                fixture.context());
    };
    const auto some = ingest(true);
    const auto quasars = allRows(fixture.database());
    CHECK(some.spectra == static_cast<std::int64_t>(quasars.size()));
    CHECK(quasars.size() > 20);
    CHECK(quasars.size() < 300);
    for (const catalog::TargetRow& row : quasars)
        CHECK(catalog::qsoMaskbits(row.info) != 0);

    CHECK(ingest(true).filesSkipped == some.files);
    // A catalogue that comes later says that one of the others is a quasar.
    const std::int64_t id = fits::readRedrock(onlyFile(survey, "redrock-")).rows.front().first.value;
    const auto one = "targetid = " + std::to_string(id);
    REQUIRE(catalog::countTargets(fixture.database(), one) == 0);
    fits::writeFitsFile(survey / "QSO_cat_mock_cumulative_v1.fits", [&](fits::FitsWriter& out) {
        out.addTable("QSO_CAT",
                     {{"TARGETID", std::vector<std::int64_t>{id}}, {"Z", std::vector<double>{2.5}}});
    });
    CHECK(ingest(true).files > 1);
    CHECK(catalog::countTargets(fixture.database(), one) == 1);
    CHECK(ingest(true).files == 0);
    fs::remove(survey / "QSO_cat_mock_cumulative_v1.fits");
    CHECK(ingest(false).files == some.files); // others were left out: the files are read again
    CHECK(allRows(fixture.database()).size() == 300);
    CHECK(ingest(true).files == 0);
    CHECK(allRows(fixture.database()).size() == 300);
}

TEST_CASE("A quasar catalogue beside coadds without redshifts says which targets are quasars")
{
    const auto coadd = test::realData("desi/picca/coadd-1-80693-thru20210204.fits");
    const auto catalogue = test::realData("desi/picca/QSO_cat_fuji_dark_tile.fits.gz");
    test::PipelineFixture fixture;
    const auto report = pipeline::ingest(
        fixture.database(), {.paths = {coadd, catalogue}, .specprod = "fuji", .quasarsOnly = true},
        fixture.context());
    CHECK(report.spectra == 5);
    CHECK(catalog::countTargets(fixture.database(), "z > 2") == 5);
}

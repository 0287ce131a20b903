// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/database.h"
#include "catalog/dataset_store.h"
#include "catalog/job_store.h"
#include "catalog/label_store.h"
#include "catalog/maintenance.h"
#include "catalog/migrations.h"
#include "catalog/model_store.h"
#include "catalog/selection_store.h"
#include "catalog_fixture.h"
#include "child_process.h"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>
#include <thread>

using namespace voorwerp;
using namespace voorwerp::catalog;
using Catch::Matchers::Contains;

namespace {

void testLabels(const Database& database)
{
    const core::TargetId a{39627000000000001}, b{-7};
    CHECK_FALSE(currentLabel(database, a));
    const Label set = setLabel(database, a, "BAL", 4, "comma, \"quote\"; DROP TABLE label; ä", "ann");
    CHECK(set.time.size() == 24);
    CHECK(setLabel(database, a, "normal", {}, "", "ann").quality == std::nullopt);
    setLabel(database, b, "artefact", 1, "", "bob");
    CHECK(currentLabel(database, a)->labelClass == "normal");
    CHECK(listLabels(database).size() == 2);
    CHECK(listLabels(database)[0].targetId == b);

    // Undo goes back step by step, per author, and is a change itself.
    CHECK(undoLabel(database, "ann") == a);
    CHECK(currentLabel(database, a)->labelClass == "BAL");
    CHECK(currentLabel(database, a)->comment == set.comment);
    CHECK(undoLabel(database, "ann") == a);
    CHECK_FALSE(currentLabel(database, a));
    CHECK_FALSE(undoLabel(database, "ann"));
    CHECK(labelHistory(database, a).size() == 4);
    CHECK(labelHistory(database, a)[3].undoes == labelHistory(database, a)[0].id);
    CHECK(currentLabel(database, b)->author == "bob");
    clearLabel(database, b, "ann");
    CHECK_FALSE(currentLabel(database, b));
    CHECK(undoLabel(database, "ann") == b);
    CHECK(currentLabel(database, b)->labelClass == "artefact");
    setLabel(database, a, "DLA", 2, "", "ann");
    setLabel(database, a, "BAL", 2, "", "bob");
    CHECK_FALSE(undoLabel(database, "ann")); // bob's label rests on it
    CHECK(undoLabel(database, "bob") == a);
    CHECK(currentLabel(database, a)->labelClass == "DLA");

    CHECK_THROWS_AS(setLabel(database, a, "", {}, "", "ann"), core::UserError);
    CHECK_THROWS_AS(setLabel(database, a, "x", 5, "", "ann"), core::UserError);
    CHECK_THROWS_AS(setLabel(database, a, "x", {}, "", ""), core::UserError);

    // A file of labels: what was exported comes in without doubling, older ones do not win.
    const auto exported = listLabels(database);
    CHECK(importLabels(database, exported).known == static_cast<std::int64_t>(exported.size()));
    const std::vector<Label> news{{a, "old", {}, "", "eve", "2001-01-01T00:00:00Z"},
                                  {{5}, "new", 0, "", "eve", "2024-02-29T12:00:00.500Z"}};
    const auto counts = importLabels(database, news);
    CHECK(counts.added == 2);
    CHECK(counts.older == 1);
    CHECK(currentLabel(database, a)->labelClass == "DLA");
    CHECK(currentLabel(database, {5})->time == "2024-02-29T12:00:00.500Z");
    CHECK(importLabels(database, news).known == 2);
    const std::vector<Label> bad{{{6}, "fine", {}, "", "eve", ""},
                                 {{6}, "bad time", {}, "", "eve", "yesterday evening"}};
    CHECK_THROWS_AS(importLabels(database, bad), core::DatabaseError);
    CHECK_FALSE(currentLabel(database, {6}));
}

void testModels(const Database& database)
{
    CHECK_THROWS_WITH(findModel(database, ""), Contains("champion"));
    CHECK_THROWS_AS(findModel(database, "vae"), core::UserError);
    ModelVersion model;
    model.name = "vae";
    model.file = "/models/vae/1/model.h5";
    model.sha256 = "abc";
    model.dataset = "demo";
    model.lineage = R"({"selection": "quasars"})";
    CHECK(nextModelVersion(database, "vae") == 1);
    const ModelVersion one = registerModel(database, model);
    CHECK(one.version == 1);
    const ModelVersion two = registerModel(database, model);
    CHECK(two.reference() == "vae@2");
    model.version = 2;
    CHECK_THROWS_WITH(registerModel(database, model), Contains("vae@2"));
    model.name = "conv";
    model.version = 5;
    const ModelVersion conv = registerModel(database, model);
    CHECK(listModels(database).size() == 3);
    CHECK(findModel(database, "vae").id == two.id);
    CHECK(findModel(database, "vae@1").sha256 == "abc");
    CHECK_THROWS_WITH(findModel(database, "vea"), Contains("vea"));
    CHECK_THROWS_WITH(findModel(database, "vae@9"), Contains("'9'"));

    setAlias(database, {"", "champion"}, one.id, "ann", "first");
    setAlias(database, {"vae", "champion"}, one.id, "ann");
    const AliasChange second = setAlias(database, {"vae", "champion"}, two.id, "bob", "better");
    CHECK(second.from == "vae@1");
    CHECK(second.to == "vae@2");
    CHECK(findModel(database, "").id == one.id);
    CHECK(findModel(database, "vae@champion").id == two.id);
    CHECK(findModel(database, one.id).aliases.empty());
    CHECK(findModel(database, one.id).isChampion());
    CHECK(findModel(database, two.id).aliases == std::vector<std::string>{"champion"});
    CHECK_FALSE(findModel(database, two.id).isChampion()); // of its name, not of the workspace
    CHECK(changeToRollBack(aliasHistory(database), {}) == nullptr);
    setAlias(database, {"vae", "champion"}, one.id, "bob");
    CHECK(rollbackAlias(database, {"vae", "champion"}, "eve").to == "vae@2");
    CHECK(rollbackAlias(database, {"vae", "champion"}, "eve").to == "vae@1");
    CHECK_THROWS_AS(rollbackAlias(database, {"vae", "champion"}, "eve"), core::UserError);
    CHECK_THROWS_AS(rollbackAlias(database, {"vae", "nothing"}, "eve"), core::UserError);
    CHECK(aliasHistory(database, "vae").size() == 5);
    CHECK(aliasHistory(database).size() == 6);
    CHECK(aliasHistory(database, "vae")[3].undoes == aliasHistory(database, "vae")[2].id);
    CHECK_THROWS_AS(setAlias(database, {"vae", "champion"}, conv.id, "eve"), core::UserError);
    CHECK_THROWS_AS(setAlias(database, {"vae", "3"}, one.id, "eve"), core::UserError);

    DatasetRecord dataset;
    dataset.name = "demo";
    dataset.file = "/datasets/demo.h5";
    dataset.spectra = 1500;
    dataset.lineage = R"({"files": ["a"]})";
    CHECK_FALSE(datasetExists(database, "demo"));
    CHECK(registerDataset(database, dataset).spectra == 1500);
    CHECK_THROWS_AS(registerDataset(database, dataset), core::UserError);
    CHECK(findDataset(database, "demo").lineage == dataset.lineage);
    CHECK_THROWS_WITH(findDataset(database, "dem"), Contains("dem"));
    CHECK(listDatasets(database).size() == 1);
}

void testJobs(const test::CatalogFixture& fixture)
{
    const Database& database = fixture.database();
    const auto id = addJob(database, "train", "Train vae", R"({"epochs": 3})");
    CHECK(findJob(database, id).state == JobState::Queued);
    CHECK(claimJob(database, id));
    CHECK_FALSE(claimJob(database, id));
    CHECK(updateJob(database, id, 0.5, "epoch 2"));
    CHECK(findJob(database, id).progress == 0.5);
    CHECK(markInterruptedJobs(database).empty()); // its owner lives: this process
    CHECK(cancelJob(database, id));
    CHECK_FALSE(updateJob(database, id, 0.6, "epoch 3"));
    finishJob(database, id, JobState::Cancelled, "stopped");
    CHECK_FALSE(cancelJob(database, id));
    CHECK(retryJob(database, id));
    CHECK_FALSE(retryJob(database, id));
    CHECK_FALSE(claimNextJob(database, {"score", "o'brien"}));
    const auto next = claimNextJob(database, {"score", "train"});
    REQUIRE(next);
    CHECK(next->id == id);
    CHECK(next->attempts == 2);
    CHECK(next->configuration == R"({"epochs": 3})");
    finishJob(database, id, JobState::Failed, "", "the disk is full", "free some space");
    CHECK(findJob(database, id).remedy == "free some space");
    CHECK_THROWS_AS(finishJob(database, id, JobState::Running, ""), core::UserError);
    CHECK_THROWS_AS(findJob(database, 999), core::UserError);

    // The owner of a job dies.
    const auto lost = addJob(database, "score", "Score", "");
    test::ChildProcess child([&](const auto& ready) {
        if (claimJob(Database(fixture.cluster().uri()), lost))
            ready();
        ::pause();
    });
    REQUIRE(child.ready());
    CHECK(markInterruptedJobs(database).empty());
    child.kill(SIGKILL);
    const auto interrupted = markInterruptedJobs(database);
    REQUIRE(interrupted.size() == 1);
    CHECK(interrupted[0].id == lost);
    CHECK(interrupted[0].state == JobState::Interrupted);
    REQUIRE(interruptedJobsHere(database).size() == 1);
    CHECK(interruptedJobsHere(database)[0].id == lost);
    {
        pqxx::connection connection(fixture.cluster().uri());
        pqxx::work work(connection);
        work.exec("UPDATE voorwerp.job SET owner_host = 'of-somebody-else' WHERE id = " +
                  std::to_string(lost));
        work.commit();
    }
    CHECK(interruptedJobsHere(database).empty()); // theirs to go on with
    CHECK(claimJob(database, lost));              // resumed
    finishJob(database, lost, JobState::Done, "1,500 scored");
    CHECK(findJob(database, lost).progress == 1.0);
    CHECK(listJobs(database).size() == 2);
    CHECK(listJobs(database, 1)[0].id == lost);
}

void testMaintenance(const test::CatalogFixture& fixture)
{
    const Database& database = fixture.database();
    const auto counts = rowCounts(database);
    CHECK(counts.at("voorwerp.job") == 2);
    CHECK(counts.count("voorwerp.spectrum_7") == 1);
    CHECK(serverMajorVersion(database) >= 14);
    const DatabaseInfo info = databaseInfo(database);
    CHECK(info.schemaVersion == latestSchemaVersion());
    CHECK(info.bytes > 1'000'000);
    const Database scratch = createDatabase(database, "scratch \"one\"");
    CHECK(databaseInfo(scratch).schemaVersion == 0);
    CHECK(migrate(scratch) == latestSchemaVersion());
    CHECK_THROWS_AS(createDatabase(database, "scratch \"one\""), core::DatabaseError);
    const Database same = databaseOf(libpqEnvironment(scratch));
    CHECK(databaseInfo(same).schemaVersion == latestSchemaVersion());
    dropDatabase(database, "scratch \"one\"");
    dropDatabase(database, "scratch \"one\"");
    CHECK_THROWS_AS(databaseInfo(scratch), core::DatabaseError);
    withFrozenSnapshot(database, [&](const std::string& name, const auto& rows) {
        addJob(database, "later", "", "");
        CHECK(rows.at("voorwerp.job") == 2);
        CHECK_FALSE(name.empty());
    });
}

void testMigrations(const test::CatalogFixture& fixture)
{
    const Database fresh = createDatabase(fixture.database(), "fresh");
    std::vector<int> steps(4, -1);
    {
        std::vector<std::jthread> programs; // several programs start at once
        for (int& count : steps)
            programs.emplace_back([&count, &fresh] { count = migrate(Database(fresh.uri())); });
    }
    std::sort(steps.begin(), steps.end());
    CHECK(steps == std::vector<int>{0, 0, 0, latestSchemaVersion()});
    const auto execute = [&](const std::string& sql) {
        pqxx::connection connection(fresh.uri());
        pqxx::nontransaction(connection).exec(sql);
    };
    execute("INSERT INTO voorwerp.schema_migration VALUES (900, '0900_future', 'x')");
    CHECK_THROWS_WITH(migrate(fresh), Contains("schema version"));
    execute("DELETE FROM voorwerp.schema_migration WHERE version = 900;"
            "UPDATE voorwerp.schema_migration SET sha256 = 'other' WHERE version = 1");
    CHECK_THROWS_WITH(migrate(fresh), Contains("0001_catalogue"));
}

} // namespace

TEST_CASE("Labels, models, training sets, jobs and maintenance keep what they promise")
{
    const test::CatalogFixture fixture;
    testLabels(fixture.database());
    testModels(fixture.database());
    testJobs(fixture);
    testMaintenance(fixture);
    testMigrations(fixture);
}

TEST_CASE("A server that cannot be reached is named, its password is not")
{
    const Database database("postgresql://ann:s3cret%20word@127.0.0.1:1/quasars?connect_timeout=2");
    CHECK(database.description() == "quasars on 127.0.0.1");
    try {
        databaseInfo(database);
        FAIL("there is no server on port 1");
    } catch (const core::DatabaseError& error) {
        CHECK(error.kind() == core::DatabaseError::Kind::Unreachable);
        CHECK_THAT(error.what(), Contains("127.0.0.1") && !Contains("s3cret"));
    }
    CHECK_THAT(withoutPassword(database.uri()), Contains("quasars") && !Contains("s3cret"));
    CHECK_THAT(withDatabaseName(database.uri(), "it's"), Contains(R"(dbname='it\'s')"));
    CHECK(libpqEnvironment(database).at("PGPASSWORD") == "s3cret word");
    try {
        Database("postgresql://ann:s3cret@host/name?nonsense=s3cret");
        FAIL("accepted");
    } catch (const core::UserError& error) {
        CHECK_THAT(error.what(), !Contains("s3cret"));
    }
}

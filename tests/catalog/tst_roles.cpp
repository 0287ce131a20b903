// SPDX-License-Identifier: GPL-3.0-or-later
// Each role against a real server: what it may do works through our stores, all else the server refuses.
#include "catalog/audit_store.h"
#include "catalog/dataset_store.h"
#include "catalog/imported_store.h"
#include "catalog/job_store.h"
#include "catalog/label_store.h"
#include "catalog/maintenance.h"
#include "catalog/migrations.h"
#include "catalog/model_store.h"
#include "catalog/quality_report.h"
#include "catalog/roles.h"
#include "catalog/score_store.h"
#include "catalog/selection_store.h"
#include "catalog/sky_match.h"
#include "catalog/specprod_schema.h"
#include "catalog/spectrum_store.h"
#include "catalog/target_query.h"
#include "catalog_fixture.h"
#include "support/shared_server.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <functional>
#include <pqxx/pqxx>
#include <set>

using namespace voorwerp;
using namespace voorwerp::catalog;
using Catch::Matchers::Contains;

namespace {

/// A server with the schema, some spectra, a model, the roles, and a login for each: reader, researcher,
/// lead, operator.
class SharedSurvey
{
public:
    SharedSurvey()
    {
        ::setenv("PGPASSFILE", m_server.passwordFile().c_str(), 1);
        migrate(owner());
        test::ingestMade(owner(), "/made/one.fits", 0, 20);
        ModelVersion model;
        model.name = "vae";
        m_model = registerModel(owner(), model).id;
        registerModel(owner(), model);
        createRoles(owner());
        for (const char* role : {"reader", "researcher", "lead", "operator"}) {
            m_server.makeLogin(role);
            grantRole(owner(), role, role);
        }
        m_server.makeLogin("nobody");
    }
    Database as(const std::string& login) const { return Database(m_server.uri(login)); }
    Database owner() const { return as("desi"); }
    core::ModelVersionId model() const { return m_model; }
    const test::SharedServer& server() const { return m_server; }

private:
    test::SharedServer m_server;
    core::ModelVersionId m_model;
};

std::string unique(const char* word)
{
    static int count = 0;
    return word + std::to_string(++count);
}

void score(const Database& database, core::ModelVersionId model)
{
    Score one;
    one.id = queryTargets(database, {}).rows.front().id;
    one.latent = {1.0F};
    ScoreRun run;
    run.model = model;
    replaceScores(database, run, std::vector{one});
}

void workOnJob(const Database& database)
{
    const auto id = addJob(database, "train", unique("job"), {});
    REQUIRE(claimJob(database, id));
    REQUIRE(updateJob(database, id, 0.5, "half"));
    finishJob(database, id, JobState::Failed, "no");
    REQUIRE(retryJob(database, id));
    REQUIRE(cancelJob(database, id));
    markInterruptedJobs(database);
}

void labelAndUndo(const Database& database)
{
    const core::TargetId target{39627000000000003};
    setLabel(database, target, "BAL", 4, "", unique("author"));
    setLabel(database, target, "DLA", 3, "", "ann");
    undoLabel(database, "ann");
    clearLabel(database, target, "ann");
    importLabels(database, std::vector<Label>{{target, "star", {}, {}, "ann", "2026-01-01T00:00:00.000Z"}});
}

void importAndMatch(const Database& database)
{
    ImportedCatalogue catalogue;
    catalogue.name = unique("list");
    catalogue.format = "CSV";
    catalogue.columns = {{"NAME", "text", "", "", ""}};
    for (const bool replace : {false, true}) {
        CatalogueImport import(database, catalogue, replace);
        import.add(1, {0.0, -45.0}, std::array<std::optional<std::string>, 1>{"one"});
        import.commit(0);
    }
    core::JobContext context;
    matchCatalogue(database, {catalogue.name, 2.0, "", "ann"}, context);
    matchCatalogue(database, {catalogue.name, 1.0, "", "ann"}, context);
    dropCatalogue(database, catalogue.name);
}

ModelVersion newModel()
{
    ModelVersion model;
    model.name = unique("model");
    return model;
}

/// What somebody does, the right that it takes, and who may.
struct Deed
{
    const char* name;
    std::optional<Right> right;
    std::set<std::string> allowed;
    std::function<void(const Database&)> perform;
};

std::vector<Deed> deeds(core::ModelVersionId model)
{
    const std::set<std::string> all{"reader", "researcher", "lead", "operator"},
        science{"researcher", "lead"};
    return {
        {"look at rows, models and labels", std::nullopt, all,
         [](const Database& d) {
             REQUIRE(migrate(d) == 0);
             REQUIRE(countTargets(d, "z > 0") > 0);
             REQUIRE_FALSE(queryTargets(d, {}).rows.empty());
             checkQuality(d);
             listModels(d);
             listLabels(d);
             listJobs(d);
             REQUIRE(markInterruptedJobs(d).empty());
             databaseInfo(d);
         }},
        {"label", Right::Label, science, labelAndUndo},
        {"save a selection", Right::Select, science,
         [](const Database& d) {
             saveSelection(d, "bright", "snr > 1");
             saveSelection(d, "bright", "snr > 2");
             REQUIRE(deleteSelection(d, "bright"));
         }},
        {"add a training set", Right::Dataset, science,
         [](const Database& d) {
             DatasetRecord record;
             record.name = unique("set");
             registerDataset(d, record);
         }},
        {"import and match a catalogue", Right::Catalogue, science, importAndMatch},
        {"add a model", Right::Train, science, [](const Database& d) { registerModel(d, newModel()); }},
        {"score", Right::Score, science,
         [model](const Database& d) {
             score(d, model);
             score(d, model);
         }},
        {"run jobs", Right::Job, {"researcher", "lead", "operator"}, workOnJob},
        {"import",
         Right::Ingest,
         {"lead"},
         [](const Database& d) {
             createProduction(d, unique("iron"));
             test::ingestMade(d, "/made/two.fits", 30, 40);
             test::ingestMade(d, "/made/two.fits", 30, 35); // fewer: rows are taken away again
         }},
        {"promote",
         Right::Promote,
         {"lead"},
         [model](const Database& d) {
             const auto other = findModel(d, "vae@2").id;
             setAlias(d, {}, model, "ann");
             setAlias(d, {}, other, "ann");
             rollbackAlias(d, {}, "ann");
         }},
        {"read the audit",
         Right::Audit,
         {"lead", "operator"},
         [](const Database& d) {
             const auto entries = listAudit(d, {}); // Catch takes a refusal inside of it for a failure
             REQUIRE_FALSE(entries.empty());
         }},
        {"back up",
         Right::Backup,
         {"operator"},
         [](const Database& d) {
             const auto counts = rowCounts(d);
             REQUIRE(counts.count("voorwerp.audit") == 1);
             recordCare(d, CareEvent::BackupMade, "abc", R"({"files": 3})");
         }},
    };
}

/// The server itself refuses a statement: SQLSTATE 42501.
void checkServerRefuses(const SharedSurvey& survey, const std::string& login, const std::string& sql)
{
    INFO(login << ": " << sql);
    pqxx::connection connection(survey.server().uri(login));
    pqxx::work work(connection);
    CHECK_THROWS_AS(work.exec(sql), pqxx::insufficient_privilege);
}

void checkServerAllows(const SharedSurvey& survey, const std::string& login, const std::string& sql)
{
    INFO(login << ": " << sql);
    pqxx::connection connection(survey.server().uri(login));
    pqxx::work work(connection);
    CHECK_NOTHROW(work.exec(sql)); // never committed
}

} // namespace

TEST_CASE(
    "Each role does through the stores what it may, and gets a sentence from the server where it may not")
{
    const SharedSurvey survey;
    for (const Deed& deed : deeds(survey.model()))
        for (const std::string login : {"desi", "reader", "researcher", "lead", "operator"}) {
            INFO(login << ": " << deed.name);
            const Database database = survey.as(login);
            const bool allowed = login == "desi" || deed.allowed.count(login) > 0;
            if (deed.right)
                CHECK(permissionsOf(database).may(*deed.right) == allowed);
            if (allowed) {
                CHECK_NOTHROW(deed.perform(database));
                continue;
            }
            try {
                deed.perform(database);
                FAIL_CHECK("was not refused");
            } catch (const core::DatabaseError& error) {
                CHECK(error.kind() == core::DatabaseError::Kind::Refused);
                CHECK_THAT(error.what(),
                           Contains("You are connected as " + login + " (voorwerp_" + login + ")"));
                CHECK_THAT(error.remedy(), Contains("(desi) for the role voorwerp_"));
                CHECK_THAT(error.remedy(), Contains(permissionsOf(database).whyNot(*deed.right).remedy));
            }
            CHECK_THROWS_WITH(requireRight(database, *deed.right), Contains("which may not"));
        }
}

TEST_CASE("The server refuses with SQLSTATE 42501 what psql tries")
{
    const SharedSurvey survey;
    for (const char* sql :
         {"DELETE FROM voorwerp.model_version", "UPDATE voorwerp.model_version SET sha256 = ''",
          "UPDATE voorwerp.model_alias SET model_version_id = 2", "DELETE FROM voorwerp.score_run",
          "INSERT INTO voorwerp.model_alias VALUES ('', 'champion', 1)",
          "UPDATE voorwerp.label_history SET author = 'x'", "DELETE FROM voorwerp.label_history",
          "UPDATE voorwerp.target SET z = 0", "DELETE FROM voorwerp.file", "DELETE FROM voorwerp.job",
          "TRUNCATE voorwerp.label", "INSERT INTO voorwerp.schema_migration VALUES (99, '', '')",
          "UPDATE voorwerp.score_run SET selection = ''", "SELECT * FROM voorwerp.audit",
          "SELECT voorwerp.audit_event('backup made', '', '{}')", "CREATE TABLE voorwerp.mine (x int)",
          "DROP TABLE voorwerp.score"})
        checkServerRefuses(survey, "researcher", sql);
    for (const char* sql : {"INSERT INTO voorwerp.label VALUES (1, 1, '', 0, '', '', now())",
                            "UPDATE voorwerp.job SET message = ''", "DELETE FROM voorwerp.selection"})
        checkServerRefuses(survey, "reader", sql);
    for (const char* sql :
         {"UPDATE voorwerp.audit SET login = 'x'", "DELETE FROM voorwerp.audit", "TRUNCATE voorwerp.audit",
          "INSERT INTO voorwerp.audit (action) VALUES ('x')", "UPDATE voorwerp.alias_history SET who = 'x'"})
        checkServerRefuses(survey, "lead", sql);
    // Also to the owner, and to the superuser.
    for (const char* sql :
         {"UPDATE voorwerp.audit SET login = 'x'", "DELETE FROM voorwerp.audit", "TRUNCATE voorwerp.audit"}) {
        checkServerRefuses(survey, "desi", sql);
        CHECK_THROWS_WITH(survey.server().value(sql), Contains("never changed or removed"));
    }
    checkServerAllows(
        survey, "lead",
        "DELETE FROM voorwerp.score WHERE model_version_id = 1; DELETE FROM voorwerp.score_run WHERE "
        "model_version_id = 1; DELETE FROM voorwerp.model_version WHERE id = 1");
    checkServerRefuses(survey, "nobody", "SELECT count(*) FROM voorwerp.target");
}

TEST_CASE("The audit never runs what a writer made in its temporary schema")
{
    const SharedSurvey survey;
    const auto withTrap = [&](const char* login, const char* deed) {
        INFO(login << ": " << deed);
        pqxx::connection connection(survey.server().uri(login));
        pqxx::work work(connection);
        work.exec(
            "CREATE FUNCTION pg_temp.trap() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
            "'run as %', current_user; END $$;"
            "CREATE TEMP VIEW pg_roles AS SELECT *, pg_temp.trap() AS trap FROM pg_catalog.pg_roles "
            "WHERE pg_temp.trap();"
            "CREATE TEMP VIEW pg_namespace AS SELECT * FROM pg_catalog.pg_namespace WHERE "
            "pg_temp.trap();");
        CHECK_NOTHROW(work.exec(deed)); // never committed
    };
    withTrap(
        "researcher",
        "INSERT INTO voorwerp.selection (name, where_expression, rule, spectra) VALUES ('x', '', '', 1)");
    withTrap("operator", "SELECT voorwerp.audit_event('backup made', '', '{}')");
    withTrap("lead", "TRUNCATE voorwerp.catalog_redshift");
}

TEST_CASE("A schema of another version, and a login without a role, get a sentence")
{
    const SharedSurvey survey;
    const auto refusal = [&](const std::string& login) {
        try {
            migrate(survey.as(login));
        } catch (const core::Error& error) {
            return std::string(error.what()) + " | " + error.remedy();
        }
        return std::string();
    };
    CHECK_THAT(refusal("nobody"),
               Contains("You are connected as nobody, which has no role") && Contains("(desi)"));
    CHECK(permissionsOf(survey.as("nobody")).role().empty());
    CHECK_THAT(permissionsOf(survey.as("nobody")).whyNot(Right::Label).sentence(), Contains("has no role"));
    // The newest step is missing there: an older schema.
    const std::string newest = std::to_string(latestSchemaVersion());
    survey.server().value("CREATE TABLE kept AS SELECT * FROM voorwerp.schema_migration WHERE version = " +
                          newest);
    survey.server().value("DELETE FROM voorwerp.schema_migration WHERE version = " + newest);
    CHECK_THAT(refusal("reader"), Contains("schema version " + std::to_string(latestSchemaVersion() - 1)) &&
                                      Contains("which may not change it") && Contains("(desi)"));
    survey.server().value("INSERT INTO voorwerp.schema_migration SELECT * FROM kept");
    CHECK(refusal("reader").empty());
    survey.server().value("INSERT INTO voorwerp.schema_migration VALUES (900, '0900_future', 'x')");
    CHECK_THAT(refusal("reader"), Contains("schema version") && Contains("newer Voorwerp"));
    // Nothing there, and no right to make it.
    survey.server().value("DROP SCHEMA voorwerp CASCADE");
    CHECK_THAT(refusal("reader"), Contains("no survey of Voorwerp") && Contains("reader may not make one"));
}

TEST_CASE("Roles are made again without harm, given and taken, and reach tables of later migrations")
{
    const SharedSurvey survey;
    CHECK(createRoles(survey.owner()).empty());
    CHECK(rolesExist(survey.owner()));
    CHECK(roleMembers(survey.owner()).size() == 4);
    grantRole(survey.owner(), "voorwerp_researcher", "reader");
    CHECK(permissionsOf(survey.as("reader")).role() == "voorwerp_researcher");
    revokeRole(survey.owner(), "researcher", "reader");
    CHECK_FALSE(permissionsOf(survey.as("reader")).may(Right::Label));
    CHECK_THROWS_WITH(grantRole(survey.owner(), "reseacher", "reader"), Contains("no role 'reseacher'"));
    CHECK_THROWS_WITH(grantRole(survey.owner(), "reader", "ghost"), Contains("no login 'ghost'"));
    CHECK_THROWS_WITH(grantRole(survey.as("lead"), "lead", "reader"), Contains("may not manage the roles"));
    survey.server().value("ALTER ROLE desi NOCREATEROLE");
    try {
        createRoles(survey.owner());
        FAIL("accepted");
    } catch (const core::DatabaseError& error) {
        CHECK_THAT(error.remedy(), Contains("ALTER ROLE \"desi\" CREATEROLE"));
    }
    // A table that the owner makes later is read by all and written by the lead, before and after a run of
    // the grants.
    survey.server().value("SET ROLE desi; CREATE TABLE voorwerp.later (x int); CREATE SCHEMA iron; "
                          "CREATE TABLE iron.zpix (targetid bigint)");
    for (int round = 0; round < 2; ++round) {
        for (const char* table : {"voorwerp.later", "iron.zpix"}) {
            checkServerAllows(survey, "reader", std::string("SELECT * FROM ") + table);
            checkServerAllows(survey, "lead", std::string("DELETE FROM ") + table);
            checkServerRefuses(survey, "researcher", std::string("DELETE FROM ") + table);
        }
        survey.server().value("ALTER ROLE desi CREATEROLE");
        createRoles(survey.owner());
    }
    // A production that a lead imports belongs to all leads and the owner, and is read by everybody with a
    // role.
    createProduction(survey.as("lead"), "loa");
    for (const char* login : {"lead", "desi"})
        checkServerAllows(survey, login, "INSERT INTO loa.zpix SELECT * FROM loa.zpix");
    checkServerAllows(survey, "reader", "SELECT * FROM loa.zpix");
    checkServerRefuses(survey, "researcher", "DELETE FROM loa.zpix");
    CHECK(survey.server().value("SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'loa'") ==
          "voorwerp_lead");
    // A role made by hand counts as well.
    survey.server().makeLogin("guest");
    survey.server().value(
        "GRANT USAGE ON SCHEMA voorwerp TO guest; GRANT SELECT ON ALL TABLES IN SCHEMA voorwerp TO guest;"
        "GRANT INSERT, UPDATE ON voorwerp.selection TO guest");
    CHECK(permissionsOf(survey.as("guest")).may(Right::Select));
    CHECK_FALSE(permissionsOf(survey.as("guest")).may(Right::Label));
}

TEST_CASE("The audit has who did what, whichever program did it, page by page")
{
    const SharedSurvey survey;
    labelAndUndo(survey.as("researcher"));
    const auto id = addJob(survey.as("researcher"), "train", "Training", {});
    claimJob(survey.as("researcher"), id);
    const auto running = listAudit(survey.owner(), {.limit = 1}).front().id;
    updateJob(survey.as("researcher"), id, 0.1, "still");
    CHECK(listAudit(survey.owner(), {.limit = 1}).front().id == running); // progress is no news
    cancelJob(survey.as("researcher"), id);
    CHECK(listAudit(survey.owner(), {.limit = 1}).front().action == "job asked to stop");
    finishJob(survey.as("researcher"), id, JobState::Cancelled, "");
    setAlias(survey.as("lead"), {}, survey.model(), "lea");
    score(survey.as("researcher"), survey.model());
    recordCare(survey.as("operator"), CareEvent::BackupVerified, "abc123", R"({"ok": true})");
    survey.server().value("SET application_name = 'psql'; UPDATE voorwerp.label SET class = 'by hand'");
    survey.server().value("TRUNCATE voorwerp.catalog_redshift");
    importAndMatch(survey.as("researcher")); // imports twice
    CHECK(listAudit(survey.owner(), {.action = "catalogue imported"}).size() == 2);

    std::set<std::string> actions;
    for (const AuditEntry& entry : listAudit(survey.owner(), {}))
        actions.insert(entry.action);
    for (const char* action :
         {"schema migrated", "file ingested", "model added", "roles created", "role granted", "label set",
          "label removed", "job queued", "job running", "job asked to stop", "job cancelled", "alias set",
          "scored", "backup verified", "table emptied"})
        CHECK(actions.count(action) == 1);
    const auto byHand = listAudit(survey.owner(), {.action = "label set", .limit = 1}).front();
    CHECK(byHand.login == "admin");
    CHECK(byHand.application == "psql");
    CHECK(byHand.role == "superuser");
    const auto alias = listAudit(survey.owner(), {.login = "lead"});
    REQUIRE(alias.size() == 1);
    CHECK(alias[0].role == "voorwerp_lead");
    CHECK(alias[0].object == "@champion");
    CHECK_THAT(alias[0].detail, Contains("vae@1"));
    CHECK(alias[0].time.size() == 24);

    // Page by page, newest first: each row once.
    std::vector<std::int64_t> seen;
    AuditQuery query{.limit = 3};
    for (;;) {
        const auto page = listAudit(survey.owner(), query);
        if (page.empty())
            break;
        for (const AuditEntry& entry : page)
            seen.push_back(entry.id);
        query.before = page.back().id;
    }
    CHECK(std::is_sorted(seen.rbegin(), seen.rend()));
    CHECK(seen.size() == std::stoul(survey.server().value("SELECT count(*) FROM voorwerp.audit")));
    CHECK(listAudit(survey.owner(), {.since = "2100-01-01"}).empty());
    CHECK_THROWS_AS(listAudit(survey.owner(), {.since = "yesterdayish"}), core::UserError);
    CHECK(auditWords(survey.owner()).logins ==
          std::vector<std::string>{"admin", "desi", "lead", "operator", "researcher"});

    // Nobody signs with another name, and no trigger of one's own writes rows in another's.
    survey.server().value(
        "SET ROLE desi; INSERT INTO voorwerp.audit (at, login, role, application, action, object, detail) "
        "VALUES ('2000-01-01', 'lead', '', '', 'label set', '', '{}')");
    CHECK(listAudit(survey.owner(), {.limit = 1}).front().login == "admin");
    checkServerRefuses(
        survey, "researcher",
        "CREATE TEMP TABLE label (targetid bigint); CREATE TRIGGER t AFTER INSERT ON label REFERENCING NEW "
        "TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION voorwerp.audit_label_insert()");
}

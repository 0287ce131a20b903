// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever happens to an ingest, every file is in the database wholly or not at all, and a second run
// completes.
#include "catalog/database.h"
#include "catalog/ingest_store.h"
#include "catalog/migrations.h"
#include "catalog/private_cluster.h"
#include "catalog/target_query.h"
#include "cli/end_to_end/cli_process.h"
#include "core/error.h"
#include "core/wavelength_grid.h"
#include "support/small_disk.h"

#include <catch2/catch.hpp>
#include <pqxx/pqxx>

#include <chrono>
#include <csignal>
#include <map>
#include <random>
#include <thread>

using namespace voorwerp;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr int kKills = 200;
constexpr int kServerKills = 10;
constexpr int kTargets = 600;

/// A survey, a workspace, and how many spectra each of its files has once it is in.
class Survey
{
public:
    Survey()
    {
        m_cli.require({"mock", files().string(), "--targets", std::to_string(kTargets), "--seed", "5"});
        m_uri = m_cli.require({"workspace", "status"})["uri"].get<std::string>();
        requireIngested();
        pqxx::connection connection(m_uri);
        pqxx::nontransaction work(connection);
        for (const auto& row :
             work.exec("SELECT path, (SELECT count(*) FROM voorwerp.target t WHERE t.file_id = f.id) "
                       "FROM voorwerp.file f"))
            m_rowsOfFile[row[0].c_str()] = row[1].as<int>();
        REQUIRE(m_rowsOfFile.size() > 3);
    }

    fs::path files() const { return m_cli / "survey"; }
    const test::CliWorkspace& cli() const { return m_cli; }
    std::unique_ptr<test::CliProcess> startIngest() const
    {
        return m_cli.start({"ingest", files().string()});
    }

    void requireIngested() const
    {
        m_cli.require({"ingest", files().string()});
        CHECK(spectra() == kTargets);
    }

    /// Nothing is in, as before the first ingest.
    void forget() const
    {
        pqxx::connection connection(m_uri);
        pqxx::work work(connection);
        work.exec("DELETE FROM voorwerp.target; DELETE FROM voorwerp.file");
        work.commit();
    }

    std::int64_t spectra() const
    {
        pqxx::connection connection(m_uri);
        return pqxx::nontransaction(connection)
            .exec1("SELECT count(*) FROM voorwerp.target")[0]
            .as<std::int64_t>();
    }

    /// Looks at one moment of the database: each file of the ledger has all its rows, each row its pixels and
    /// file.
    void requireWholeFiles() const
    {
        pqxx::connection connection(m_uri);
        pqxx::nontransaction work(connection);
        const auto rows =
            work.exec("SELECT f.path, count(t.id), count(p.target_id) FROM voorwerp.file f LEFT JOIN "
                      "voorwerp.target t ON t.file_id = f.id LEFT JOIN voorwerp.spectrum p ON "
                      "p.target_id = t.id GROUP BY f.path");
        for (const auto& row : rows) {
            INFO(row[0].c_str());
            REQUIRE(row[1].as<int>() == m_rowsOfFile.at(row[0].c_str()));
            REQUIRE(row[2].as<int>() == m_rowsOfFile.at(row[0].c_str()));
        }
        REQUIRE(
            work.exec("SELECT FROM voorwerp.spectrum p WHERE NOT EXISTS (SELECT FROM voorwerp.target t WHERE "
                      "t.id = p.target_id)")
                .empty());
    }

    std::size_t filesIn() const
    {
        pqxx::connection connection(m_uri);
        return pqxx::nontransaction(connection)
            .exec1("SELECT count(*) FROM voorwerp.file")[0]
            .as<std::size_t>();
    }
    bool complete() const { return filesIn() == m_rowsOfFile.size(); }

    void killServer() const
    {
        const auto status = m_cli.require({"workspace", "status"});
        REQUIRE(::kill(status["pid"].get<pid_t>(), SIGKILL) == 0);
    }
    void startServer() const { m_cli.require({"workspace", "start"}); }

private:
    test::CliWorkspace m_cli;
    std::string m_uri;
    std::map<std::string, int> m_rowsOfFile;
};

std::chrono::milliseconds randomWait(std::mt19937& random, std::chrono::milliseconds longest)
{
    return std::chrono::milliseconds(random() % static_cast<unsigned>(longest.count()));
}

} // namespace

TEST_CASE("An ingest killed at random moments leaves whole files only, and the last run completes")
{
    const Survey survey;
    std::mt19937 random(11);
    int unfinished = 0, begun = 0;
    // As long as a whole ingest takes here, so that the moments fall into all of it.
    survey.forget();
    const auto start = std::chrono::steady_clock::now();
    survey.requireIngested();
    const auto whole =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    for (int i = 0; i < kKills; ++i) {
        CAPTURE(i);
        if (survey.complete())
            survey.forget();
        auto ingest = survey.startIngest();
        std::this_thread::sleep_for(randomWait(random, whole));
        ingest->send(SIGKILL);
        ingest->wait();
        survey.requireWholeFiles();
        begun += survey.filesIn() > 0 ? 1 : 0;
        unfinished += survey.complete() ? 0 : 1;
    }
    CHECK(unfinished > kKills / 4); // the moments were not all too late,
    CHECK(begun > kKills / 4);      // nor all too early
    survey.requireIngested();
    survey.requireWholeFiles();
}

TEST_CASE("An ingest whose server dies ends with a clear error, and goes on when the server is back")
{
    const Survey survey;
    std::mt19937 random(12);
    for (int i = 0; i < kServerKills; ++i) {
        CAPTURE(i);
        survey.forget();
        auto ingest = survey.startIngest();
        std::this_thread::sleep_for(150ms + randomWait(random, 400ms));
        survey.killServer();
        const test::CliResult result = ingest->wait();
        INFO(result.error);
        CHECK((result.exitCode == 5 || result.exitCode == 0));
        survey.startServer();
        survey.requireWholeFiles();
        survey.requireIngested();
        survey.requireWholeFiles();
    }
}

TEST_CASE(
    "A connection that is cut while the commit runs leaves the file out or in, and a second run completes")
{
    const test::TemporaryFolder folder;
    core::JobContext context;
    const core::Workspace workspace(folder / "workspace");
    const auto cluster = catalog::PrivateCluster::open(workspace, context);
    const catalog::Database database(cluster.uri());
    catalog::migrate(database);
    pqxx::connection other(cluster.uri());
    // A commit that takes its time: a check that the server makes at its end.
    pqxx::nontransaction(other).exec(
        "CREATE FUNCTION voorwerp.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); "
        "RETURN NULL; END $$; CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON voorwerp.target DEFERRABLE "
        "INITIALLY "
        "DEFERRED FOR EACH ROW EXECUTE FUNCTION voorwerp.wait()");
    core::TargetInfo target;
    target.key.targetId = {39627000000000001};
    core::Spectrum spectrum;
    spectrum.flux.assign(core::DesiGrid::kPixels, 1.0F);
    spectrum.ivar.assign(core::DesiGrid::kPixels, 1.0F);
    spectrum.mask.assign(core::DesiGrid::kPixels, 0U);
    catalog::FileRecord file;
    file.path = "/made/cut.fits";
    file.sha256 = "1";
    file.specprod = "made";
    {
        catalog::FileIngest ingest(database, file);
        ingest.add(target, spectrum);
        std::jthread cut([&] {
            pqxx::connection killer(cluster.uri());
            pqxx::nontransaction work(killer);
            while (
                work.exec(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
                    .empty())
                std::this_thread::sleep_for(10ms);
        });
        CHECK_THROWS_AS(ingest.commit(), core::DatabaseError);
    }
    CHECK(catalog::countTargets(database, "") == 0);
    CHECK(catalog::listFiles(database).empty());
    pqxx::nontransaction(other).exec("DROP TRIGGER wait ON voorwerp.target");
    catalog::FileIngest again(database, file);
    again.add(target, spectrum);
    CHECK(again.commit().inserted == 1);
}

TEST_CASE(
    "A disk that fills up under an ingest is named in the error, and with more space the ingest completes")
{
    const test::TemporaryFolder folder;
    const test::SmallDisk disk(folder / "disk", "150m");
    const auto run = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--workspace", (disk.folder() / "workspace").string(), "--json"});
        return test::CliProcess(arguments, folder.path()).wait();
    };
    const fs::path files = folder / "survey";
    REQUIRE(run({"mock", files.string(), "--targets", "2000", "--seed", "6"}).exitCode == 0);
    const test::CliResult full = run({"ingest", files.string(), "--lossless"});
    INFO(full.error);
    CHECK((full.exitCode == 1 || full.exitCode == 5));
    CHECK_THAT(full.error, Catch::Contains("disk") || Catch::Contains("space"));
    REQUIRE(disk.resize("1g"));
    const test::CliResult completed = run({"ingest", files.string(), "--lossless"});
    INFO(completed.error);
    REQUIRE(completed.exitCode == 0);
    const test::CliResult count = run({"catalog", "count"});
    CHECK(count.json()["count"] == 2000);
}

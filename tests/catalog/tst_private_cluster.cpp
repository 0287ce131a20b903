// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/database.h"
#include "catalog/migrations.h"
#include "catalog/private_cluster.h"
#include "catalog/selection_store.h"
#include "catalog/target_query.h"
#include "catalog_fixture.h"
#include "child_process.h"
#include "core/file_io.h"
#include "support/small_disk.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <optional>
#include <pqxx/pqxx>
#include <thread>

using namespace voorwerp;
using catalog::Database;
using catalog::PrivateCluster;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

bool alive(long pid)
{
    return fs::exists("/proc/" + std::to_string(pid) + "/cwd") &&
           !fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd").empty();
}

void waitUntilGone(long pid)
{
    std::error_code error;
    while (fs::exists("/proc/" + std::to_string(pid)) &&
           !fs::read_symlink("/proc/" + std::to_string(pid) + "/exe", error).empty())
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

std::string setting(const std::string& uri, const std::string& name)
{
    pqxx::connection connection(uri);
    return pqxx::nontransaction(connection).exec1("SHOW " + name)[0].as<std::string>();
}

/// Asks until the database no longer answers, and returns as what kind of error that shows; one that dies
/// just during the commit of an answer leaves it in doubt, once.
std::optional<core::DatabaseError::Kind> errorOnceDead(const Database& database)
{
    for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;) {
        try {
            catalog::listSelections(database);
        } catch (const core::DatabaseError& error) {
            if (error.kind() != core::DatabaseError::Kind::InDoubt)
                return error.kind();
        }
    }
    return std::nullopt;
}

} // namespace

TEST_CASE("A private cluster is private, shared by programs, and outlives the death of any of them")
{
    const test::TemporaryFolder folder;
    const core::Workspace workspace(folder / "it's a \"workspace\", really");
    core::JobContext context;
    CHECK_FALSE(PrivateCluster::status(workspace).initialised);

    long pid = 0;
    {
        const PrivateCluster cluster = PrivateCluster::open(workspace, context);
        const auto status = PrivateCluster::status(workspace);
        pid = status.pid;
        CHECK(status.running);
        CHECK(status.initialised);
        CHECK_FALSE(status.kept);
        CHECK(status.majorVersion >= 14);
        CHECK(setting(cluster.uri(), "listen_addresses").empty());
        CHECK(setting(cluster.uri(), "data_checksums") == "on");
        CHECK(setting(cluster.uri(), "fsync") == "on");
        CHECK(setting(cluster.uri(), "is_superuser") == "off");
        CHECK(setting(cluster.uri(), "server_encoding") == "UTF8");
        {
            pqxx::connection connection(cluster.uri());
            CHECK(pqxx::nontransaction(connection)
                      .exec1("SELECT datcollate FROM pg_database WHERE datname='voorwerp'")[0]
                      .as<std::string>() == "C.UTF-8");
        }
        migrate(Database(cluster.uri()));

        // A second program shares the server; the first one's end does not stop it.
        test::ChildProcess other([&](const auto& ready) {
            const PrivateCluster shared = PrivateCluster::open(workspace, context);
            saveSelection(Database(shared.uri()), "from_child", "");
            ready();
            ::pause();
        });
        REQUIRE(other.ready());
        CHECK(PrivateCluster::status(workspace).pid == pid);
        CHECK_FALSE(PrivateCluster::stop(workspace, context));
        CHECK(catalog::findSelection(Database(cluster.uri()), "from_child").count == 0);
        CHECK(other.kill(SIGKILL) == 128 + SIGKILL);
        CHECK(alive(pid));
    }
    CHECK_FALSE(PrivateCluster::status(workspace).running);

    // kill -9 of the only program leaves the server; the next one finds it and stops it at its end.
    test::ChildProcess lone([&](const auto& ready) {
        const PrivateCluster cluster = PrivateCluster::open(workspace, context);
        ready();
        ::pause();
    });
    REQUIRE(lone.ready());
    pid = PrivateCluster::status(workspace).pid;
    lone.kill(SIGKILL);
    CHECK(PrivateCluster::status(workspace).pid == pid);
    {
        const PrivateCluster cluster = PrivateCluster::open(workspace, context);
        CHECK(PrivateCluster::status(workspace).pid == pid);
        const Database database(cluster.uri());
        saveSelection(database, "before_the_crash", "");

        // kill -9 of the server: an error that says so, then recovery with what was stored. The processes
        // that serve a connection notice the death of their parent only at their next wait, so one may still
        // answer for a moment.
        ::kill(static_cast<pid_t>(pid), SIGKILL);
        waitUntilGone(pid);
        CHECK(errorOnceDead(database) == core::DatabaseError::Kind::Unreachable);
        cluster.ensureRunning(context);
        CHECK(catalog::findSelection(database, "before_the_crash").name == "before_the_crash");
    }
    CHECK_FALSE(PrivateCluster::status(workspace).running);

    // A process id file left behind by a crash, whose number belongs to another program now.
    const fs::path pidFile = PrivateCluster::status(workspace).dataFolder / "postmaster.pid";
    core::writeTextAtomically(pidFile, std::to_string(::getpid()) + "\n/elsewhere\n");
    CHECK(PrivateCluster::status(workspace).pid == 0);
    {
        const PrivateCluster cluster = PrivateCluster::open(workspace, context);
        CHECK(catalog::findSelection(Database(cluster.uri()), "before_the_crash").name == "before_the_crash");
    }

    // Kept: stays when the last program ends, until it is stopped.
    PrivateCluster::keepRunning(workspace, context);
    CHECK(PrivateCluster::status(workspace).kept);
    pid = PrivateCluster::status(workspace).pid;
    REQUIRE(pid > 0);
    {
        const PrivateCluster cluster = PrivateCluster::open(workspace, context);
    }
    CHECK(PrivateCluster::status(workspace).pid == pid);
    CHECK(PrivateCluster::stop(workspace, context));
    CHECK_FALSE(PrivateCluster::status(workspace).running);
    CHECK_FALSE(PrivateCluster::status(workspace).kept);
}

TEST_CASE("What stands in the way of a private cluster is repaired or named")
{
    const test::TemporaryFolder folder;
    core::JobContext context;

    SECTION("a creation that died half way is made anew, in a folder with a very long path that only root "
            "can enter")
    {
        fs::path deep = folder / "closed";
        fs::create_directory(deep);
        fs::permissions(deep, fs::perms::owner_all);
        deep /= std::string(90, 'd');
        const core::Workspace workspace(deep);
        workspace.create();
        fs::path server;
        {
            const PrivateCluster first = PrivateCluster::open(workspace, context);
            server = first.dataFolder().parent_path();
        }
        fs::rename(server / "data", server / "data.unfinished-1");
        fs::remove(server / "data.unfinished-1" / "PG_VERSION");
        {
            const PrivateCluster again = PrivateCluster::open(workspace, context);
            CHECK(again.dataFolder() == server / "data");
            CHECK(setting(again.uri(), "data_checksums") == "on");
            CHECK_FALSE(fs::exists(server / "data.unfinished-1"));
            if (::geteuid() == 0)
                CHECK(server.parent_path() == "/var/lib/voorwerp");

            // A copied workspace names the same place: refused, not shared by accident.
            if (::geteuid() == 0) {
                fs::copy(deep, folder / "copy", fs::copy_options::recursive);
                CHECK_THROWS_WITH(PrivateCluster::open(core::Workspace(folder / "copy"), context),
                                  Catch::Matchers::Contains("belongs to the workspace"));
            }
        }
        // Data of another major version.
        const std::string version = core::readText(server / "data" / "PG_VERSION");
        core::writeTextAtomically(server / "data" / "PG_VERSION", "9\n");
        CHECK_THROWS_WITH(PrivateCluster::open(workspace, context),
                          Catch::Matchers::Contains("made by PostgreSQL 9"));

        // A server that does not start: its own words.
        core::writeTextAtomically(server / "data" / "PG_VERSION", version);
        fs::remove(server / "data" / "global" / "pg_control");
        CHECK_THROWS_WITH(PrivateCluster::open(workspace, context), Catch::Matchers::Contains("pg_control"));
        if (server.parent_path() == "/var/lib/voorwerp") {
            fs::remove_all(server);
            fs::remove(server.string() + ".workspace");
        }
    }

    SECTION("a stop request ends the wait for another program")
    {
        const core::Workspace workspace(folder / "w");
        workspace.create();
        const auto held =
            core::FileLock::acquire(workspace.postgres() / "control.lock", core::FileLock::Mode::Exclusive);
        std::stop_source source;
        core::JobContext stoppable(source.get_token(), {}, {});
        const std::jthread stopper([&source] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            source.request_stop();
        });
        CHECK_THROWS_AS(PrivateCluster::open(workspace, stoppable), core::Cancelled);
    }

    SECTION("a full disk says so")
    {
        const test::SmallDisk small(folder / "small", "8m");
        try {
            PrivateCluster::open(core::Workspace(small.folder() / "w"), context);
            CHECK(false);
        } catch (const core::SystemError& error) {
            CHECK_THAT(error.remedy(), Catch::Matchers::Contains("full"));
        }
    }
}

TEST_CASE("A disk that fills up during ingest loses nothing that was committed")
{
    const test::TemporaryFolder folder;
    const test::SmallDisk disk(folder / "disk", "130m");
    const core::Workspace workspace(disk.folder() / "w");
    core::JobContext context;
    {
        const PrivateCluster cluster = PrivateCluster::open(workspace, context);
        const Database database(cluster.uri());
        migrate(database);
        test::ingestMade(database, "/made/first.fits", 0, 10);
        const core::Spectrum spectrum = test::madeSpectrum(1);
        try {
            catalog::FileIngest ingest(database, test::madeFile("/made/big.fits", "1"));
            for (int i = 100; i < 10'000; ++i)
                ingest.add(test::madeTarget(i), spectrum);
            ingest.commit();
            FAIL("600 MB do not fit on this disk");
        } catch (const core::DatabaseError& error) {
            // A full table is refused; a full write-ahead log ends the server.
            const bool refused = error.kind() == core::DatabaseError::Kind::Refused;
            if (refused)
                CHECK_THAT(error.what(), Catch::Matchers::Contains("full"));
            else
                CHECK(error.kind() == core::DatabaseError::Kind::Unreachable);
        }
    }
    // Space again: everything that was committed is there, and the ingest can be repeated.
    REQUIRE(disk.resize("1g"));
    {
        const PrivateCluster cluster = PrivateCluster::open(workspace, context);
        const Database database(cluster.uri());
        CHECK(catalog::countTargets(database, "") == 10);
        CHECK(catalog::listFiles(database).size() == 1);
        CHECK(test::ingestMade(database, "/made/big.fits", 100, 120).inserted == 20);
    }
}

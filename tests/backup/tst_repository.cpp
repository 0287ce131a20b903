// SPDX-License-Identifier: GPL-3.0-or-later
// The repository's own faults: none of them needs a database.
#include "backup_fixture.h"

#include "backup/folders.h"
#include "backup/postgres_tools.h"
#include "core/error.h"
#include "core/file_io.h"
#include "core/process.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

using namespace voorwerp;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// No database at all: for what must fail before one is needed.
backup::DatabaseAccess noDatabase()
{
    backup::DatabaseAccess access;
    access.serverMajorVersion = 15;
    access.withSnapshot = [](const auto&) { FAIL("the database was asked"); };
    return access;
}

struct RepositoryFixture
{
    RepositoryFixture()
        : workspace(folder / "workspace")
        , settings(backup::BackupSettings::defaults(workspace))
    {
        workspace.create();
    }
    std::string userErrorOfRun()
    {
        try {
            backup::runBackup(settings, noDatabase(), context);
        } catch (const core::UserError& error) {
            CHECK_FALSE(error.remedy().empty());
            return error.what();
        }
        FAIL("the backup ran");
        return {};
    }
    test::TemporaryFolder folder;
    core::JobContext context;
    core::Workspace workspace;
    backup::BackupSettings settings;
};

/// A restic that holds a lock until it is killed: it waits for data that never come.
class WaitingRestic
{
public:
    explicit WaitingRestic(const backup::BackupSettings& settings)
    {
        REQUIRE(::pipe(m_pipe) == 0);
        const std::string repository = settings.repository.string();
        const std::string password = settings.passwordFile.string();
        m_child = ::fork();
        if (m_child == 0) {
            ::dup2(m_pipe[0], STDIN_FILENO);
            ::close(m_pipe[1]);
            ::execlp("restic", "restic", "-q", "-r", repository.c_str(), "--password-file", password.c_str(),
                     "--no-cache", "backup", "--stdin", nullptr);
            ::_exit(127);
        }
        while (fs::is_empty(settings.repository / "locks"))
            ::usleep(10000);
    }
    ~WaitingRestic()
    {
        ::kill(m_child, SIGKILL);
        ::waitpid(m_child, nullptr, 0);
        ::close(m_pipe[0]);
        ::close(m_pipe[1]);
    }

private:
    int m_pipe[2] = {-1, -1};
    pid_t m_child = -1;
};

/// A program called restic that says this and fails.
void putFakeResticFirst(const fs::path& folder, const std::string& complaint)
{
    test::writeFile(folder / "restic", "#!/bin/sh\necho '" + complaint + "' >&2\nexit 1\n");
    fs::permissions(folder / "restic", fs::perms::owner_all);
    ::setenv("PATH", (folder.string() + ":" + std::getenv("PATH")).c_str(), 1);
}

} // namespace

TEST_CASE("a repository is made once, with a password that only its owner can read")
{
    RepositoryFixture fixture;
    CHECK_FALSE(backup::isInitialised(fixture.settings));
    const auto report = backup::initRepository(fixture.settings, fixture.context);
    CHECK(backup::isInitialised(fixture.settings));
    CHECK(fs::status(report.passwordFile).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(core::readText(report.passwordFile).size() == 65);
    CHECK_THAT(report.advice, Contains(report.passwordFile.string()));
    CHECK(backup::BackupSettings::load(fixture.workspace).repository == fixture.settings.repository);
    CHECK(backup::listSnapshots(fixture.settings, fixture.context).empty());

    const std::string password = core::readText(report.passwordFile);
    CHECK_THROWS_AS(backup::initRepository(fixture.settings, fixture.context), core::UserError);
    auto elsewhere = fixture.settings;
    elsewhere.repository = fixture.folder / "other";
    CHECK_THROWS_AS(backup::initRepository(elsewhere, fixture.context), core::UserError);
    CHECK(core::readText(report.passwordFile) == password);
}

TEST_CASE(
    "a wrong, missing or foreign password and repository are told apart, before the database is touched")
{
    RepositoryFixture fixture;
    CHECK_THAT(fixture.userErrorOfRun(), Contains("no backup repository"));
    backup::initRepository(fixture.settings, fixture.context);
    backup::RestoreRequest request{.snapshot = "latest", .folder = fixture.folder / "restored"};
    CHECK_THROWS_WITH(backup::restoreSnapshot(fixture.settings, request, fixture.context),
                      Contains("no backup yet"));

    const std::string password = core::readText(fixture.settings.passwordFile);
    core::writeTextAtomically(fixture.settings.passwordFile, "wrong\n");
    CHECK_THAT(fixture.userErrorOfRun(), Contains("does not open"));
    fs::remove(fixture.settings.passwordFile);
    CHECK_THAT(fixture.userErrorOfRun(), Contains("password file"));
    core::writeTextAtomically(fixture.settings.passwordFile, password);
    fs::rename(fixture.settings.repository, fixture.folder / "moved");
    CHECK_THAT(fixture.userErrorOfRun(), Contains("no backup repository"));
    core::writeTextAtomically(fixture.workspace.backup() / "settings.json", "{");
    CHECK_THROWS_AS(backup::BackupSettings::load(fixture.workspace), core::FormatError);
}

TEST_CASE("the lock of a killed restic is removed, the lock of a running one is respected")
{
    test::BackupFixture fixture;
    const auto stored = backup::runBackup(fixture.settings, fixture.access, fixture.context);
    {
        const WaitingRestic running(fixture.settings);
        CHECK_THROWS_WITH(fixture.verify(stored.snapshot), Contains("in use by another program"));
    }
    CHECK_FALSE(fs::is_empty(fixture.settings.repository / "locks"));
    CHECK(fixture.verify(stored.snapshot).ok);
    CHECK_THROWS_AS(fixture.verify("ffffffffff"), core::UserError);
}

TEST_CASE("two operations on one workspace do not run at the same time")
{
    RepositoryFixture fixture;
    backup::initRepository(fixture.settings, fixture.context);
    const auto lock = backup::lockBackups(fixture.settings);
    CHECK_THAT(fixture.userErrorOfRun(), Contains("is running"));
}

TEST_CASE("a full disk and missing programs are named with what to do")
{
    RepositoryFixture fixture;
    CHECK_THROWS_WITH(backup::findPostgresTool("pg_dump", 99), Contains("99 or newer"));
    CHECK(backup::findPostgresTool("pg_dump", 14).filename() == "pg_dump");
    CHECK_THROWS_AS(backup::requireSpace(fixture.folder.path(), std::int64_t{1} << 60), core::SystemError);
    CHECK_NOTHROW(backup::requireSpace(fixture.folder.path(), 1));

    putFakeResticFirst(fixture.folder / "bin",
                       "Fatal: unable to save snapshot: write: no space left on device");
    CHECK_THROWS_WITH(backup::initRepository(fixture.settings, fixture.context), Contains("disk is full"));
    CHECK_FALSE(fs::exists(fixture.settings.passwordFile));
    ::setenv("PATH", "/nowhere", 1);
    CHECK_THROWS_WITH(backup::initRepository(fixture.settings, fixture.context), Contains("not installed"));
}

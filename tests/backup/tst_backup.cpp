// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup_fixture.h"

#include "app/pipeline/backup_job.h"
#include "core/error.h"
#include "core/file_io.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <optional>

using namespace voorwerp;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// Flips a byte in the middle of the largest data file of a restic repository.
void damageRepository(const fs::path& repository)
{
    fs::path largest;
    for (const auto& entry : fs::recursive_directory_iterator(repository / "data"))
        if (entry.is_regular_file() && (largest.empty() || entry.file_size() > fs::file_size(largest)))
            largest = entry.path();
    fs::permissions(largest, fs::perms::owner_read | fs::perms::owner_write);
    std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(fs::file_size(largest) / 2);
    file.seekg(middle);
    const int byte = file.get();
    file.seekp(middle);
    file.put(static_cast<char>(byte ^ 0x55));
}

/// Nothing of an operation is left over: no scratch folder, no scratch server.
void checkNothingIsLeft(const test::BackupFixture& fixture)
{
    for (const char* name : {"staging", "scratch"})
        CHECK_FALSE(fs::exists(fixture.workspace.backup() / name));
    const auto scratch =
        catalog::PrivateCluster::status(core::Workspace(fixture.workspace.backup() / "scratch"));
    CHECK_FALSE(scratch.running);
    CHECK_FALSE(scratch.initialised);
}

} // namespace

TEST_CASE("a backup is listed, verified by a real restore, and restored into a new workspace with the same "
          "rows and files")
{
    test::BackupFixture fixture;
    auto& [folder, context, workspace, cluster, database, settings, access] = fixture;
    const auto first = backup::runBackup(settings, access, context);
    CHECK(first.snapshot.size() == 64);
    CHECK(first.bytes > 350000);
    CHECK(first.rows >= 2000);
    const auto again = backup::runBackup(settings, access, context);
    CHECK(again.bytesAdded < first.bytesAdded / 2);
    checkNothingIsLeft(fixture);

    const auto verified = fixture.verify();
    INFO((verified.problems.empty() ? "" : verified.problems.front()));
    CHECK(verified.ok);
    CHECK(verified.snapshot == again.snapshot);
    CHECK(verified.rows == first.rows);
    CHECK(verified.files == again.files);
    checkNothingIsLeft(fixture);

    const auto list = backup::listSnapshots(settings, context);
    REQUIRE(list.size() == 2);
    CHECK(list[0].id == first.snapshot);
    CHECK_FALSE(list[0].verified);
    REQUIRE(list[1].verified);
    CHECK(list[1].verified->ok);
    CHECK(list[1].bytes == again.bytes);
    CHECK(list[1].time.back() == 'Z');

    test::query(database, "DELETE FROM fuji.\"Odd name\"");
    const core::Workspace restored(folder / "restored");
    backup::RestoreRequest request{.snapshot = first.snapshot.substr(0, 8), .folder = restored.folder()};
    request.openDatabase = pipeline::ownServer(context);
    const auto report = backup::restoreSnapshot(settings, request, context);
    CHECK(report.rows == first.rows);
    std::optional<catalog::PrivateCluster> target(catalog::PrivateCluster::open(restored, context));
    CHECK(test::query(catalog::Database(target->uri()),
                      "SELECT md5(string_agg(bytes::text, '' ORDER BY id)) FROM fuji.\"Odd name\"") ==
          test::query(database, "SELECT md5(string_agg(decode(md5(i::text), 'hex')::text, '' ORDER BY i)) "
                                "FROM generate_series(1, 2000) i"));
    for (const char* name : {"models/vae/1/model.h5", "datasets/demo.h5", "recipes/mine.json"})
        CHECK(core::sha256OfFile(restored.folder() / name) == core::sha256OfFile(workspace.folder() / name));
    CHECK_FALSE(fs::exists(restored.folder() / "database"));
    CHECK_FALSE(fs::exists(restored.models() / "vae/.new-1"));

    // What is there is not written over, unless it may be moved aside.
    CHECK_THROWS_AS(backup::restoreSnapshot(settings, request, context), core::UserError);
    target.reset();
    backup::RestoreRequest files{.snapshot = "latest", .folder = restored.folder()};
    files.existing = backup::RestoreRequest::Existing::MoveAside;
    const auto replaced = backup::restoreSnapshot(settings, files, context);
    CHECK(fs::exists(replaced.movedAside / "postgres"));
    CHECK(fs::exists(restored.folder() / "database/toc.dat"));
}

TEST_CASE("damage in the repository is found by verification, and a restore from it leaves nothing behind")
{
    test::BackupFixture fixture;
    auto& [folder, context, workspace, cluster, database, settings, access] = fixture;
    const auto stored = backup::runBackup(settings, access, context);
    damageRepository(settings.repository);
    const auto verified = fixture.verify();
    CHECK_FALSE(verified.ok);
    REQUIRE_FALSE(verified.problems.empty());
    CHECK_THAT(verified.problems.front(), Contains("damaged"));
    checkNothingIsLeft(fixture);
    const auto list = backup::listSnapshots(settings, context);
    REQUIRE(list.at(0).verified);
    CHECK_FALSE(list[0].verified->ok);
    CHECK_FALSE(list[0].verified->problems.empty());

    backup::RestoreRequest request{.snapshot = stored.snapshot, .folder = folder / "restored"};
    CHECK_THROWS_AS(backup::restoreSnapshot(settings, request, context), core::FormatError);
    CHECK_FALSE(fs::exists(folder / "restored"));
    CHECK_FALSE(fs::exists(folder / "restored.restoring"));
}

TEST_CASE("a stop during any phase leaves nothing behind, and the next backup works")
{
    test::BackupFixture fixture;
    for (const char* phase : {"Dumping the database", "Hashing files", "Storing"}) {
        std::stop_source stop;
        core::JobContext stopping(stop.get_token(),
                                  [&](const core::Progress& progress) {
                                      if (progress.phase == phase)
                                          stop.request_stop();
                                  },
                                  {});
        INFO(phase);
        CHECK_THROWS_AS(backup::runBackup(fixture.settings, fixture.access, stopping), core::Cancelled);
        checkNothingIsLeft(fixture);
    }
    backup::runBackup(fixture.settings, fixture.access, fixture.context);
    CHECK(backup::listSnapshots(fixture.settings, fixture.context).size() == 1);
    for (const char* phase :
         {"Reading all stored data", "Restoring files", "Comparing files", "Restoring the database"}) {
        std::stop_source stop;
        core::JobContext stopping(stop.get_token(),
                                  [&](const core::Progress& progress) {
                                      if (progress.phase == phase)
                                          stop.request_stop();
                                  },
                                  {});
        INFO(phase);
        CHECK_THROWS_AS(fixture.verify("latest", stopping), core::Cancelled);
        checkNothingIsLeft(fixture);
    }
    CHECK(fixture.verify().ok);
}

TEST_CASE("a server that is gone is said to be gone")
{
    test::BackupFixture fixture;
    backup::DatabaseAccess access = fixture.access;
    access.environment["PGHOST"] = (fixture.folder / "nowhere").string();
    try {
        backup::runBackup(fixture.settings, access, fixture.context);
        FAIL("the backup ran without a server");
    } catch (const core::DatabaseError& error) {
        CHECK(error.kind() == core::DatabaseError::Kind::Unreachable);
        CHECK_FALSE(error.remedy().empty());
    }
    checkNothingIsLeft(fixture);
}

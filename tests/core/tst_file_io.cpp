// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/file_io.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <sys/stat.h>

using namespace voorwerp;

TEST_CASE("SHA-256 of 'abc' is the published test vector")
{
    test::TemporaryFolder folder;
    core::writeTextAtomically(folder / "abc", "abc");
    REQUIRE(core::sha256OfFile(folder / "abc") ==
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("A write that fails leaves the old file and no temporary one")
{
    test::TemporaryFolder folder;
    core::writeTextAtomically(folder / "file", "old");
    REQUIRE_THROWS_AS(core::writeFileAtomically(folder / "file",
                                                [](const std::filesystem::path& temporary) {
                                                    std::ofstream(temporary) << "half";
                                                    throw core::SystemError("disk full");
                                                }),
                      core::SystemError);
    REQUIRE(core::readText(folder / "file") == "old");
    REQUIRE(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("A folder or a device is not replaced by a file")
{
    const voorwerp::test::TemporaryFolder folder;
    const auto pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK_THROWS_AS(core::writeTextAtomically(pipe, "text"), core::SystemError);
    CHECK(std::filesystem::is_fifo(pipe));
    CHECK_THROWS_AS(core::writeTextAtomically(folder.path(), "text"), core::SystemError);
}

TEST_CASE("A second exclusive lock on a file is not given")
{
    test::TemporaryFolder folder;
    auto first = core::FileLock::acquire(folder / "lock", core::FileLock::Mode::Shared);
    auto second = core::FileLock::tryAcquire(folder / "lock", core::FileLock::Mode::Shared);
    REQUIRE(second.held());
    REQUIRE_FALSE(first.tryUpgrade());
    second.release();
    REQUIRE(first.tryUpgrade());
    REQUIRE_FALSE(core::FileLock::tryAcquire(folder / "lock", core::FileLock::Mode::Shared).held());
}

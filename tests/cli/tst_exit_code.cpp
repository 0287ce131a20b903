// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/exit_code.h"
#include "core/error.h"
#include "nn/error.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <new>

using namespace voorwerp;
using namespace voorwerp::cli;

namespace {

template <typename E> Failure failureOf(const E& error)
{
    return describe(std::make_exception_ptr(error));
}

} // namespace

TEST_CASE("each kind of error has its exit code")
{
    using Kind = core::DatabaseError::Kind;
    CHECK(failureOf(core::UserError("x")).code == ExitCode::WrongUsage);
    CHECK(failureOf(nn::ConfigError("x")).code == ExitCode::WrongUsage);
    CHECK(failureOf(core::FormatError("x")).code == ExitCode::BadData);
    CHECK(failureOf(core::Cancelled()).code == ExitCode::Interrupted);
    CHECK(failureOf(core::DatabaseError(Kind::Unreachable, "x")).code == ExitCode::DatabaseUnreachable);
    CHECK(failureOf(core::DatabaseError(Kind::Refused, "x")).code == ExitCode::Failed);
    CHECK(failureOf(core::DatabaseError(Kind::InDoubt, "x")).code == ExitCode::Failed);
    CHECK(failureOf(core::SystemError("x")).code == ExitCode::Failed);
    CHECK(failureOf(nn::DeviceError("x")).code == ExitCode::Failed);
    CHECK(failureOf(std::bad_alloc()).code == ExitCode::Failed);
    CHECK(failureOf(42).code == ExitCode::Failed);
}

TEST_CASE("message and remedy are kept")
{
    const Failure failure = failureOf(core::FormatError("a.fits is truncated", "Fetch it again."));
    CHECK(failure.error == "a.fits is truncated");
    CHECK(failure.remedy == "Fetch it again.");
}

TEST_CASE("a folder that may not be entered is named in a sentence")
{
    const Failure failure = failureOf(std::filesystem::filesystem_error(
        "status", "/locked", std::make_error_code(std::errc::permission_denied)));
    CHECK(failure.error == "/locked: Permission denied");
    CHECK_FALSE(failure.remedy.empty());
}

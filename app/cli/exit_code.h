// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The exit codes that scripts and batch jobs rely on, and how errors map to them.

#include <exception>
#include <string>

namespace voorwerp::cli {

enum class ExitCode {
    Done = 0,
    Failed = 1,
    WrongUsage = 2,
    BadData = 3,     ///< what was good is kept, what was bad is listed
    Interrupted = 4, ///< can be resumed
    DatabaseUnreachable = 5,
};

/// An error as it is reported.
struct Failure
{
    std::string error;
    std::string remedy; ///< may be empty
    ExitCode code = ExitCode::Failed;
};

/// Must be called with an exception that is not null.
Failure describe(const std::exception_ptr& exception);

} // namespace voorwerp::cli

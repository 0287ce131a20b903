// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Runs another program (initdb, pg_dump, restic) and collects what it says. No shell is involved: arguments
// are passed as they are. Secrets go through the environment, never through arguments.

#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::core {

struct ProcessRequest
{
    std::vector<std::string> command;               ///< program (looked up in PATH) and its arguments
    std::map<std::string, std::string> environment; ///< added to, or replacing, this process's environment
    std::filesystem::path workingFolder;            ///< empty: this process's own
    std::string runAsUser;                          ///< empty: this process's user; a name needs root
    std::function<void(std::string_view line)>
        onOutputLine; ///< called on the calling thread for each line of stdout
};

struct ProcessResult
{
    int exitCode = 0;   ///< 128 + signal when it was killed
    std::string output; ///< standard output (not collected when onOutputLine is set)
    std::string error;  ///< standard error, at most its last 64 KiB
    bool ok() const { return exitCode == 0; }
};

/// Runs the program to its end. On a stop request it gets SIGTERM, after five seconds SIGKILL, and Cancelled
/// is thrown. The child also ends (SIGTERM) when this process dies. Throws SystemError when it cannot be
/// started.
ProcessResult runProcess(const ProcessRequest& request, std::stop_token stop = {});

/// Path of a program in PATH or in one of the extra folders, or empty.
std::filesystem::path findProgram(const std::string& name,
                                  const std::vector<std::filesystem::path>& extraFolders = {});

} // namespace voorwerp::core

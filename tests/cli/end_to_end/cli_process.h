// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// voorwerp-cli as a child process: run to its end, or started to be watched, interrupted or killed.

#include "support/test_support.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace voorwerp::test {

struct CliResult
{
    int exitCode = 0; ///< 128 + signal when it was killed
    std::string output;
    std::string error;
    /// The last line of standard output. Throws when that is not JSON.
    nlohmann::json json() const;
};

/// A running voorwerp-cli; killed when the object goes while it runs.
class CliProcess
{
public:
    /// Output goes to files in folder.
    CliProcess(const std::vector<std::string>& arguments, const std::filesystem::path& folder);
    ~CliProcess();
    CliProcess(const CliProcess&) = delete;
    CliProcess& operator=(const CliProcess&) = delete;

    /// Waits until standard error has the text; false when the process ended without saying it.
    bool waitForError(const std::string& text);
    void send(int signal) const;
    CliResult wait();

private:
    bool ended();
    pid_t m_pid = -1;
    int m_status = 0;
    bool m_waited = false;
    std::filesystem::path m_output, m_error;
};

/// A workspace in a temporary folder whose private server stays up between commands.
class CliWorkspace
{
public:
    CliWorkspace();
    ~CliWorkspace();
    std::filesystem::path operator/(const std::string& name) const { return m_folder / name; }
    std::filesystem::path workspace() const { return m_folder / "workspace"; }

    /// Runs a command with --workspace and --json.
    CliResult run(std::vector<std::string> arguments) const;
    /// The same without --json: what a person sees.
    CliResult runAsText(std::vector<std::string> arguments) const;
    /// With --json in another workspace.
    CliResult runIn(const std::filesystem::path& workspace, std::vector<std::string> arguments) const;
    /// Runs it, requires exit code 0 and returns its JSON object.
    nlohmann::json require(const std::vector<std::string>& arguments) const;
    /// Starts a command without waiting for it.
    std::unique_ptr<CliProcess> start(std::vector<std::string> arguments) const;

private:
    TemporaryFolder m_folder;
};

} // namespace voorwerp::test

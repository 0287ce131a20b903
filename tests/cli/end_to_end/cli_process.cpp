// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/end_to_end/cli_process.h"

#include "core/file_io.h"

#include <catch2/catch.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace voorwerp::test {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds kPollInterval{20};

pid_t spawn(const std::vector<std::string>& arguments, const fs::path& output, const fs::path& error)
{
    std::vector<std::string> words = {VOORWERP_CLI};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), kFlags, 0644);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, error.c_str(), kFlags, 0644);
    pid_t pid = -1;
    const int failed = ::posix_spawn(&pid, VOORWERP_CLI, &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        throw std::runtime_error("cannot start " VOORWERP_CLI);
    return pid;
}

std::string describe(const std::vector<std::string>& arguments, const CliResult& result)
{
    std::string text = "voorwerp-cli";
    for (const std::string& argument : arguments)
        text += " " + argument;
    return text + "\nexit code " + std::to_string(result.exitCode) + "\n" + result.output + "\n" +
           result.error;
}

} // namespace

nlohmann::json CliResult::json() const
{
    std::string text = output;
    while (text.ends_with('\n'))
        text.pop_back();
    return nlohmann::json::parse(text.substr(text.rfind('\n') + 1));
}

CliProcess::CliProcess(const std::vector<std::string>& arguments, const fs::path& folder)
{
    static std::atomic<int> counter = 0;
    const std::string number = std::to_string(++counter);
    m_output = folder / ("out-" + number);
    m_error = folder / ("err-" + number);
    m_pid = spawn(arguments, m_output, m_error);
}

CliProcess::~CliProcess()
{
    if (m_waited)
        return;
    ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, &m_status, 0);
}

bool CliProcess::ended()
{
    if (!m_waited && ::waitpid(m_pid, &m_status, WNOHANG) == m_pid)
        m_waited = true;
    return m_waited;
}

bool CliProcess::waitForError(const std::string& text)
{
    while (true) {
        const bool last = ended();
        if (core::readText(m_error).find(text) != std::string::npos)
            return true;
        if (last)
            return false;
        std::this_thread::sleep_for(kPollInterval);
    }
}

void CliProcess::send(int signal) const
{
    ::kill(m_pid, signal);
}

CliResult CliProcess::wait()
{
    if (!m_waited)
        ::waitpid(m_pid, &m_status, 0);
    m_waited = true;
    const int code = WIFSIGNALED(m_status) ? 128 + WTERMSIG(m_status) : WEXITSTATUS(m_status);
    return {code, core::readText(m_output), core::readText(m_error)};
}

CliWorkspace::CliWorkspace()
{
    require({"workspace", "start"});
}

CliWorkspace::~CliWorkspace()
{
    run({"workspace", "stop"});
}

CliResult CliWorkspace::run(std::vector<std::string> arguments) const
{
    return runIn(workspace(), std::move(arguments));
}

CliResult CliWorkspace::runAsText(std::vector<std::string> arguments) const
{
    arguments.insert(arguments.end(), {"--workspace", workspace().string()});
    return CliProcess(arguments, m_folder.path()).wait();
}

CliResult CliWorkspace::runIn(const fs::path& workspace, std::vector<std::string> arguments) const
{
    arguments.insert(arguments.end(), {"--workspace", workspace.string(), "--json"});
    return CliProcess(arguments, m_folder.path()).wait();
}

nlohmann::json CliWorkspace::require(const std::vector<std::string>& arguments) const
{
    const CliResult result = run(arguments);
    INFO(describe(arguments, result));
    REQUIRE(result.exitCode == 0);
    return result.json();
}

std::unique_ptr<CliProcess> CliWorkspace::start(std::vector<std::string> arguments) const
{
    arguments.insert(arguments.end(), {"--workspace", workspace().string(), "--json"});
    return std::make_unique<CliProcess>(arguments, m_folder.path());
}

} // namespace voorwerp::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process.h"

#include "core/error.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <optional>
#include <poll.h>
#include <pwd.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace voorwerp::core {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kKeptError = 64 * 1024;
constexpr int kPollMilliseconds = 100;
constexpr auto kGraceBeforeKill = std::chrono::seconds(5);
constexpr int kCannotStart = 127;

class Pipe
{
public:
    Pipe()
    {
        if (::pipe2(m_ends.data(), O_CLOEXEC) != 0)
            throw SystemError(std::string("cannot create a pipe: ") + std::strerror(errno));
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe()
    {
        closeEnd(0);
        closeEnd(1);
    }
    int readEnd() const { return m_ends[0]; }
    int writeEnd() const { return m_ends[1]; }
    void closeEnd(std::size_t end)
    {
        if (m_ends[end] >= 0)
            ::close(m_ends[end]);
        m_ends[end] = -1;
    }

private:
    std::array<int, 2> m_ends{-1, -1};
};

struct UserIds
{
    uid_t uid;
    gid_t gid;
    std::string name;
    std::string home;
};

std::optional<UserIds> lookUpUser(const std::string& name)
{
    if (name.empty())
        return std::nullopt;
    const passwd* entry = ::getpwnam(name.c_str());
    if (entry == nullptr)
        throw SystemError("there is no user '" + name + "' on this machine");
    return UserIds{entry->pw_uid, entry->pw_gid, name, entry->pw_dir};
}

std::vector<std::string> childEnvironment(const ProcessRequest& request, const std::optional<UserIds>& user)
{
    std::map<std::string, std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            variables[std::string(text.substr(0, equals))] = std::string(text.substr(equals + 1));
    }
    if (user) {
        variables["HOME"] = user->home;
        variables["USER"] = variables["LOGNAME"] = user->name;
    }
    for (const auto& [name, value] : request.environment)
        variables[name] = value;
    std::vector<std::string> result;
    for (const auto& [name, value] : variables)
        result.push_back(name + "=" + value);
    return result;
}

std::vector<char*> pointersTo(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

/// Runs in the child between fork and exec: only async-signal-safe calls.
[[noreturn]] void becomeChild(const char* program, char* const* arguments, char* const* variables,
                              const char* folder, const std::optional<UserIds>& user, int out, int err,
                              pid_t parent)
{
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    const int null = ::open("/dev/null", O_RDONLY);
    if (null >= 0)
        ::dup2(null, STDIN_FILENO);
    if (user && (::setgroups(0, nullptr) != 0 || ::setgid(user->gid) != 0 || ::setuid(user->uid) != 0))
        ::_exit(kCannotStart);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent || (folder != nullptr && ::chdir(folder) != 0))
        ::_exit(kCannotStart);
    // Signals are still blocked: no handler of the parent's may run in the child.
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE})
        ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(program, arguments, variables);
    ::_exit(kCannotStart);
}

/// Blocks all signals of this thread while the object lives.
class BlockedSignals
{
public:
    BlockedSignals()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &m_before);
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }

private:
    sigset_t m_before{};
};

class OutputCollector
{
public:
    OutputCollector(const ProcessRequest& request, ProcessResult& result)
        : m_request(request)
        , m_result(result)
    {
    }
    void addOutput(std::string_view text)
    {
        if (!m_request.onOutputLine) {
            m_result.output += text;
            return;
        }
        m_line += text;
        for (auto end = m_line.find('\n'); end != std::string::npos; end = m_line.find('\n')) {
            m_request.onOutputLine(std::string_view(m_line).substr(0, end));
            m_line.erase(0, end + 1);
        }
    }
    void addError(std::string_view text)
    {
        m_result.error += text;
        if (m_result.error.size() > kKeptError)
            m_result.error.erase(0, m_result.error.size() - kKeptError);
    }
    void finish()
    {
        if (!m_line.empty())
            m_request.onOutputLine(m_line);
    }

private:
    const ProcessRequest& m_request;
    ProcessResult& m_result;
    std::string m_line;
};

/// Signals the child when a stop is requested: first SIGTERM, later SIGKILL.
class StopSignal
{
public:
    StopSignal(pid_t child, std::stop_token stop)
        : m_child(child)
        , m_stop(std::move(stop))
    {
    }
    void poll()
    {
        if (!m_stop.stop_requested())
            return;
        const auto now = std::chrono::steady_clock::now();
        if (!m_terminatedAt) {
            ::kill(m_child, SIGTERM);
            m_terminatedAt = now;
        } else if (now - *m_terminatedAt > kGraceBeforeKill) {
            ::kill(m_child, SIGKILL);
        }
    }
    bool sent() const { return m_terminatedAt.has_value(); }

private:
    pid_t m_child;
    std::stop_token m_stop;
    std::optional<std::chrono::steady_clock::time_point> m_terminatedAt;
};

int waitFor(pid_t child, StopSignal& stop)
{
    int status = 0;
    for (;;) {
        const pid_t ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (ended < 0 && errno != EINTR)
            throw SystemError(std::string("lost a child process: ") + std::strerror(errno));
        stop.poll();
        ::usleep(2000);
    }
}

void collect(Pipe& out, Pipe& err, OutputCollector& collector, StopSignal& stop, pid_t child)
{
    std::array<pollfd, 2> waiting{pollfd{out.readEnd(), POLLIN, 0}, pollfd{err.readEnd(), POLLIN, 0}};
    std::array<char, 16384> block{};
    while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
        stop.poll();
        const int ready = ::poll(waiting.data(), waiting.size(), kPollMilliseconds);
        if (ready == 0) {
            // A server started by the child may keep the pipe open for ever: the child's own end decides.
            siginfo_t info{};
            if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                info.si_pid == child)
                return;
        }
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            if (waiting[i].fd < 0 || (waiting[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0)
                continue;
            const ssize_t got = ::read(waiting[i].fd, block.data(), block.size());
            if (got > 0 && i == 0)
                collector.addOutput({block.data(), static_cast<std::size_t>(got)});
            else if (got > 0)
                collector.addError({block.data(), static_cast<std::size_t>(got)});
            else if (got == 0 || errno != EINTR)
                waiting[i].fd = -1;
        }
    }
}

} // namespace

ProcessResult runProcess(const ProcessRequest& request, std::stop_token stop)
{
    const fs::path program = findProgram(request.command.at(0));
    if (program.empty())
        throw SystemError("the program '" + request.command[0] + "' is not installed",
                          "Install it (packaging/install-dependencies lists what Voorwerp needs).");
    const auto user = lookUpUser(request.runAsUser);
    auto variables = childEnvironment(request, user);
    auto arguments = request.command;
    const auto variablePointers = pointersTo(variables);
    const auto argumentPointers = pointersTo(arguments);
    const std::string folder = request.workingFolder.string();
    Pipe out;
    Pipe err;
    const pid_t parent = ::getpid();
    pid_t child = -1;
    {
        const BlockedSignals blocked;
        child = ::fork();
        if (child == 0)
            becomeChild(program.c_str(), argumentPointers.data(), variablePointers.data(),
                        folder.empty() ? nullptr : folder.c_str(), user, out.writeEnd(), err.writeEnd(),
                        parent);
    }
    if (child < 0)
        throw SystemError(std::string("cannot start ") + program.string() + ": " + std::strerror(errno));
    out.closeEnd(1);
    err.closeEnd(1);
    ProcessResult result;
    OutputCollector collector(request, result);
    StopSignal stopSignal(child, std::move(stop));
    collect(out, err, collector, stopSignal, child);
    result.exitCode = waitFor(child, stopSignal);
    collector.finish();
    if (stopSignal.sent())
        throw Cancelled();
    return result;
}

fs::path findProgram(const std::string& name, const std::vector<fs::path>& extraFolders)
{
    if (name.find('/') != std::string::npos)
        return ::access(name.c_str(), X_OK) == 0 ? fs::path(name) : fs::path();
    const char* path = std::getenv("PATH");
    std::vector<fs::path> folders = extraFolders;
    std::istringstream list(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin");
    for (std::string folder; std::getline(list, folder, ':');)
        folders.emplace_back(folder.empty() ? "." : folder);
    for (const fs::path& folder : folders) {
        const fs::path candidate = folder / name;
        std::error_code ignored;
        if (::access(candidate.c_str(), X_OK) == 0 && fs::is_regular_file(candidate, ignored))
            return candidate;
    }
    return {};
}

} // namespace voorwerp::core

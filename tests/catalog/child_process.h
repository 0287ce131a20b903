// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A second program for the tests: a fork of this process that runs a function until it is killed or told to
// end.

#include <csignal>
#include <functional>
#include <stdexcept>
#include <string>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace voorwerp::test {

class ChildProcess
{
public:
    /// use() runs in the child; it calls the function it gets when it is ready, and then this object's
    /// constructor returns. When use() returns, the child ends with 0; with 1 when it throws.
    explicit ChildProcess(const std::function<void(const std::function<void()>& ready)>& use)
    {
        int ends[2];
        if (::pipe(ends) != 0)
            throw std::runtime_error("no pipe");
        m_pid = ::fork();
        if (m_pid == 0)
            run(use, ends[1]);
        ::close(ends[1]);
        char word = 0;
        m_ready = ::read(ends[0], &word, 1) == 1;
        ::close(ends[0]);
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess() { kill(SIGKILL); }
    bool ready() const { return m_ready; }
    /// Sends the signal and waits for the end. Returns the exit code, or 128 + signal.
    int kill(int signal)
    {
        if (m_pid <= 0)
            return 0;
        ::kill(m_pid, signal);
        return wait();
    }
    int wait()
    {
        int status = 0;
        ::waitpid(m_pid, &status, 0);
        m_pid = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    [[noreturn]] static void run(const std::function<void(const std::function<void()>&)>& use, int pipe)
    {
        int code = 0;
        try {
            use([pipe] { [[maybe_unused]] const auto written = ::write(pipe, "r", 1); });
        } catch (...) {
            code = 1;
        }
        ::_exit(code);
    }
    pid_t m_pid = -1;
    bool m_ready = false;
};

} // namespace voorwerp::test

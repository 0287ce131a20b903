// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/stop_signals.h"

#include "core/error.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace voorwerp::cli {

namespace {

constexpr char kSignalByte = 's';
constexpr char kEndByte = 'e';

int g_writeEnd = -1; ///< set before the handler is installed

extern "C" void requestStop(int)
{
    const int savedErrno = errno;
    [[maybe_unused]] const ssize_t written = ::write(g_writeEnd, &kSignalByte, 1);
    errno = savedErrno;
}

void setHandler(int signal, void (*handler)(int), int flags)
{
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = flags;
    ::sigaction(signal, &action, nullptr);
}

void watch(int readEnd, std::stop_source source)
{
    char byte = 0;
    while (true) {
        const ssize_t count = ::read(readEnd, &byte, 1);
        if (count < 0 && errno == EINTR)
            continue;
        if (count == 1 && byte == kSignalByte)
            source.request_stop();
        else
            break;
    }
    ::close(readEnd);
}

} // namespace

StopSignals::StopSignals()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw core::SystemError("cannot create a pipe", "Raise the limit on open files (ulimit -n).");
    g_writeEnd = ends[1];
    m_watcher = std::thread(watch, ends[0], m_source);
    for (const int signal : {SIGINT, SIGTERM})
        setHandler(signal, requestStop, SA_RESTART | static_cast<int>(SA_RESETHAND));
}

StopSignals::~StopSignals()
{
    for (const int signal : {SIGINT, SIGTERM})
        setHandler(signal, SIG_DFL, 0);
    [[maybe_unused]] const ssize_t written = ::write(g_writeEnd, &kEndByte, 1);
    m_watcher.join();
    ::close(g_writeEnd);
}

} // namespace voorwerp::cli

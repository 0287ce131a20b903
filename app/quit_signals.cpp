// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/quit_signals.h"

#include <QSocketNotifier>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace voorwerp::app {

namespace {

constexpr std::array kSignals = {SIGTERM, SIGINT, SIGHUP};
int g_writeEnd = -1; ///< set before the handler is installed

extern "C" void tellWindow(int)
{
    const int savedErrno = errno;
    const char byte = 's';
    [[maybe_unused]] const ssize_t written = ::write(g_writeEnd, &byte, 1);
    errno = savedErrno;
}

void setHandlers(void (*handler)(int), int flags)
{
    for (const int signal : kSignals) {
        struct sigaction action = {};
        if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
            continue; // nohup
        action = {};
        action.sa_handler = handler;
        action.sa_flags = flags;
        ::sigaction(signal, &action, nullptr);
    }
}

} // namespace

QuitSignals::QuitSignals(QObject* parent)
    : QObject(parent)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return; // signals end the program as they do by default
    m_readEnd = ends[0];
    g_writeEnd = ends[1];
    auto* notifier = new QSocketNotifier(m_readEnd, QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, [this] {
        std::array<char, 16> bytes{};
        if (::read(m_readEnd, bytes.data(), bytes.size()) > 0)
            emit quitRequested();
    });
    setHandlers(tellWindow, SA_RESTART | static_cast<int>(SA_RESETHAND));
}

QuitSignals::~QuitSignals()
{
    if (m_readEnd < 0)
        return;
    setHandlers(SIG_DFL, 0);
    ::close(m_readEnd);
    ::close(g_writeEnd);
}

} // namespace voorwerp::app

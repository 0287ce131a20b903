// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SIGINT and SIGTERM as a stop request. A second signal ends the process at once.

#include <stop_token>
#include <thread>

namespace voorwerp::cli {

/// While it lives, the first signal requests the stop. One object a process.
class StopSignals
{
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    std::stop_token token() const { return m_source.get_token(); }

private:
    std::stop_source m_source;
    std::thread m_watcher; ///< waits for the handler's byte: a handler itself may not call request_stop()
};

} // namespace voorwerp::cli

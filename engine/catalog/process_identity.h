// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: who owns a running job, such that a later process with the same number is told apart.

#include <cstdint>
#include <string>

namespace voorwerp::catalog {

struct ProcessIdentity
{
    std::string host;
    std::int64_t pid = 0;
    std::string start; ///< boot id and start time of the process in clock ticks since boot

    static ProcessIdentity own();
    /// Only meaningful on the process's own host.
    bool lives() const;
};

} // namespace voorwerp::catalog

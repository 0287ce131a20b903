// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/process_identity.h"

#include <array>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace voorwerp::catalog {

namespace {

constexpr int kStartTimeField = 20; ///< of /proc/PID/stat, counted after the name's closing bracket
constexpr std::size_t kLongestHostName = 256;

std::string firstLine(const std::string& path)
{
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    return line;
}

/// Empty when there is no such process, or it is a zombie.
std::string startOf(std::int64_t pid)
{
    const std::string line = firstLine("/proc/" + std::to_string(pid) + "/stat");
    const std::size_t bracket = line.rfind(')');
    if (bracket == std::string::npos)
        return {};
    std::istringstream fields(line.substr(bracket + 1));
    std::string field;
    for (int i = 0; i < kStartTimeField; ++i) {
        fields >> field;
        if (i == 0 && field == "Z")
            return {};
    }
    return firstLine("/proc/sys/kernel/random/boot_id") + "/" + field;
}

} // namespace

ProcessIdentity ProcessIdentity::own()
{
    std::array<char, kLongestHostName> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0)
        host[0] = '\0';
    return {host.data(), ::getpid(), startOf(::getpid())};
}

bool ProcessIdentity::lives() const
{
    const std::string now = startOf(pid);
    return !now.empty() && now == start;
}

} // namespace voorwerp::catalog

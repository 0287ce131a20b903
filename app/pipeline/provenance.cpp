// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/provenance.h"

#include "core/version.h"

#include <array>
#include <ctime>
#include <pwd.h>
#include <unistd.h>

namespace voorwerp::pipeline {

std::string softwareVersion()
{
    return std::string("Voorwerp ") + core::kVersion + " (" + core::kCommit + ")";
}

std::string currentTime()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

std::string currentUser()
{
    const passwd* entry = ::getpwuid(::getuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::getuid());
}

} // namespace voorwerp::pipeline

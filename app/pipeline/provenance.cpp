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

std::string timeText(std::time_t time)
{
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

std::string currentTime()
{
    return timeText(std::time(nullptr));
}

std::string currentUser()
{
    const passwd* entry = ::getpwuid(::getuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::getuid());
}

} // namespace voorwerp::pipeline

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What every result says about the program that made it.

#include <ctime>
#include <string>

namespace voorwerp::pipeline {

/// "Voorwerp 0.1.0 (1a2b3c4d5e6f)".
std::string softwareVersion();
/// ISO 8601 in UTC, to the second: "2026-11-22T01:40:00Z".
std::string timeText(std::time_t time);
/// Now, as timeText().
std::string currentTime();
/// The person: the login name of this process's user.
std::string currentUser();

} // namespace voorwerp::pipeline

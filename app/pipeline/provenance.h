// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What every result says about the program that made it.

#include <string>

namespace voorwerp::pipeline {

/// "Voorwerp 0.1.0 (1a2b3c4d5e6f)".
std::string softwareVersion();
/// Now, ISO 8601 in UTC, to the second.
std::string currentTime();
/// The person: the login name of this process's user.
std::string currentUser();

} // namespace voorwerp::pipeline

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Passwords in database addresses: found, and hidden from messages and from the list of processes.

#include <string>
#include <vector>

namespace voorwerp::catalog {

/// Any text; the passwords of addresses in it (postgresql://user:password@..., password=...) become "***".
std::string hideSecrets(std::string text);
/// The address has a password in it.
bool hasSecret(const std::string& text);
/// The arguments of main(), as they were. Their passwords are overwritten in argv itself, which ps shows.
std::vector<std::string> takeArguments(int argc, char** argv);

/// For who gave a password on the command line.
inline constexpr const char* kSecretWarning =
    "a password on the command line can be seen by others of this computer and stays in the history of the "
    "shell: "
    "keep it in ~/.pgpass (host:port:database:user:password, mode 0600) and leave it out";

} // namespace voorwerp::catalog

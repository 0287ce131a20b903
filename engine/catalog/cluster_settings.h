// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: the configuration files of the private server, written anew at each start.

#include <filesystem>
#include <string>

namespace voorwerp::catalog {

/// postgresql.conf for this machine: memory in proportion to its RAM, no network, all writes safe.
std::string clusterSettings(const std::filesystem::path& socketFolder);
/// pg_ident.conf: this user (and the server's own) may be the program's role and the administrator.
std::string clusterIdentities(const std::string& administrator);

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What libpq understands of a connection string, without connecting.

#include <map>
#include <string>

namespace voorwerp::catalog {

/// libpq's keywords that the string sets ("host", "user", "password", ...). Throws core::UserError, without
/// repeating the string, where it cannot be understood.
std::map<std::string, std::string> parseConnectionString(const std::string& uri);
/// The same, with what we add to it: a server on another machine is asked for TLS with a certificate for its
/// name (sslmode=verify-full, signed by ~/.postgresql/root.crt or else by an authority that this system
/// trusts) where neither the string nor libpq's environment or service file says otherwise.
std::map<std::string, std::string> connectionSettings(const std::string& uri);
/// The inverse of parseConnectionString(), in key='value' form.
std::string makeConnectionString(const std::map<std::string, std::string>& settings);
/// Text with each occurrence of the string's password replaced.
std::string hidePassword(std::string text, const std::map<std::string, std::string>& settings);

} // namespace voorwerp::catalog

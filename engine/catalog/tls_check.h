// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: why a server could not be trusted.

#include "catalog/roles.h"

#include <map>
#include <optional>
#include <string>

namespace voorwerp::catalog {

/// After a connection with these settings failed: looks at the server's certificate, without sending a user
/// or a password, and says what is wrong with it and what to do. failure: libpq's message. nullopt: the
/// failure has nothing to do with TLS. Takes at most a few seconds; never throws.
std::optional<Refusal> explainTls(const std::map<std::string, std::string>& settings,
                                  const std::string& failure);

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: what migrations and connections need of roles.h.

#include "catalog/roles.h"

#include <functional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>

namespace voorwerp::catalog {

/// grants.sql, built in.
extern const std::string_view kGrantsSql;

/// Gives the four roles what grants.sql says; nothing where they do not exist. Needs the owner of the schema.
void applyGrants(pqxx::transaction_base& work);

/// Makes the tables of a schema so that they belong to the survey: on behalf of a lead the group
/// voorwerp_lead owns them, everybody with a role reads them, and the owner of the survey writes them, too.
/// make: the statements, in work.
void makeShared(pqxx::work& work, const std::string& schema, const std::function<void()>& make);

/// What a person reads when the server refused something for want of a privilege: who is connected as what,
/// which role may do it, and the server's own message. Never throws.
Refusal refusalBy(const Database& database, const std::string& message);

} // namespace voorwerp::catalog

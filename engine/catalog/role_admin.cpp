// SPDX-License-Identifier: GPL-3.0-or-later
// The four roles: made, given, taken, listed.
#include "catalog/names.h"
#include "catalog/role_sql.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"

#include <algorithm>

namespace voorwerp::catalog {

namespace {

using core::DatabaseError;

std::string roleList()
{
    std::string list;
    for (const char* role : kRoleNames)
        list += (list.empty() ? "'" : ", '") + std::string(role) + "'";
    return list;
}

bool allExist(pqxx::transaction_base& work)
{
    return work
        .exec1("SELECT count(*) = " + std::to_string(kRoleNames.size()) +
               " FROM pg_roles WHERE rolname IN (" + roleList() + ")")[0]
        .as<bool>();
}

/// Roles are managed by who owns the schema and may create roles.
void requireManager(pqxx::work& work)
{
    const auto row = work.exec1(
        "SELECT current_user, pg_get_userbyid(n.nspowner), pg_has_role(n.nspowner, 'USAGE'), "
        "r.rolcreaterole OR r.rolsuper FROM pg_namespace n, pg_roles r WHERE n.nspname = 'voorwerp' AND "
        "r.rolname = current_user");
    const std::string login = textOf(row[0]);
    if (!row[2].as<bool>())
        throw DatabaseError(DatabaseError::Kind::Refused,
                            "You are connected as " + login +
                                ", which may not manage the roles of this database.",
                            "Only its owner may: connect as " + textOf(row[1]) + ".");
    if (!row[3].as<bool>())
        throw DatabaseError(
            DatabaseError::Kind::Refused, "The login " + login + " may not create roles.",
            "Ask the administrator of the server for: ALTER ROLE " + work.quote_name(login) +
                " CREATEROLE. The private server of a workspace belongs to one person and needs "
                "no roles: they are for a server named with --db.");
}

std::string fullRoleName(const std::string& role)
{
    std::vector<std::string> names;
    for (const char* name : kRoleNames) {
        if (role == name || "voorwerp_" + role == name)
            return name;
        names.emplace_back(std::string(name).substr(std::string("voorwerp_").size()));
    }
    throw core::UserError("there is no role '" + role + "'",
                          didYouMean(role, names, "The roles are reader, researcher, lead and operator."));
}

void recordEvent(pqxx::work& work, const std::string& action, const std::string& object,
                 const std::string& detail)
{
    work.exec_params("SELECT voorwerp.audit_event($1, $2, $3::jsonb)", action, object, detail);
}

void changeMembership(const Database& database, const std::string& role, const std::string& login,
                      const char* verb, const char* preposition, const char* action)
{
    const std::string name = fullRoleName(role);
    inTransaction(database, [&](pqxx::work& work) {
        requireManager(work);
        if (!allExist(work))
            throw core::UserError("this server has no roles of Voorwerp yet",
                                  "Make them first: workspace roles create.");
        if (work.exec_params("SELECT FROM pg_roles WHERE rolname = $1", login).empty())
            throw core::UserError(
                "there is no login '" + login + "' on this server",
                "Its administrator makes one: CREATE ROLE name LOGIN, then \\password name.");
        work.exec(std::string(verb) + " " + name + " " + preposition + " " + work.quote_name(login));
        work.exec_params("SELECT voorwerp.audit_event($1, $2, jsonb_build_object('role', $3::text))", action,
                         login, name);
    });
}

/// Roles of PostgreSQL's own that pg_dump of everything and the monitor need; a superuser's to give where the
/// server is newer than 15.
std::vector<std::string> giveServerRoles(pqxx::work& work)
{
    std::vector<std::string> remarks;
    for (const char* role : {"pg_read_all_data", "pg_monitor"}) {
        const std::string grant = std::string("GRANT ") + role + " TO voorwerp_operator";
        try {
            pqxx::subtransaction attempt(work);
            attempt.exec(grant);
            attempt.commit();
        } catch (const pqxx::sql_error&) {
            remarks.push_back("A superuser of the server should run once: " + grant + ";");
        }
    }
    return remarks;
}

} // namespace

void applyGrants(pqxx::transaction_base& work)
{
    if (allExist(work))
        work.exec(std::string(kGrantsSql));
}

void makeShared(pqxx::work& work, const std::string& schema, const std::function<void()>& make)
{
    const auto rows =
        work.exec("SELECT quote_ident(pg_get_userbyid(nspowner)), NOT pg_has_role(nspowner, 'USAGE') AND "
                  "EXISTS (SELECT FROM pg_roles WHERE rolname = 'voorwerp_lead' AND pg_has_role(oid, "
                  "'MEMBER')) FROM pg_namespace WHERE nspname = 'voorwerp'");
    // Without our schema, as on DESI's own server, nobody shares; the owner's default privileges do it for
    // him.
    if (rows.empty() || !rows[0][1].as<bool>())
        return make();
    const std::string name = work.quote_name(schema);
    const std::string owner = textOf(rows[0][0]);
    work.exec("SET LOCAL ROLE voorwerp_lead");
    make();
    work.exec("GRANT USAGE, CREATE ON SCHEMA " + name + " TO " + owner +
              "; GRANT ALL ON ALL TABLES IN SCHEMA " + name + " TO " + owner + "; GRANT USAGE ON SCHEMA " +
              name + " TO voorwerp_reader; GRANT SELECT ON ALL TABLES IN SCHEMA " + name +
              " TO voorwerp_reader; RESET ROLE");
}

bool rolesExist(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) { return allExist(work); });
}

std::vector<std::string> createRoles(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        requireManager(work);
        for (const char* role : kRoleNames)
            if (work.exec_params("SELECT FROM pg_roles WHERE rolname = $1", std::string(role)).empty())
                work.exec(std::string("CREATE ROLE ") + role + " NOLOGIN");
        work.exec("GRANT voorwerp_reader TO voorwerp_researcher, voorwerp_operator;"
                  "GRANT voorwerp_researcher TO voorwerp_lead");
        const auto remarks = giveServerRoles(work);
        applyGrants(work);
        recordEvent(work, "roles created", "voorwerp_*", "{}");
        return remarks;
    });
}

void grantRole(const Database& database, const std::string& role, const std::string& login)
{
    changeMembership(database, role, login, "GRANT", "TO", "role granted");
}

void revokeRole(const Database& database, const std::string& role, const std::string& login)
{
    changeMembership(database, role, login, "REVOKE", "FROM", "role revoked");
}

std::vector<RoleMember> roleMembers(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        std::vector<RoleMember> members;
        for (const auto& row :
             work.exec("SELECT r.rolname, m.rolname FROM pg_auth_members a JOIN pg_roles r ON r.oid = "
                       "a.roleid JOIN "
                       "pg_roles m ON m.oid = a.member WHERE r.rolname IN (" +
                       roleList() + ") AND m.rolname NOT IN (" + roleList() + ") ORDER BY 1, 2"))
            members.push_back({textOf(row[0]), textOf(row[1])});
        return members;
    });
}

} // namespace voorwerp::catalog

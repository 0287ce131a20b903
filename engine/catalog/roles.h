// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Who may do what. A shared server has four group roles, made on request: voorwerp_reader;
// voorwerp_researcher (also labels, selections, catalogues, training sets, models, scores, jobs);
// voorwerp_lead (also imports files, promotes and deletes models); voorwerp_operator (reads, backs up,
// monitors). Which role may write which table is grants.sql; the server enforces it. Permissions tell
// beforehand what a login may do, from the server's own privileges, so that roles made by hand count, too.
// The owner of the schema may do everything.

#include "catalog/database.h"

#include <array>
#include <bitset>
#include <cstddef>
#include <string>
#include <vector>

namespace voorwerp::catalog {

/// What changes something, or shows what not everybody may see. Reading the survey needs none of these.
enum class Right {
    Label,       ///< set, clear, import labels
    Select,      ///< save selections
    Dataset,     ///< build training sets
    Train,       ///< add model versions
    Score,       ///< score with a model
    Job,         ///< queue, retry and cancel jobs
    Catalogue,   ///< import other catalogues, match against them
    Ingest,      ///< import files
    Promote,     ///< move aliases: promote, roll back
    DeleteModel, ///< remove model versions
    Backup,      ///< back up, verify, restore
    Audit,       ///< read who did what
};
inline constexpr std::size_t kRights = 12;

/// What cannot be done, and what to do about it.
struct Refusal
{
    std::string message; ///< "You are connected as ada (voorwerp_reader), which may not set labels."
    std::string remedy;  ///< "Ask the owner of the database (desi) for the role voorwerp_researcher."
    std::string sentence() const { return remedy.empty() ? message : message + " " + remedy; }
};

/// What one login may do. A value.
class Permissions
{
public:
    /// Everything is allowed: the private cluster, or nothing is known yet.
    static Permissions everything();
    /// Nothing of Right is allowed, for this reason: a server that is only browsed.
    static Permissions nothing(Refusal reason);

    bool may(Right right) const { return m_rights.test(static_cast<std::size_t>(right)); }
    /// Empty texts where it may.
    Refusal whyNot(Right right) const;
    /// Throws DatabaseError (Refused) with that text.
    void require(Right right) const;
    /// Name of the login on the server; empty while nothing is known.
    const std::string& login() const { return m_login; }
    /// "voorwerp_lead, voorwerp_operator", "owner", "superuser", or empty: none of them.
    const std::string& role() const { return m_role; }

private:
    friend Permissions permissionsOf(const Database& database);
    std::bitset<kRights> m_rights;
    Refusal m_reason; ///< of nothing()
    std::string m_login;
    std::string m_role;
    std::string m_owner; ///< of the schema
};

/// Asks the server. Works with any schema version, also where there is no schema "voorwerp".
Permissions permissionsOf(const Database& database);

/// Throws DatabaseError (Refused), with a sentence and a remedy, where the login may not do it.
void requireRight(const Database& database, Right right);

/// A login's membership in one of the roles.
struct RoleMember
{
    std::string role;
    std::string login;
};

/// From least to most.
inline constexpr std::array<const char*, 4> kRoleNames{"voorwerp_reader", "voorwerp_researcher",
                                                       "voorwerp_lead", "voorwerp_operator"};

/// Creates the roles that are missing and gives each what grants.sql says; may be run again. Needs the owner
/// of the schema, with CREATEROLE. Returns remarks: what a superuser should add by hand.
std::vector<std::string> createRoles(const Database& database);
/// role: its name, with or without "voorwerp_". Throws UserError (unknown role or login), DatabaseError.
void grantRole(const Database& database, const std::string& role, const std::string& login);
void revokeRole(const Database& database, const std::string& role, const std::string& login);
/// By role, then login; empty where the roles do not exist.
std::vector<RoleMember> roleMembers(const Database& database);
/// Whether all four exist on this server.
bool rolesExist(const Database& database);

} // namespace voorwerp::catalog

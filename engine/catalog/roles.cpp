// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/roles.h"

#include "catalog/role_sql.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"

#include <algorithm>

namespace voorwerp::catalog {

namespace {

constexpr const char* kReader = "voorwerp_reader";
constexpr const char* kResearcher = "voorwerp_researcher";
constexpr const char* kLead = "voorwerp_lead";
constexpr const char* kOperator = "voorwerp_operator";

/// One privilege that a right needs: on a table of the schema "voorwerp", or EXECUTE on one of its functions.
struct Need
{
    Right right;
    const char* relation;
    const char* privilege;
};

constexpr std::array kNeeds{
    Need{Right::Label, "label", "INSERT"},
    Need{Right::Label, "label", "UPDATE"},
    Need{Right::Label, "label", "DELETE"},
    Need{Right::Label, "label_history", "INSERT"},
    Need{Right::Select, "selection", "INSERT"},
    Need{Right::Select, "selection", "UPDATE"},
    Need{Right::Dataset, "dataset", "INSERT"},
    Need{Right::Train, "model_version", "INSERT"},
    Need{Right::Score, "score", "INSERT"},
    Need{Right::Score, "score", "DELETE"},
    Need{Right::Score, "score_run", "INSERT"},
    Need{Right::Job, "job", "INSERT"},
    Need{Right::Job, "job", "UPDATE"},
    Need{Right::Catalogue, "imported_catalogue", "INSERT"},
    Need{Right::Catalogue, "imported_row", "INSERT"},
    Need{Right::Catalogue, "catalogue_match", "INSERT"},
    Need{Right::Catalogue, "catalogue_match_run", "INSERT"},
    Need{Right::Ingest, "file", "INSERT"},
    Need{Right::Ingest, "file", "UPDATE"},
    Need{Right::Ingest, "target", "INSERT"},
    Need{Right::Ingest, "target", "UPDATE"},
    Need{Right::Ingest, "target", "DELETE"},
    Need{Right::Ingest, "spectrum", "INSERT"},
    Need{Right::Ingest, "spectrum", "DELETE"},
    Need{Right::Promote, "model_alias", "INSERT"},
    Need{Right::Promote, "model_alias", "UPDATE"},
    Need{Right::Promote, "alias_history", "INSERT"},
    Need{Right::DeleteModel, "model_version", "DELETE"},
    Need{Right::DeleteModel, "score_run", "DELETE"},
    Need{Right::Audit, "audit", "SELECT"},
    Need{Right::Backup, "audit_event", "EXECUTE"},
    Need{Right::Backup, "audit", "SELECT"},
};

/// What a right is called in a sentence, and the least role that has it.
struct Words
{
    const char* verb;
    const char* role;
};

/// In the order of Right.
constexpr std::array<Words, kRights> kWords{{
    {"set labels", kResearcher},
    {"save selections", kResearcher},
    {"build training sets", kResearcher},
    {"train models", kResearcher},
    {"score spectra", kResearcher},
    {"queue, retry or cancel jobs", kResearcher},
    {"import or match catalogues", kResearcher},
    {"import files", kLead},
    {"promote models or roll back", kLead},
    {"delete models", kLead},
    {"back up, verify or restore", kOperator},
    {"read the audit", kOperator},
}};

const Words& wordsOf(Right right)
{
    return kWords.at(static_cast<std::size_t>(right));
}

std::string privilegesQuery()
{
    std::string needs;
    for (const Need& need : kNeeds)
        needs += (needs.empty() ? "(" : ", (") + std::to_string(static_cast<int>(need.right)) + ", '" +
                 need.relation + "', '" + need.privilege + "')";
    return "SELECT need.which, bool_and(coalesce(CASE need.privilege WHEN 'EXECUTE' THEN "
           "has_schema_privilege(n.oid, 'USAGE') AND (SELECT bool_or(has_function_privilege(p.oid, "
           "'EXECUTE')) "
           "FROM pg_proc p WHERE p.pronamespace = n.oid AND p.proname = need.relation) "
           "ELSE has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, need.privilege) END, "
           "false)) "
           "FROM (VALUES " +
           needs +
           ") need (which, relation, privilege) LEFT JOIN pg_namespace n ON n.nspname = 'voorwerp' "
           "LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = need.relation GROUP BY need.which";
}

/// The words of a message that could be a table's name: PostgreSQL quotes it in some languages.
bool mentions(const std::string& message, const std::string& word)
{
    const auto isLetter = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    for (auto at = message.find(word); at != std::string::npos; at = message.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool begins = at == 0 || !isLetter(static_cast<unsigned char>(message[at - 1]));
        if (begins && (end == message.size() || !isLetter(static_cast<unsigned char>(message[end]))))
            return true;
    }
    return false;
}

} // namespace

Permissions Permissions::everything()
{
    Permissions permissions;
    permissions.m_rights.set();
    return permissions;
}

Permissions Permissions::nothing(Refusal reason)
{
    Permissions permissions;
    permissions.m_reason = std::move(reason);
    return permissions;
}

Refusal Permissions::whyNot(Right right) const
{
    if (may(right))
        return {};
    if (!m_reason.message.empty())
        return m_reason;
    const std::string who = m_role.empty() ? m_login + ", which has no role in this database and may not "
                                           : m_login + " (" + m_role + "), which may not ";
    return {"You are connected as " + who + wordsOf(right).verb + ".",
            "Ask the owner of the database (" + m_owner + ") for the role " + wordsOf(right).role + "."};
}

void Permissions::require(Right right) const
{
    if (!may(right))
        throw core::DatabaseError(core::DatabaseError::Kind::Refused, whyNot(right).message,
                                  whyNot(right).remedy);
}

Permissions permissionsOf(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        Permissions permissions;
        for (const auto& row : work.exec(privilegesQuery()))
            permissions.m_rights.set(row[0].as<std::size_t>(), row[1].as<bool>());
        const auto who = work.exec1(
            "SELECT session_user, coalesce((SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname "
            "= "
            "'voorwerp'), pg_get_userbyid((SELECT datdba FROM pg_database WHERE datname = "
            "current_database()))), "
            "EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE "
            "n.nspname = 'voorwerp' AND p.proname = 'role_of' AND has_schema_privilege(n.oid, 'USAGE') AND "
            "has_function_privilege(p.oid, 'EXECUTE'))");
        permissions.m_login = textOf(who[0]);
        permissions.m_owner = textOf(who[1]);
        if (who[2].as<bool>())
            permissions.m_role = textOf(work.exec1("SELECT voorwerp.role_of(session_user)")[0]);
        return permissions;
    });
}

void requireRight(const Database& database, Right right)
{
    permissionsOf(database).require(right);
}

Refusal refusalBy(const Database& database, const std::string& message)
{
    try {
        const Permissions permissions = permissionsOf(database);
        const auto refused = [&](Right right, const char* word) {
            return !permissions.may(right) && mentions(message, word);
        };
        const auto sentence = [&](Right right) {
            Refusal refusal = permissions.whyNot(right);
            refusal.message += " The server says: " + message;
            return refusal;
        };
        for (const Need& need : kNeeds)
            if (refused(need.right, need.relation))
                return sentence(need.right);
        if (refused(Right::Ingest, "database")) // a production's schema was to be made
            return sentence(Right::Ingest);
    } catch (const std::exception&) {
        // The server's own words must do.
    }
    return {message, "Ask the owner of the database for a role that may do this (workspace roles list)."};
}

} // namespace voorwerp::catalog

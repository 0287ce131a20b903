// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/audit_store.h"

#include "catalog/session.h"
#include "catalog/sql_values.h"

#include <array>

namespace voorwerp::catalog {

namespace {

/// In the order of CareEvent.
constexpr std::array<const char*, 3> kCareEvents{"backup made", "backup verified", "backup restored"};

/// The distinct values of an indexed column by jumps from one to the next: the table may be long, they are
/// few.
std::vector<std::string> distinct(pqxx::work& work, const std::string& column)
{
    std::vector<std::string> values;
    for (const auto& row : work.exec("WITH RECURSIVE jump AS (SELECT min(" + column +
                                     ") AS value FROM voorwerp.audit UNION ALL SELECT (SELECT min(" + column +
                                     ") FROM voorwerp.audit WHERE " + column +
                                     " > jump.value) FROM jump WHERE jump.value IS NOT NULL) "
                                     "SELECT value FROM jump WHERE value IS NOT NULL ORDER BY 1"))
        values.push_back(textOf(row[0]));
    return values;
}

/// now() where there is no time.
void requireTime(pqxx::work& work, const std::string& text)
{
    try {
        pqxx::subtransaction attempt(work);
        attempt.exec_params("SELECT $1::timestamptz", text);
        attempt.commit();
    } catch (const pqxx::data_exception&) {
        throw core::UserError("'" + text + "' is not a time",
                              "Write it as 2026-11-01 or 2026-11-01T12:00:00Z.");
    }
}

} // namespace

std::vector<AuditEntry> listAudit(const Database& database, const AuditQuery& query, std::stop_token stop)
{
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        std::string where = "true";
        const auto also = [&](bool wanted, const std::string& condition) {
            if (wanted)
                where += " AND " + condition;
        };
        if (!query.since.empty())
            requireTime(work, query.since);
        also(!query.since.empty(), "at >= " + work.quote(query.since) + "::timestamptz");
        also(!query.login.empty(), "login = " + work.quote(cleanText(query.login)));
        also(!query.action.empty(), "action = " + work.quote(cleanText(query.action)));
        also(query.before > 0, "id < " + numberText(query.before));
        std::vector<AuditEntry> entries;
        for (const auto& row :
             work.exec("SELECT id, " + isoTime("at") +
                       ", login, role, application, action, object, detail FROM voorwerp.audit "
                       "WHERE " +
                       where + " ORDER BY id DESC LIMIT " + numberText(query.limit)))
            entries.push_back({row[0].as<std::int64_t>(), textOf(row[1]), textOf(row[2]), textOf(row[3]),
                               textOf(row[4]), textOf(row[5]), textOf(row[6]), textOf(row[7])});
        return entries;
    });
}

AuditWords auditWords(const Database& database, std::stop_token stop)
{
    return inTransaction(database, std::move(stop), [](pqxx::work& work) {
        return AuditWords{distinct(work, "login"), distinct(work, "action")};
    });
}

void recordCare(const Database& database, CareEvent event, const std::string& object,
                const std::string& detail)
{
    inTransaction(database, [&](pqxx::work& work) {
        work.exec_params("SELECT voorwerp.audit_event($1, $2, $3::jsonb)",
                         std::string(kCareEvents.at(static_cast<std::size_t>(event))), cleanText(object),
                         detail.empty() ? "{}" : cleanText(detail));
    });
}

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Who did what, when: the rows that triggers of the database write (migrations/0009_audit.sql). Nothing
// changes or removes one. Errors as database.h says; a login without Right::Audit gets DatabaseError
// (Refused).

#include "catalog/database.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::catalog {

struct AuditEntry
{
    std::int64_t id = 0;
    std::string time;        ///< ISO 8601
    std::string login;       ///< on the server
    std::string role;        ///< it had then: "voorwerp_lead", "owner", ...
    std::string application; ///< "voorwerp", "psql", ...
    std::string action;      ///< "label set", "alias set", "backup made", ...
    std::string object;      ///< TARGETID, name, path
    std::string detail;      ///< JSON object
};

/// What to read; empty texts ask for everything.
struct AuditQuery
{
    std::string since; ///< a time that PostgreSQL understands: "2026-11-01", "2026-11-01T12:00:00Z"
    std::string login;
    std::string action;
    std::int64_t before = 0; ///< > 0: only rows with a smaller id, the next page
    std::size_t limit = 200;
};

/// Newest first. Throws UserError when since is no time.
std::vector<AuditEntry> listAudit(const Database& database, const AuditQuery& query,
                                  std::stop_token stop = {});

/// What can be asked for: the logins and actions that occur, sorted.
struct AuditWords
{
    std::vector<std::string> logins;
    std::vector<std::string> actions;
};
AuditWords auditWords(const Database& database, std::stop_token stop = {});

/// What has no table of its own and is recorded by whoever did it.
enum class CareEvent { BackupMade, BackupVerified, BackupRestored };
/// Needs Right::Backup. object: the snapshot; detail: a JSON object.
void recordCare(const Database& database, CareEvent event, const std::string& object,
                const std::string& detail);

} // namespace voorwerp::catalog

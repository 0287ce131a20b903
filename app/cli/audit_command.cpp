// SPDX-License-Identifier: GPL-3.0-or-later
// audit list [--since TIME] [--who LOGIN] [--action ACTION] [--limit N] [--format csv|json]
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/cli/whole_number.h"
#include "catalog/audit_store.h"
#include "export/csv.h"

namespace voorwerp::cli {

namespace {

struct AuditOptions
{
    catalog::AuditQuery query;
    std::string format; ///< empty: a table
};

void declareList(CLI::App& app, AuditOptions& options)
{
    app.add_option("--since", options.query.since,
                   "only from this time on, as 2026-11-01 or 2026-11-01T12:00:00Z");
    app.add_option("--who", options.query.login, "only this login of the server");
    app.add_option("--action", options.query.action, "only this, as \"label set\"");
    app.add_option("--limit", options.query.limit, "most rows to list")
        ->check(wholeNumber(1))
        ->capture_default_str();
    app.add_option("--format", options.format, "csv or json (default: a table)")
        ->check(CLI::IsMember({"csv", "json"}));
}

Json jsonOf(const catalog::AuditEntry& entry)
{
    return {{"id", entry.id},
            {"time", entry.time},
            {"login", entry.login},
            {"role", entry.role},
            {"application", entry.application},
            {"action", entry.action},
            {"object", entry.object},
            {"detail", Json::parse(entry.detail, nullptr, false)}};
}

std::string csvLine(const catalog::AuditEntry& entry)
{
    std::string line = std::to_string(entry.id);
    for (const std::string& text :
         {entry.time, entry.login, entry.role, entry.application, entry.action, entry.object, entry.detail})
        line += "," + exporting::csvCell(text);
    return line;
}

Outcome list(Runtime& runtime, const AuditOptions& options)
{
    const auto entries = catalog::listAudit(runtime.database(), options.query, runtime.stopToken());
    Json rows = Json::array();
    TextTable table({"time", "login", "role", "application", "action", "object", "detail"});
    if (options.format == "csv")
        runtime.print("id,time,login,role,application,action,object,detail");
    for (const catalog::AuditEntry& entry : entries) {
        rows.push_back(jsonOf(entry));
        table.add({entry.time, entry.login, entry.role, entry.application, entry.action, entry.object,
                   entry.detail});
        if (options.format == "csv")
            runtime.print(csvLine(entry));
    }
    if (options.format == "json")
        runtime.print(rows.dump(1, ' ', false, Json::error_handler_t::replace));
    else if (options.format.empty())
        runtime.print(table.text());
    return {{{"entries", std::move(rows)}}};
}

} // namespace

void addAuditCommand(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "audit", "who did what, when");
    addVerb<AuditOptions>(line, group, "list", "newest first", declareList, list);
}

} // namespace voorwerp::cli

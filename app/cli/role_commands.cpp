// SPDX-License-Identifier: GPL-3.0-or-later
// workspace roles create | grant ROLE LOGIN | revoke ROLE LOGIN | list
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "catalog/roles.h"

namespace voorwerp::cli {

namespace {

struct MemberOptions
{
    std::string role;
    std::string login;
};

void declareMember(CLI::App& app, MemberOptions& options)
{
    app.add_option("role", options.role, "reader, researcher, lead or operator")->required();
    app.add_option("login", options.login, "a login of the server")->required();
}

Outcome create(Runtime& runtime, const NoOptions&)
{
    const auto remarks = catalog::createRoles(runtime.database());
    for (const std::string& remark : remarks)
        runtime.warn(remark);
    runtime.say("The roles voorwerp_reader, _researcher, _lead and _operator are ready. Give them to people: "
                "workspace roles grant ROLE LOGIN");
    return {{{"roles", catalog::kRoleNames}, {"remarks", remarks}}};
}

Outcome grant(Runtime& runtime, const MemberOptions& options)
{
    catalog::grantRole(runtime.database(), options.role, options.login);
    runtime.say(options.login + " has the role " + options.role + " now.");
    return {{{"role", options.role}, {"login", options.login}}};
}

Outcome revoke(Runtime& runtime, const MemberOptions& options)
{
    catalog::revokeRole(runtime.database(), options.role, options.login);
    runtime.say(options.login + " has the role " + options.role + " no longer.");
    return {{{"role", options.role}, {"login", options.login}}};
}

Outcome list(Runtime& runtime, const NoOptions&)
{
    const bool made = catalog::rolesExist(runtime.database());
    Json rows = Json::array();
    TextTable table({"role", "login"});
    for (const catalog::RoleMember& member : catalog::roleMembers(runtime.database())) {
        rows.push_back({{"role", member.role}, {"login", member.login}});
        table.add({member.role, member.login});
    }
    runtime.print(made ? table.text() : "This server has no roles of Voorwerp yet (workspace roles create).");
    return {{{"created", made}, {"members", std::move(rows)}}};
}

} // namespace

void addRoleCommands(CommandLine& line, CLI::App& workspace)
{
    CLI::App& group = addGroup(workspace, "roles", "who may do what on a shared server");
    addVerb<NoOptions>(line, group, "create", "make the four roles, or give them their rights again",
                       declareNothing, create);
    addVerb<MemberOptions>(line, group, "grant", "give a login a role", declareMember, grant);
    addVerb<MemberOptions>(line, group, "revoke", "take a role from a login", declareMember, revoke);
    addVerb<NoOptions>(line, group, "list", "which login has which role", declareNothing, list);
}

} // namespace voorwerp::cli

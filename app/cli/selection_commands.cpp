// SPDX-License-Identifier: GPL-3.0-or-later
// selection save NAME [--where EXPR] [--rule ID] | list | show NAME
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "catalog/quasar_rule.h"
#include "catalog/selection_store.h"

namespace voorwerp::cli {

namespace {

struct SelectionOptions
{
    std::string name;
    std::string where;
    std::string rule;
};

/// "Rules: ...", for --help.
std::string ruleHelp()
{
    std::string text = "Quasar rules:";
    for (const catalog::QuasarRule& rule : catalog::quasarRules())
        text += "\n  " + rule.id + ": " + rule.title + "\n    " + rule.source;
    return text;
}

void declareShow(CLI::App& app, SelectionOptions& options)
{
    app.add_option("name", options.name, "name of the selection")->required();
}

void declareSave(CLI::App& app, SelectionOptions& options)
{
    declareShow(app, options);
    app.add_option("--where", options.where,
                   "expression, as \"z > 2 and snr > 3\"; see catalog list --help (default: everything)");
    app.add_option("--rule", options.rule, "and only what this quasar rule lets in");
    app.footer(ruleHelp());
}

Json jsonOf(const catalog::Selection& selection)
{
    return {{"name", selection.name},
            {"where", selection.where},
            {"rule", selection.rule},
            {"count", selection.count},
            {"created", selection.created}};
}

Outcome save(Runtime& runtime, const SelectionOptions& options)
{
    if (options.where.empty() && options.rule.empty())
        throw core::UserError("a selection needs --where or --rule", "Give an expression or a quasar rule.");
    const catalog::Selection selection =
        catalog::saveSelection(runtime.database(), options.name, options.where, options.rule);
    runtime.say("Selection " + selection.name + ": " + counted(selection.count, "spectrum", "spectra"));
    if (selection.count == 0)
        runtime.warn("selection " + selection.name +
                     " matches nothing so far; catalog count --where tries an expression");
    return {jsonOf(selection)};
}

Outcome list(Runtime& runtime, const NoOptions&)
{
    Json rows = Json::array();
    TextTable table({"name", ">spectra", "created", "rule", "expression"});
    for (const catalog::Selection& selection : catalog::listSelections(runtime.database())) {
        rows.push_back(jsonOf(selection));
        table.add({selection.name, std::to_string(selection.count), selection.created, selection.rule,
                   selection.where});
    }
    runtime.print(table.text());
    return {{{"selections", std::move(rows)}}};
}

Outcome show(Runtime& runtime, const SelectionOptions& options)
{
    const catalog::Selection selection = catalog::findSelection(runtime.database(), options.name);
    runtime.print("name        " + selection.name + "\nexpression  " + selection.where + "\nrule        " +
                  (selection.rule.empty() ? "none" : selection.rule) + "\nspectra     " +
                  std::to_string(selection.count) + " when saved, " + selection.created);
    return {jsonOf(selection)};
}

} // namespace

void addSelectionCommands(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "selection", "named expressions");
    addVerb<SelectionOptions>(line, group, "save", "store an expression under a name", declareSave, save);
    addVerb<NoOptions>(line, group, "list", "all of them", declareNothing, list);
    addVerb<SelectionOptions>(line, group, "show", "one of them", declareShow, show);
}

} // namespace voorwerp::cli

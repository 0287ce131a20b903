// SPDX-License-Identifier: GPL-3.0-or-later
// models list | show | verify | alias | history | rollback (export and import:
// model_interchange_commands.cpp)
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/pipeline/model_loader.h"
#include "app/pipeline/provenance.h"
#include "catalog/model_store.h"
#include "core/error.h"

namespace voorwerp::cli {

namespace {

struct ModelOptions
{
    std::string model; ///< reference or name; may be empty where the help says so
};

struct AliasOptions
{
    std::string model;
    std::string alias = "champion";
    std::string reason;
    bool ofWorkspace = false;
};

void declareShow(CLI::App& app, ModelOptions& options)
{
    app.add_option("model", options.model, "NAME, NAME@VERSION or NAME@ALIAS")->required();
}

void declareVerify(CLI::App& app, ModelOptions& options)
{
    app.add_option("model", options.model, "NAME, NAME@VERSION or NAME@ALIAS (default: all)");
}

void declareHistory(CLI::App& app, ModelOptions& options)
{
    app.add_option("name", options.model, "model name (default: all)");
}

void declareReason(CLI::App& app, AliasOptions& options)
{
    app.add_option("--reason", options.reason, "kept in the history");
    app.add_flag("--global", options.ofWorkspace, "the alias of the whole workspace, not of one model name");
}

void declareAlias(CLI::App& app, AliasOptions& options)
{
    app.add_option("model", options.model, "NAME@VERSION")->required();
    app.add_option("alias", options.alias, "alias that shall point at it")->required();
    declareReason(app, options);
}

void declareRollback(CLI::App& app, AliasOptions& options)
{
    app.add_option("name", options.model, "model name; not with --global");
    app.add_option("--alias", options.alias, "alias to take one step back")->capture_default_str();
    declareReason(app, options);
}

Json parsed(const std::string& text)
{
    return Json::parse(text.empty() ? "{}" : text, nullptr, false);
}

Json jsonOf(const catalog::ModelVersion& model)
{
    return {{"model", model.name},
            {"version", model.version},
            {"sha256", model.sha256},
            {"file", model.file.string()},
            {"dataset", model.dataset},
            {"dataset_sha256", model.datasetSha256},
            {"created", model.created},
            {"aliases", model.aliases},
            {"workspace_aliases", model.workspaceAliases},
            {"metrics", parsed(model.metrics)}};
}

/// Those of its own name, then those of the workspace.
std::string aliasesOf(const catalog::ModelVersion& model)
{
    std::vector<std::string> words = model.aliases;
    for (const std::string& alias : model.workspaceAliases)
        words.push_back(alias + " (workspace)");
    return joined(words);
}

Outcome list(Runtime& runtime, const NoOptions&)
{
    Json rows = Json::array();
    TextTable table({"name", ">version", "aliases", "dataset", "created", "sha256"});
    for (const catalog::ModelVersion& model : catalog::listModels(runtime.database())) {
        rows.push_back(jsonOf(model));
        table.add({model.name, std::to_string(model.version), aliasesOf(model), model.dataset, model.created,
                   model.sha256.substr(0, 12)});
    }
    runtime.print(table.text());
    return {{{"models", std::move(rows)}}};
}

Outcome show(Runtime& runtime, const ModelOptions& options)
{
    const catalog::ModelVersion model = catalog::findModel(runtime.database(), options.model);
    Json result = jsonOf(model);
    result["configuration"] = parsed(model.configuration);
    result["lineage"] = parsed(model.lineage);
    runtime.print("model          " + model.reference() + "\naliases        " + aliasesOf(model) +
                  "\ncreated        " + model.created + "\nfile           " + model.file.string() +
                  "\nsha256         " + model.sha256 + "\ntraining set   " + model.dataset + " (" +
                  model.datasetSha256 + ")\nconfiguration  " + result["configuration"].dump() +
                  "\nmetrics        " + result["metrics"].dump() + "\nlineage        " +
                  result["lineage"].dump(2));
    return {result};
}

/// Reads the file, compares its hash, lets it compute its golden output. Empty: all is well.
std::string problemOf(Runtime& runtime, const catalog::ModelVersion& model)
{
    try {
        pipeline::loadModel(runtime.session(), model.reference(), "cpu");
        return {};
    } catch (const core::FormatError& error) {
        return error.what();
    } catch (const core::SystemError& error) {
        return error.what();
    }
}

Outcome verify(Runtime& runtime, const ModelOptions& options)
{
    std::vector<catalog::ModelVersion> models;
    if (options.model.empty())
        models = catalog::listModels(runtime.database());
    else
        models.push_back(catalog::findModel(runtime.database(), options.model));
    Json rows = Json::array();
    bool allOk = true;
    for (const catalog::ModelVersion& model : models) {
        runtime.context().throwIfStopped();
        const std::string problem = problemOf(runtime, model);
        allOk = allOk && problem.empty();
        rows.push_back({{"model", model.reference()}, {"ok", problem.empty()}, {"problem", problem}});
        runtime.print(model.reference() + "  " + (problem.empty() ? "ok" : problem));
    }
    return {{{"ok", allOk}, {"models", std::move(rows)}}, allOk ? ExitCode::Done : ExitCode::BadData};
}

Json jsonOf(const catalog::AliasChange& change)
{
    return {{"id", change.id},
            {"model", change.name.model},
            {"alias", change.name.alias},
            {"from", change.from},
            {"to", change.to},
            {"who", change.who},
            {"reason", change.reason},
            {"time", change.time},
            {"undoes", change.undoes}};
}

std::string sentenceOf(const catalog::AliasChange& change)
{
    const std::string owner = change.name.model.empty() ? "the workspace's " : change.name.model + "@";
    return owner + change.name.alias + " is now " + change.to +
           (change.from.empty() ? "" : ", it was " + change.from);
}

Outcome alias(Runtime& runtime, const AliasOptions& options)
{
    const catalog::ModelVersion model = catalog::findModel(runtime.database(), options.model);
    const catalog::AliasName name{options.ofWorkspace ? std::string() : model.name, options.alias};
    const catalog::AliasChange change =
        catalog::setAlias(runtime.database(), name, model.id, pipeline::currentUser(), options.reason);
    runtime.say(sentenceOf(change));
    return {jsonOf(change)};
}

Outcome rollback(Runtime& runtime, const AliasOptions& options)
{
    if (options.ofWorkspace != options.model.empty())
        throw core::UserError("models rollback needs a model name, or --global",
                              "For instance: models rollback vae --alias champion");
    const catalog::AliasChange change = catalog::rollbackAlias(
        runtime.database(), {options.model, options.alias}, pipeline::currentUser(), options.reason);
    runtime.say(sentenceOf(change));
    return {jsonOf(change)};
}

Outcome history(Runtime& runtime, const ModelOptions& options)
{
    Json rows = Json::array();
    TextTable table({"time", "model", "alias", "from", "to", "who", "reason"});
    for (const catalog::AliasChange& change : catalog::aliasHistory(runtime.database(), options.model)) {
        rows.push_back(jsonOf(change));
        table.add({change.time, change.name.model.empty() ? "(workspace)" : change.name.model,
                   change.name.alias, change.from, change.to, change.who,
                   change.reason + (change.undoes > 0 ? " (roll-back)" : "")});
    }
    runtime.print(table.text());
    return {{{"changes", std::move(rows)}}};
}

} // namespace

void addModelCommands(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "models", "model versions and their aliases");
    addVerb<NoOptions>(line, group, "list", "all versions", declareNothing, list);
    addVerb<ModelOptions>(line, group, "show", "one version with its lineage", declareShow, show);
    addVerb<ModelOptions>(line, group, "verify", "compare files with their hashes and golden outputs",
                          declareVerify, verify);
    addVerb<AliasOptions>(line, group, "alias", "point an alias at a version", declareAlias, alias);
    addVerb<ModelOptions>(line, group, "history", "every change of an alias", declareHistory, history);
    addVerb<AliasOptions>(line, group, "rollback", "take an alias one step back", declareRollback, rollback);
    addModelInterchangeVerbs(line, group);
}

} // namespace voorwerp::cli

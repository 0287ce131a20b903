// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/model_store.h"

#include "catalog/names.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace voorwerp::catalog {

namespace {

/// The aliases of a version whose owner fulfils a condition, separated by commas.
std::string aliasesWhere(const std::string& owner)
{
    return "coalesce((SELECT string_agg(a.alias, ',' ORDER BY a.alias) FROM voorwerp.model_alias a WHERE "
           "a.model_version_id = m.id AND a.model " +
           owner + "), '')";
}

const std::string kSelect = "SELECT m.id, m.name, m.version, m.file, m.sha256, m.dataset, m.dataset_sha256, "
                            "m.configuration, m.metrics, "
                            "m.lineage, " +
                            isoTime("m.created") + ", " + aliasesWhere("<> ''") + ", " +
                            aliasesWhere("= ''") + " FROM voorwerp.model_version m ";

std::vector<std::string> splitAliases(const std::string& list)
{
    std::vector<std::string> aliases;
    for (std::size_t start = 0; start < list.size();) {
        const std::size_t end = std::min(list.find(',', start), list.size());
        aliases.push_back(list.substr(start, end - start));
        start = end + 1;
    }
    return aliases;
}

ModelVersion readModel(const pqxx::row& row)
{
    return {{row[0].as<std::int64_t>()},
            textOf(row[1]),
            row[2].as<int>(),
            textOf(row[3]),
            textOf(row[4]),
            textOf(row[5]),
            textOf(row[6]),
            textOf(row[7]),
            textOf(row[8]),
            textOf(row[9]),
            textOf(row[10]),
            splitAliases(textOf(row[11])),
            splitAliases(textOf(row[12]))};
}

bool isNumber(const std::string& text)
{
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string jsonOrEmpty(const std::string& text)
{
    return text.empty() ? "{}" : cleanText(text);
}

/// NAME@ALIAS of the aliases, to look a reference up.
std::optional<core::ModelVersionId> aliasTarget(const Database& database, const std::string& model,
                                                const std::string& alias)
{
    return inTransaction(database, [&](pqxx::work& work) -> std::optional<core::ModelVersionId> {
        const auto rows = work.exec_params(
            "SELECT model_version_id FROM voorwerp.model_alias WHERE model = $1 AND alias = $2",
            cleanText(model), cleanText(alias));
        if (rows.empty())
            return std::nullopt;
        return core::ModelVersionId{rows[0][0].as<std::int64_t>()};
    });
}

ModelVersion findDefault(const Database& database)
{
    if (const auto champion = aliasTarget(database, "", "champion"))
        return findModel(database, *champion);
    throw core::UserError("no model is the champion of this workspace yet",
                          listModels(database).empty() ? "Train a model first."
                                                       : "Name a model, or promote one.");
}

} // namespace

bool ModelVersion::isChampion() const
{
    return std::find(workspaceAliases.begin(), workspaceAliases.end(), AliasName().alias) !=
           workspaceAliases.end();
}

int nextModelVersion(const Database& database, const std::string& name)
{
    return inTransaction(database, [&](pqxx::work& work) {
        return work
            .exec_params1("SELECT coalesce(max(version), 0) + 1 FROM voorwerp.model_version WHERE name = $1",
                          cleanText(name))[0]
            .as<int>();
    });
}

ModelVersion registerModel(const Database& database, const ModelVersion& model)
{
    requireName("model", model.name);
    const auto id = inTransaction(database, [&](pqxx::work& work) -> std::optional<core::ModelVersionId> {
        const auto rows =
            work.exec_params("INSERT INTO voorwerp.model_version (name, version, file, sha256, dataset, "
                             "dataset_sha256, configuration, "
                             "metrics, lineage) VALUES ($1, CASE WHEN $2::int4 > 0 THEN $2::int4 ELSE "
                             "(SELECT coalesce(max(version), 0) + 1 "
                             "FROM voorwerp.model_version WHERE name = $1) END, $3, $4, $5, $6, $7::jsonb, "
                             "$8::jsonb, $9::jsonb) "
                             "ON CONFLICT (name, version) DO NOTHING RETURNING id",
                             model.name, model.version, cleanText(model.file.string()), model.sha256,
                             model.dataset, model.datasetSha256, jsonOrEmpty(model.configuration),
                             jsonOrEmpty(model.metrics), jsonOrEmpty(model.lineage));
        if (rows.empty())
            return std::nullopt;
        return core::ModelVersionId{rows[0][0].as<std::int64_t>()};
    });
    if (!id)
        throw core::UserError("there is a model " + model.reference() + " already",
                              "Versions are never replaced: take the next number.");
    return findModel(database, *id);
}

std::vector<ModelVersion> listModels(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        std::vector<ModelVersion> models;
        for (const auto& row : work.exec(kSelect + "ORDER BY m.name, m.version"))
            models.push_back(readModel(row));
        return models;
    });
}

ModelVersion findModel(const Database& database, core::ModelVersionId id)
{
    return inTransaction(database, [&](pqxx::work& work) {
        const auto rows = work.exec_params(kSelect + "WHERE m.id = $1", id.value);
        if (rows.empty())
            throw core::UserError("there is no model version with the number " + std::to_string(id.value));
        return readModel(rows[0]);
    });
}

ModelVersion findModel(const Database& database, const std::string& reference)
{
    if (reference.empty())
        return findDefault(database);
    const std::size_t at = reference.find('@');
    const std::string name = reference.substr(0, at);
    const std::string suffix = at == std::string::npos ? std::string() : reference.substr(at + 1);
    std::vector<ModelVersion> versions;
    std::vector<std::string> names;
    for (ModelVersion& model : listModels(database)) {
        names.push_back(model.name);
        if (model.name == name)
            versions.push_back(std::move(model));
    }
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (versions.empty())
        throw core::UserError(
            "there is no model '" + name + "'",
            didYouMean(name, names, names.empty() ? "Train a model first." : "See models list."));
    if (at == std::string::npos)
        return versions.back();
    const auto alias = isNumber(suffix) ? std::nullopt : aliasTarget(database, name, suffix);
    for (const ModelVersion& model : versions)
        if (alias ? model.id == *alias : std::to_string(model.version) == suffix)
            return model;
    std::string known = "There are versions 1 to " + std::to_string(versions.back().version);
    for (const ModelVersion& model : versions)
        for (const std::string& other : model.aliases)
            known += ", " + other;
    throw core::UserError("the model '" + name + "' has no version or alias '" + suffix + "'", known + ".");
}

namespace {

std::string labelOf(const std::string& table)
{
    return "coalesce(" + table + ".name || '@' || " + table + ".version, '')";
}

const std::string kHistory = "SELECT h.id, h.model, h.alias, " + labelOf("f") + ", " + labelOf("t") +
                             ", h.who, h.reason, " + isoTime("h.changed") +
                             ", coalesce(h.undoes, 0) FROM voorwerp.alias_history h LEFT JOIN "
                             "voorwerp.model_version f ON f.id = h.from_version "
                             "JOIN voorwerp.model_version t ON t.id = h.to_version ";

AliasChange readChange(const pqxx::row& row)
{
    return {row[0].as<std::int64_t>(),
            {textOf(row[1]), textOf(row[2])},
            textOf(row[3]),
            textOf(row[4]),
            textOf(row[5]),
            textOf(row[6]),
            textOf(row[7]),
            row[8].as<std::int64_t>()};
}

std::vector<AliasChange> readHistory(pqxx::work& work, const std::string& model)
{
    std::vector<AliasChange> changes;
    for (const auto& row :
         work.exec_params(kHistory + "WHERE $1 = '' OR h.model = $1 ORDER BY h.id", cleanText(model)))
        changes.push_back(readChange(row));
    return changes;
}

/// One change of a name at a time.
void lockAlias(pqxx::work& work, const AliasName& name)
{
    work.exec_params(
        "SELECT pg_advisory_xact_lock(hashtextextended('voorwerp.alias/' || $1 || '@' || $2, 0))", name.model,
        name.alias);
}

AliasChange changeAlias(pqxx::work& work, const AliasName& name, std::int64_t to, const std::string& who,
                        const std::string& reason, std::optional<std::int64_t> undoes)
{
    const auto undone = integerText(undoes);
    const auto id = work.exec_params1("INSERT INTO voorwerp.alias_history (model, alias, from_version, "
                                      "to_version, who, reason, undoes) VALUES ($1, $2, "
                                      "(SELECT model_version_id FROM voorwerp.model_alias WHERE model = $1 "
                                      "AND alias = $2), $3, $4, $5, $6::int8) "
                                      "RETURNING id",
                                      name.model, name.alias, to, cleanText(who), cleanText(reason),
                                      undone ? undone->c_str() : nullptr)[0]
                        .as<std::int64_t>();
    work.exec_params("INSERT INTO voorwerp.model_alias (model, alias, model_version_id) VALUES ($1, $2, $3) "
                     "ON CONFLICT (model, alias) DO UPDATE SET model_version_id = excluded.model_version_id",
                     name.model, name.alias, to);
    return readChange(work.exec_params1(kHistory + "WHERE h.id = $1", id));
}

} // namespace

AliasChange setAlias(const Database& database, const AliasName& name, core::ModelVersionId to,
                     const std::string& who, const std::string& reason)
{
    requireName("model alias", name.alias);
    if (isNumber(name.alias))
        throw core::UserError("the alias '" + name.alias + "' looks like a version number", "Use a word.");
    const ModelVersion model = findModel(database, to);
    if (!name.model.empty() && name.model != model.name)
        throw core::UserError(model.reference() + " is not a version of '" + name.model + "'");
    return inTransaction(database, [&](pqxx::work& work) {
        lockAlias(work, name);
        return changeAlias(work, name, to.value, who, reason, std::nullopt);
    });
}

AliasChange rollbackAlias(const Database& database, const AliasName& name, const std::string& who,
                          const std::string& reason)
{
    return inTransaction(database, [&](pqxx::work& work) {
        lockAlias(work, name);
        const auto history = readHistory(work, name.model);
        const AliasChange* undone = changeToRollBack(history, name);
        if (!undone)
            throw core::UserError("the alias '" + name.alias + "'" +
                                      (name.model.empty() ? std::string() : " of '" + name.model + "'") +
                                      " has nothing before it to go back to",
                                  "Its history shows every change.");
        const auto target =
            work.exec_params1("SELECT from_version FROM voorwerp.alias_history WHERE id = $1", undone->id);
        return changeAlias(work, name, target[0].as<std::int64_t>(), who, reason, undone->id);
    });
}

const AliasChange* changeToRollBack(const std::vector<AliasChange>& history, const AliasName& name)
{
    std::set<std::int64_t> undone;
    for (auto change = history.rbegin(); change != history.rend(); ++change) {
        if (change->undoes != 0)
            undone.insert(change->undoes);
        else if (change->name == name && undone.count(change->id) == 0)
            return change->from.empty() ? nullptr : &*change;
    }
    return nullptr;
}

std::vector<AliasChange> aliasHistory(const Database& database, const std::string& modelName)
{
    return inTransaction(database, [&](pqxx::work& work) { return readHistory(work, modelName); });
}

} // namespace voorwerp::catalog

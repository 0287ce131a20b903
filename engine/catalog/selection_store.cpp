// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/selection_store.h"

#include "catalog/names.h"
#include "catalog/quasar_rule.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"
#include "catalog/target_query.h"
#include "catalog/where.h"

namespace voorwerp::catalog {

namespace {

const std::string kSelect =
    "SELECT name, where_expression, rule, spectra, " + isoTime("created") + " FROM voorwerp.selection ";

Selection readSelection(const pqxx::row& row)
{
    return {textOf(row[0]), textOf(row[1]), textOf(row[2]), row[3].as<std::int64_t>(), textOf(row[4])};
}

} // namespace

Selection saveSelection(const Database& database, const std::string& name, const std::string& where,
                        const std::string& rule)
{
    requireName("selection", name);
    checkWhere(where, false);
    const std::string limited = withQuasarRule(where, rule);
    const std::int64_t count = countTargets(database, limited);
    inTransaction(database, [&](pqxx::work& work) {
        work.exec_params(
            "INSERT INTO voorwerp.selection (name, where_expression, rule, spectra) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (name) DO UPDATE SET where_expression = excluded.where_expression, "
            "rule = excluded.rule, spectra = excluded.spectra, created = now()",
            name, limited, quasarRulesOf(limited), count);
    });
    return findSelection(database, name);
}

std::vector<Selection> listSelections(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        std::vector<Selection> selections;
        for (const auto& row : work.exec(kSelect + "ORDER BY name"))
            selections.push_back(readSelection(row));
        return selections;
    });
}

Selection findSelection(const Database& database, const std::string& name)
{
    std::vector<std::string> names;
    for (const Selection& selection : listSelections(database)) {
        if (selection.name == name)
            return selection;
        names.push_back(selection.name);
    }
    throw core::UserError("there is no selection '" + name + "'",
                          didYouMean(name, names, "Save it first (selection save), or see selection list."));
}

bool deleteSelection(const Database& database, const std::string& name)
{
    return inTransaction(database, [&](pqxx::work& work) {
        return work.exec_params("DELETE FROM voorwerp.selection WHERE name = $1", cleanText(name))
                   .affected_rows() > 0;
    });
}

} // namespace voorwerp::catalog

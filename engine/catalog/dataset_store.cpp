// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/dataset_store.h"

#include "catalog/names.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"

#include <algorithm>

namespace voorwerp::catalog {

namespace {

DatasetRecord readDataset(const pqxx::row& row)
{
    return {row[0].as<std::int64_t>(),
            textOf(row[1]),
            textOf(row[2]),
            textOf(row[3]),
            textOf(row[4]),
            textOf(row[5]),
            textOf(row[6]),
            textOf(row[7]),
            row[8].as<std::int64_t>(),
            row[9].as<std::int64_t>(),
            textOf(row[10]),
            textOf(row[11])};
}

} // namespace

DatasetRecord registerDataset(const Database& database, const DatasetRecord& record)
{
    requireName("training set", record.name);
    const bool stored = inTransaction(database, [&](pqxx::work& work) {
        return work.exec_params(
                       "INSERT INTO voorwerp.dataset (name, file, sha256, selection, where_expression, "
                       "recipe, "
                       "recipe_hash, spectra, pixels, lineage) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
                       "$10::jsonb) ON CONFLICT (name) DO NOTHING",
                       record.name, cleanText(record.file.string()), record.sha256, record.selection,
                       record.where, record.recipe, record.recipeHash, record.spectra, record.pixels,
                       record.lineage.empty() ? "{}" : cleanText(record.lineage))
                   .affected_rows() > 0;
    });
    if (!stored)
        throw core::UserError("there is a training set '" + record.name + "' already",
                              "Choose another name.");
    return findDataset(database, record.name);
}

std::vector<DatasetRecord> listDatasets(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        std::vector<DatasetRecord> records;
        for (const auto& row :
             work.exec("SELECT id, name, file, sha256, selection, where_expression, recipe, recipe_hash, "
                       "spectra, pixels, lineage, " +
                       isoTime("created") + " FROM voorwerp.dataset ORDER BY name"))
            records.push_back(readDataset(row));
        return records;
    });
}

DatasetRecord findDataset(const Database& database, const std::string& name)
{
    std::vector<std::string> names;
    for (const DatasetRecord& record : listDatasets(database)) {
        if (record.name == name)
            return record;
        names.push_back(record.name);
    }
    throw core::UserError("there is no training set '" + name + "'",
                          didYouMean(name, names, "Build it first (dataset build)."));
}

bool datasetExists(const Database& database, const std::string& name)
{
    const auto records = listDatasets(database);
    return std::any_of(records.begin(), records.end(),
                       [&](const auto& record) { return record.name == name; });
}

} // namespace voorwerp::catalog

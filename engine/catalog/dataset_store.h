// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The ledger of training sets: which file, from which selection and recipe, with which hash.

#include "catalog/database.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::catalog {

struct DatasetRecord
{
    std::int64_t id = 0;
    std::string name;
    std::filesystem::path file;
    std::string sha256;
    std::string selection; ///< name
    std::string where;     ///< its expression when the set was made
    std::string recipe;    ///< name
    std::string recipeHash;
    std::int64_t spectra = 0;
    std::int64_t pixels = 0;
    std::string lineage; ///< JSON object: source files and hashes, rejected counts, software version
    std::string created; ///< ISO 8601
};

/// Throws UserError when the name is taken. Returns the stored row.
DatasetRecord registerDataset(const Database& database, const DatasetRecord& record);
std::vector<DatasetRecord> listDatasets(const Database& database);
/// Throws UserError naming near names when there is none.
DatasetRecord findDataset(const Database& database, const std::string& name);
bool datasetExists(const Database& database, const std::string& name);

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: the statements that coadds and QSO catalogues share.

#include "catalog/ingest_store.h"

#include <cstdint>
#include <pqxx/pqxx>
#include <string>

namespace voorwerp::catalog {

struct UpsertedFile
{
    std::int64_t id = 0;
    bool fresh = false; ///< the ledger had no such path
};
/// Writes the ledger row of a path. Waits while another program has the same file in work.
UpsertedFile upsertFile(pqxx::work& work, const FileRecord& file);
/// From a staging table into voorwerp.target, for file $1. Returns id, whether it is new, how many came from
/// other files, key.
std::string upsertTargetsSql(const std::string& staging);
/// Gives redshifts of QSO catalogues to spectra without one: of one coadd file, or of all (0). Returns how
/// many.
std::int64_t useCatalogRedshifts(pqxx::work& work, std::int64_t coaddFile);

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One redshift catalogue of DESI's (zall-pix, zpix, zall-tilecumulative, ztile) into the tables of its
// production, in one transaction.

#include "app/pipeline/coadd_ingest.h"

#include "catalog/specprod_store.h"

namespace voorwerp::pipeline {

struct ZCatalogOutcome
{
    FileOutcome file;
    std::string production;
    catalog::SpecprodCounts counts;
    bool hasSkyIndex = true; ///< false: q3c is not installed
};

/// Rows go through in blocks, however many there are. Throws Cancelled, DatabaseError, FormatError,
/// SystemError; then nothing of the file is in the database.
ZCatalogOutcome ingestZCatalog(const catalog::Database& database, const std::filesystem::path& path,
                               const IngestRequest& request, const std::stop_token& stop,
                               const RowsDone& rowsDone);

} // namespace voorwerp::pipeline

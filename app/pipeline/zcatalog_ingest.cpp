// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/zcatalog_ingest.h"

#include "catalog/specprod_schema.h"
#include "core/error.h"
#include "fits/zcatalog_reader.h"

#include <utility>

namespace voorwerp::pipeline {

ZCatalogOutcome ingestZCatalog(const catalog::Database& database, const std::filesystem::path& path,
                               const IngestRequest& request, const std::stop_token& stop,
                               const RowsDone& rowsDone)
{
    ZCatalogOutcome outcome;
    const fits::FileStamp stamp = fits::FileStamp::of(path);
    catalog::FileRecord record = recordOf(path, stamp, "zcatalog", request, stop);
    record.pixels =
        catalog::PixelStorage::Lossless; // it has none: known however the pixels of others are kept
    if (catalog::alreadyIngested(database, record)) {
        outcome.file.fate = FileOutcome::Fate::KnownAlready;
        return outcome;
    }
    fits::ZCatalogReader reader(path, request.specprod);
    record.specprod = outcome.production = reader.specprod();
    catalog::CatalogLoad load(database, record, stop);
    // Another program had this file in work, and is done now.
    if (catalog::alreadyIngested(database, record)) {
        outcome.file.fate = FileOutcome::Fate::KnownAlready;
        return outcome;
    }
    const auto table = reader.isOfTiles() ? catalog::RedshiftTable::Ztile : catalog::RedshiftTable::Zpix;
    std::size_t done = 0;
    for (core::TableChunk chunk = reader.next(); chunk.rows > 0; chunk = reader.next()) {
        if (stop.stop_requested())
            throw core::Cancelled();
        try {
            load.add({chunk, table, true});
        } catch (const core::FormatError& error) {
            throw core::FormatError(path.string() + ": " + error.what(), error.remedy());
        }
        rowsDone(done += chunk.rows, static_cast<std::size_t>(reader.rows()));
    }
    stamp.check(path);
    outcome.counts = load.commit();
    outcome.hasSkyIndex = load.hasSkyIndex();
    outcome.file.fate = FileOutcome::Fate::Taken;
    if (outcome.counts.unknown > 0)
        outcome.file.rejectRows(path, outcome.counts.unknown,
                                "rows of a survey or program that specprod-db has no number for");
    return outcome;
}

} // namespace voorwerp::pipeline

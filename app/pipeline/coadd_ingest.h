// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One coadd file with its redshifts into PostgreSQL, in one transaction.

#include "app/pipeline/ingest_job.h"

#include "catalog/database.h"
#include "catalog/ingest_store.h"
#include "fits/desi_tree.h"
#include "fits/file_stamp.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::pipeline {

/// What became of a file.
struct FileOutcome
{
    enum class Fate { Rejected, KnownAlready, Taken };
    Fate fate = Fate::Rejected;
    std::int64_t spectra = 0;            ///< new or replaced
    std::int64_t filesRejected = 0;      ///< the file itself, or companions that could not be read
    std::int64_t rejected = 0;           ///< rows
    std::vector<IngestProblem> problems; ///< of companions and rows

    void rejectFile(const std::filesystem::path& path, const std::string& reason);
    void rejectRow(const std::filesystem::path& path, std::int64_t row, const std::string& reason);
    void rejectRows(const std::filesystem::path& path, std::int64_t count, const std::string& reason);
};

/// A reader's message begins with the path, which a problem has in a field of its own.
IngestProblem problemOf(const std::filesystem::path& path, const std::string& reason);

/// The ledger row of a file: hashes its bytes.
catalog::FileRecord recordOf(const std::filesystem::path& path, const fits::FileStamp& stamp,
                             const char* kind, const IngestRequest& request, const std::stop_token& stop);

/// Rows read so far and rows of the file.
using RowsDone = std::function<void(std::size_t done, std::size_t rows)>;

/// Thread-safe for different files. Throws Cancelled, DatabaseError, FormatError, SystemError; then nothing
/// of the file is in the database.
FileOutcome ingestCoadd(const catalog::Database& database, const fits::CoaddSource& source,
                        const IngestRequest& request, const std::stop_token& stop, const RowsDone& rowsDone);

} // namespace voorwerp::pipeline

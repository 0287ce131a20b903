// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// DESI files into PostgreSQL: one transaction a file, so that a stop or a crash leaves whole files only.

#include "catalog/spectrum_codec.h"
#include "core/job_context.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::catalog {
class Database;
}

namespace voorwerp::pipeline {

struct IngestRequest
{
    std::vector<std::filesystem::path> paths; ///< files or folders
    std::string specprod;                     ///< production; empty: what the files say, else "local"
    catalog::PixelStorage pixels = catalog::PixelStorage::NoiseAware;
    bool catalogTables = false; ///< fill zpix, photometry, ... of the production from coadds, too
    bool quasarsOnly =
        false; ///< take what redrock, an afterburner or a QSO catalogue calls a quasar, nothing else
    unsigned threads = 0; ///< that read files; 0: one a core, at most eight
};

/// Something that was not taken, and why.
struct IngestProblem
{
    std::string path;
    std::string reason;
    std::int64_t row = -1; ///< 0-based; -1: the whole file

    /// "coadd-main-dark-1.fits row 7".
    std::string where() const { return row < 0 ? path : path + " row " + std::to_string(row); }
};

struct IngestReport
{
    std::int64_t files = 0;        ///< read in this run
    std::int64_t filesSkipped = 0; ///< taken before, unchanged
    std::int64_t filesRejected = 0;
    std::int64_t spectra = 0;
    std::int64_t rejected = 0; ///< rows and spectra not taken (files not counted)
    std::int64_t catalogRows =
        0;                   ///< of redshift catalogues (zall-pix, ...): new or changed in their production
    std::int64_t marked = 0; ///< in the database now, but left out of training: no redshift, no good pixel
    double seconds = 0.0;
    std::vector<IngestProblem> problems;
    double spectraPerSecond() const { return seconds > 0.0 ? static_cast<double>(spectra) / seconds : 0.0; }
};

/// Reads QSO catalogues, then coadds with the files beside them, several at once in threads of its own, then
/// redshift catalogues into their productions. A QSO catalogue's redshift serves where redrock has none.
/// Files taken before (by SHA-256) are skipped; a bad file is listed and the rest goes on. Throws
/// DatabaseError, Cancelled (finished files stay), UserError when no path holds a DESI file.
IngestReport ingest(const catalog::Database& database, const IngestRequest& request,
                    core::JobContext& context);

} // namespace voorwerp::pipeline

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// DESI files into the database: one transaction a file, with its row in the file ledger.
//
// Rules. A file is remembered by the SHA-256 of its bytes (and of its redrock file's): the same content is
// not read again. New content under a known path replaces that file's rows; a spectrum keeps its id where its
// key (specprod, survey, program, spgrp, spgrpval, tileid, targetid) stays. The same key in two files: the
// file read last wins and takes the row over. The same key twice in one file: the first row wins. Redshifts
// of QSO catalogues are kept in a table of their own and used for spectra that have none of redrock's,
// whichever file comes first. What they say about quasars (QuasarFacts) fills in what the afterburners beside
// the coadd did not say; PROBA_RF and QSO_MASKBITS are always theirs.

#include "catalog/database.h"
#include "catalog/spectrum_codec.h"
#include "core/spectrum.h"
#include "core/table_chunk.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_set>
#include <vector>

namespace voorwerp::catalog {

/// Tables of a production: a row a target, survey and program, or a row a target and tile.
enum class RedshiftTable { Zpix, Ztile };

/// TargetInfo::problem of a spectrum without a redshift; set and cleared by this room.
inline constexpr const char* kNoRedshift = "no redshift";

/// A row of the file ledger.
struct FileRecord
{
    std::filesystem::path path;
    std::int64_t size = 0;  ///< bytes
    std::int64_t mtime = 0; ///< seconds since 1970
    std::string sha256;
    std::string kind = "coadd"; ///< coadd, qso_cat
    std::string specprod;
    std::filesystem::path redrockPath; ///< empty: none
    std::string redrockSha256;
    std::filesystem::path quasarnetPath, mgiiPath;  ///< the quasar afterburners' files; empty: none
    std::string afterburnerSha256;                  ///< "QuasarNet's,Mg II's"; empty: neither
    PixelStorage pixels = PixelStorage::NoiseAware; ///< of a coadd: how its spectra are stored
    bool quasarsOnly = false;                       ///< of a coadd: other targets were left out
    std::string provenance;   ///< JSON object: pipeline versions and the like; empty: none
    std::int64_t spectra = 0; ///< filled by listFiles()
    std::string ingested;     ///< filled by listFiles(), ISO 8601
};

struct IngestCounts
{
    std::int64_t inserted = 0;               ///< new spectra
    std::int64_t replaced = 0;               ///< spectra that were there and have new content
    std::int64_t removed = 0;                ///< spectra that this path had before and has no more
    std::int64_t takenOver = 0;              ///< of the replaced, those that came from another path
    std::vector<std::int32_t> duplicateRows; ///< rows of the file that repeat a key: not taken
};

/// Was this content (sha256, redrockSha256, afterburnerSha256) taken into this production (empty: into any),
/// with as many targets and with pixels stored as well or better?
bool alreadyIngested(const Database& database, const FileRecord& file);

/// Those of the targets that a QSO catalogue of this production has.
std::unordered_set<core::TargetId> catalogQuasars(const Database& database, const std::string& specprod,
                                                  const std::vector<core::TargetInfo>& targets);

/// The ingest of one coadd file. Nothing is visible to others, and nothing stays, before commit(). One thread
/// at a time; holds a connection of its own.
class FileIngest
{
public:
    /// Waits while another program has the same file in work. A stop request ends what waits or runs with
    /// Cancelled.
    FileIngest(const Database& database, FileRecord file, std::stop_token stop = {});
    FileIngest(FileIngest&&) noexcept;
    FileIngest& operator=(FileIngest&&) noexcept;
    ~FileIngest(); ///< rolls back what was not committed
    /// info.key.specprod may be empty: the file's. Non-finite numbers become NULL. The spectrum must be full.
    void add(const core::TargetInfo& info, const core::Spectrum& spectrum);
    /// The same targets with every column that the file has, into the tables of the production (see
    /// specprod_store.h), which must be there: createProduction().
    void addCatalogRows(const core::TableChunk& rows, RedshiftTable table);
    IngestCounts commit();

private:
    class Implementation;
    std::unique_ptr<Implementation> m_implementation;
};

/// One entry of a QSO catalogue. survey, program and tileid narrow the match where they are known.
struct CatalogRedshift
{
    core::TargetId targetId;
    double z = 0.0;
    double zerr = core::TargetInfo::kNaN;
    std::int64_t zwarn = 0;
    std::string spectype = "QSO";
    std::string survey;       ///< empty: any
    std::string program;      ///< empty: any
    std::int32_t tileid = -1; ///< -1: any
    std::optional<std::int32_t> lastNight;
    core::QuasarFacts quasar; ///< source empty: it says nothing more
};

struct RedshiftCounts
{
    std::int64_t entries = 0;
    std::int64_t updated = 0; ///< spectra that got a redshift or a new one from this file
    std::int64_t kept = 0;    ///< matching spectra that have redrock's own
};

/// Records a QSO catalogue and uses it, now and for coadds that come later. Replaces what the same path
/// brought before. next replaces its argument by further entries, or returns false when there are none; what
/// it throws leaves everything as it was. file.specprod empty: it fits spectra of every production. Entries
/// without a finite z are left out.
RedshiftCounts updateRedshifts(const Database& database, const FileRecord& file,
                               const std::function<bool(std::vector<CatalogRedshift>&)>& next,
                               std::stop_token stop = {});

/// The ledger: all files, or those that the spectra of a where-expression come from, by path.
std::vector<FileRecord> listFiles(const Database& database, const std::string& where = {});

} // namespace voorwerp::catalog

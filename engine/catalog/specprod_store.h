// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Rows of DESI's catalogue files into the tables of a production (see specprod_schema.h): redshifts into zpix
// or ztile, and what the file knows of photometry and fibres into photometry and fiberassign.
//
// Rules, those of specprod-db's loader: columns by their FITS names in lower case; COEFF becomes coeff_0 to
// coeff_9, DCHISQ dchisq_psf to dchisq_ser; numbers that are not finite become -9999; sky targets (bit 59 of
// TARGETID, or a negative one) are left out. A column that the file lacks stays as it is in a row that is
// there, and NULL in a new one.

#include "catalog/ingest_store.h"
#include "core/table_chunk.h"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

namespace voorwerp::catalog {

/// Rows with TARGETID, SURVEY, PROGRAM and HEALPIX (zpix), or TILEID and SPGRPVAL or LASTNIGHT (ztile), and
/// whatever else there is.
struct SpecprodRows
{
    const core::TableChunk& chunk;
    RedshiftTable table = RedshiftTable::Zpix;
    bool ofCatalogue = false; ///< columns *_target and *_nspec that it lacks become 0, *_primary false
};

struct SpecprodCounts
{
    std::int64_t redshifts = 0;  ///< rows of zpix or ztile, new and again
    std::int64_t photometry = 0; ///< rows, new and again
    std::int64_t sky = 0;        ///< left out: no targets
    std::int64_t unknown = 0;    ///< left out: a survey, program or group that has no number

    SpecprodCounts& operator+=(const SpecprodCounts& other);
};

/// The rows in a transaction of their own, without a file in the ledger. Creates the production where it is
/// missing.
SpecprodCounts addSpecprodRows(const Database& database, const std::string& production,
                               const SpecprodRows& rows, std::stop_token stop = {});

/// The load of one catalogue file: nothing stays before commit(). One thread at a time.
class CatalogLoad
{
public:
    /// Creates the production where it is missing. Waits while another program has the same file in work.
    CatalogLoad(const Database& database, FileRecord file, std::stop_token stop = {});
    CatalogLoad(CatalogLoad&&) noexcept;
    CatalogLoad& operator=(CatalogLoad&&) noexcept;
    ~CatalogLoad(); ///< rolls back what was not committed
    void add(const SpecprodRows& rows);
    SpecprodCounts commit();
    /// False: q3c is not installed, cone searches on the production's tables have no index.
    bool hasSkyIndex() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> m_implementation;
};

} // namespace voorwerp::catalog

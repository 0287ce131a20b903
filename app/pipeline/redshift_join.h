// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What DESI's pipelines say about the targets of one coadd, joined by TARGETID: redrock's redshifts, and what
// QuasarNet and the Mg II fit found. A file that cannot be read is listed, and the coadd goes in without it.
// Thread rule: a value; const functions from any thread.

#include "app/pipeline/ingest_job.h"
#include "catalog/ingest_store.h"
#include "core/spectrum.h"
#include "fits/desi_tree.h"
#include "fits/redshift_reader.h"

#include <stop_token>
#include <unordered_map>
#include <vector>

namespace voorwerp::pipeline {

/// Notes in the ledger row of a coadd which files lie beside it, and their hashes.
void noteCompanions(const fits::CoaddSource& source, catalog::FileRecord& record, std::stop_token stop = {});

class RedshiftJoin
{
public:
    /// Reads the files that record names. Of one that cannot be read the hash is taken out of record, so that
    /// it is tried and listed again by the next ingest; provenance is set from redrock's header.
    explicit RedshiftJoin(catalog::FileRecord& record);

    /// Sets redshift and quasar of a target that the files have.
    void fill(core::TargetInfo& info) const;
    /// Files and rows that were left out.
    const std::vector<IngestProblem>& problems() const { return m_problems; }

private:
    void readRedrock(catalog::FileRecord& record);
    std::string readAfterburners(const catalog::FileRecord& record);
    template <typename Table> void noteRejected(const std::filesystem::path& path, const Table& table);

    std::unordered_map<core::TargetId, core::Redshift> m_redshifts;
    std::unordered_map<core::TargetId, core::QuasarFacts> m_quasars;
    std::vector<IngestProblem> m_problems;
};

/// An entry of a quasar catalogue for the database.
catalog::CatalogRedshift catalogEntry(const fits::QsoCatalogRow& row);

} // namespace voorwerp::pipeline

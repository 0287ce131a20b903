// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A migrated database in a private cluster of its own, and spectra to put into it.

#include "catalog/database.h"
#include "catalog/ingest_store.h"
#include "catalog/private_cluster.h"
#include "core/spectrum.h"
#include "support/test_support.h"

#include <cstdint>
#include <string>

namespace voorwerp::test {

class CatalogFixture
{
public:
    CatalogFixture();
    const core::Workspace& workspace() const { return m_workspace; }
    const catalog::PrivateCluster& cluster() const { return m_cluster; }
    const catalog::Database& database() const { return m_database; }
    /// First column of the first row.
    std::string value(const std::string& sql) const;

private:
    TemporaryFolder m_folder;
    core::Workspace m_workspace;
    core::JobContext m_context;
    catalog::PrivateCluster m_cluster;
    catalog::Database m_database;
};

/// Target number i of a made-up healpix; everything known and different for each i.
core::TargetInfo madeTarget(std::int64_t i);
/// Noise around a line, deterministic per seed; some pixels masked.
core::Spectrum madeSpectrum(std::uint32_t seed);
/// A ledger row whose hash is made from its path and the word; its spectra are stored lossless.
catalog::FileRecord madeFile(const std::string& path, const std::string& content);
/// One file with targets first to last (exclusive), every one with the same cheap spectrum.
catalog::IngestCounts ingestMade(const catalog::Database& database, const std::string& path,
                                 std::int64_t first, std::int64_t last);

} // namespace voorwerp::test

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the benchmarks of the database have in common: a mock survey on disk and a private cluster.

#include "catalog/database.h"
#include "catalog/private_cluster.h"
#include "catalog/spectrum_codec.h"
#include "core/job_context.h"
#include "harness.h"

#include <cstddef>
#include <filesystem>
#include <string>

namespace voorwerp::bench {

class Survey
{
public:
    /// Writes the mock survey (same seed, same spectra) and starts a cluster, both in a scratch folder.
    explicit Survey(std::size_t targets);
    std::filesystem::path files() const { return m_folder.path() / "survey"; }
    /// A fresh, migrated database of that cluster; one of the same name is dropped.
    catalog::Database freshDatabase(const std::string& name);
    /// The survey's spectra into a database, as the program does it. Throws when one is missing.
    void ingestInto(const catalog::Database& database,
                    catalog::PixelStorage pixels = catalog::PixelStorage::NoiseAware);

private:
    std::size_t m_targets;
    core::JobContext m_context;
    ScratchFolder m_folder;
    catalog::PrivateCluster m_cluster;
};

} // namespace voorwerp::bench

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A catalogue of DESI's size without its files: rows made by the server itself, with distributions like those
// of DR1 (positions in healpix patches, redshifts by class, S/N that follows brightness, warning bits,
// repeats, missing values), scores of one model for all of them, and some labels. Same number of rows, same
// catalogue.

#include "catalog/database.h"
#include "catalog/private_cluster.h"
#include "core/ids.h"
#include "core/job_context.h"

#include <cstdint>
#include <filesystem>

namespace voorwerp::bench {

/// Fills a migrated database with that many rows, none of which has pixels, and analyses it.
void fillCatalogue(const catalog::Database& database, std::int64_t rows);
/// A model version with a score and 32 latents for every row. Returns its id.
core::ModelVersionId scoreCatalogue(const catalog::Database& database);

/// A workspace with such a catalogue, all of it scored, and a few thousand real spectra of a mock survey.
/// Where the folder has one of that size from an earlier run, that one is used.
class CatalogueWorkspace
{
public:
    CatalogueWorkspace(const std::filesystem::path& folder, std::int64_t rows, std::size_t spectra);
    const catalog::Database& database() const { return m_database; }
    core::ModelVersionId model() const { return m_model; }

private:
    core::JobContext m_context;
    catalog::PrivateCluster m_cluster;
    catalog::Database m_database;
    core::ModelVersionId m_model;
};

} // namespace voorwerp::bench

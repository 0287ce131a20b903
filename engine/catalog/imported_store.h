// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Catalogues of other people in the database: every row with its place and all its cells as texts, to match
// the survey against (sky_match.h). One transaction an import: others see the whole new catalogue or the old
// one.

#include "catalog/database.h"
#include "core/ids.h"
#include "core/sky_position.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::catalog {

struct ImportedColumn
{
    std::string name, type, unit, ucd, description;
};

/// The last match of a catalogue.
struct MatchRun
{
    double radiusArcsec = 0.0;
    std::string where; ///< which spectra; empty: all
    std::string matched, matchedBy;
    std::string statistics; ///< JSON of MatchStatistics
    bool outdated = false;  ///< spectra were ingested or removed since then
};

struct ImportedCatalogue
{
    std::int64_t id = 0;
    std::string name;   ///< lower-case letters, digits, _ and -
    std::string source; ///< path of the file
    std::string sha256;
    std::string format; ///< "CSV", "VOTable", ...
    std::string raColumn, decColumn;
    std::vector<ImportedColumn> columns;
    std::int64_t rows = 0, rejected = 0;
    std::string imported, importedBy;
    std::optional<MatchRun> match;
};

/// Throws UserError for a name that cannot be typed in an expression without thinking.
void checkCatalogueName(const std::string& name);
/// "SQuAD_I_catalog.csv" → "squad_i_catalog": a name to begin with.
std::string catalogueNameOf(const std::string& fileName);

/// Rows going in by COPY. Nothing is kept unless commit() returns. One thread.
class CatalogueImport
{
public:
    /// Throws UserError when the name is taken (without replace) or just being imported by somebody else.
    CatalogueImport(const Database& database, const ImportedCatalogue& catalogue, bool replace,
                    std::stop_token stop = {});
    ~CatalogueImport();
    CatalogueImport(const CatalogueImport&) = delete;
    CatalogueImport& operator=(const CatalogueImport&) = delete;
    void add(std::int64_t rowNumber, core::SkyPosition position,
             std::span<const std::optional<std::string>> cells);
    /// rejected: rows of the file that have no place.
    ImportedCatalogue commit(std::int64_t rejected);

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

std::vector<ImportedCatalogue> listCatalogues(const Database& database);
/// Throws UserError, with what it may have meant, when there is none.
ImportedCatalogue findCatalogue(const Database& database, const std::string& name);
/// With its rows and matches. Throws UserError.
void dropCatalogue(const Database& database, const std::string& name);

/// What catalogues say about a spectrum, the nearest first.
struct ImportedRow
{
    std::string catalogue;
    std::int64_t rowNumber = 0;
    core::SkyPosition position;
    double separationArcsec = 0.0;
    bool outdated = false; ///< the match is older than the newest spectra
    std::vector<ImportedColumn> columns;
    std::vector<std::optional<std::string>> cells; ///< one a column
};
std::vector<ImportedRow> matchesOf(const Database& database, core::SpectrumId id, std::stop_token stop = {});

} // namespace voorwerp::catalog

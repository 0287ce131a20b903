// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A catalogue from a file into the database, and the survey matched with it.

#include "catalog/imported_store.h"
#include "catalog/sky_match.h"
#include "core/job_context.h"
#include "export/sky_columns.h"

#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::pipeline {

/// The first rows of a file, to look at before it is imported.
struct CataloguePreview
{
    std::string format;
    std::vector<exporting::ForeignColumn> columns;
    std::optional<exporting::SkyColumns> sky; ///< nullopt: has to be told
    std::vector<exporting::ForeignRow> rows;
    std::vector<std::string> notes;
};
/// Throws FormatError, SystemError.
CataloguePreview previewCatalogue(const std::filesystem::path& file, std::size_t rows);

struct CatalogueRequest
{
    std::string name;
    std::filesystem::path file;
    std::string raColumn, decColumn; ///< empty: found (exporting::findSkyColumns)
    bool replace = false;
};

struct CatalogueProblem
{
    std::string place; ///< "line 17"
    std::string reason;
};

struct CatalogueReport
{
    catalog::ImportedCatalogue catalogue;
    std::string foundBy;                    ///< the columns of the place: "by UCD"
    std::vector<CatalogueProblem> problems; ///< rows left out; the first thousand
    std::vector<std::string> notes;         ///< columns left out
    double seconds = 0.0;
};

/// All or nothing. Rows without a place are listed and left out. Throws FormatError (also when no row has a
/// place), UserError (name taken, no such column), Cancelled.
CatalogueReport importCatalogue(const catalog::Database& database, const CatalogueRequest& request,
                                core::JobContext& context);

/// Matches and writes the pairs as CSV: the spectrum's columns, then the catalogue's. Throws UserError when
/// it was never matched.
void writeMatches(const catalog::Database& database, const std::string& catalogue,
                  const std::filesystem::path& file, std::stop_token stop);

} // namespace voorwerp::pipeline

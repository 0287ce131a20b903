// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Rows of the catalogue for tables and jobs: filtered, sorted and paged by the server.

#include "catalog/database.h"
#include "catalog/label_store.h"
#include "catalog/score_store.h"
#include "core/spectrum.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::catalog {

/// One spectrum in a table.
struct TargetRow
{
    core::SpectrumId id;
    core::TargetInfo info;
    std::string sourceFile;     ///< path of the coadd; its row is info.fileRow
    std::optional<Label> label; ///< the current one of the target
    std::optional<Score> score; ///< of the request's model; latent is not loaded
};

struct RowsAhead; ///< of page_reader.h

/// Where a page ended: a value of the sort column (nullopt: NULL) and the id. Opaque to callers.
struct PageCursor
{
    std::optional<std::string> value;
    core::SpectrumId id;
    bool inclusive = false; ///< the next page begins with this very row
    /// Ids that a search which had to look at everything found for later pages, and how many of them are
    /// over. Rows that changed meanwhile are shown as they are now, and in the old order.
    std::shared_ptr<const RowsAhead> ahead;
    std::size_t aheadUsed = 0;
};

/// Rows without a value in the sort column come last in both directions; ties go by id in the direction of
/// the sort.
struct TargetPageRequest
{
    std::string where;             ///< see where.h; empty: all
    std::string sortColumn = "id"; ///< any of columns()
    bool descending = false;
    std::optional<PageCursor> after; ///< nullopt: the first page
    std::size_t limit = 500;
    std::optional<core::ModelVersionId> model; ///< joins its scores and allows their columns
    bool scoredOnly = true;                    ///< with a model: leave out what it did not score
};

struct TargetPage
{
    std::vector<TargetRow> rows;
    std::optional<PageCursor> next; ///< nullopt: this was the last page
};

/// Keyset paging: each page costs the same, and each row appears once while the table does not change.
/// Never reads the whole table: see page_reader.h. A page that is not the last may have fewer rows than asked
/// for. Throws WhereError, UserError (a column that is unknown or not for sorting).
TargetPage queryTargets(const Database& database, const TargetPageRequest& request,
                        std::stop_token stop = {});

/// A number of rows: exact, or an estimate from a sample of the catalogue.
struct RowCount
{
    std::int64_t value = 0;
    bool exact = true;
    std::int64_t uncertainty =
        0; ///< about one standard deviation; of an estimated 0: it is not more than this
};

/// Where a spectrum stands in the list of a request, or would stand if the filter let it in.
struct TargetPlace
{
    bool listed = false; ///< the filter lets it in
    RowCount before;     ///< rows of the list that come before it
    PageCursor cursor;   ///< as `after` of the request: the page that begins here
};
/// Counts along the sort column, as countSoon() does; request.after and limit do not matter. nullopt: no such
/// spectrum, or not scored where only what is scored is listed. Throws as queryTargets() does.
std::optional<TargetPlace> findPlace(const Database& database, const TargetPageRequest& request,
                                     core::SpectrumId id, std::stop_token stop = {});

inline constexpr std::chrono::milliseconds kCountPatience{100};
/// Exact, however long it takes.
std::int64_t countTargets(const Database& database, const std::string& where,
                          std::optional<core::ModelVersionId> model = {}, std::stop_token stop = {});
/// Exact where that takes no longer than patience; else an estimate, which takes a little longer.
RowCount countSoon(const Database& database, const std::string& where,
                   std::optional<core::ModelVersionId> model = {},
                   std::chrono::milliseconds patience = kCountPatience, std::stop_token stop = {});

/// All coadds of a target, by id; empty when there is none.
std::vector<TargetRow> findTarget(const Database& database, core::TargetId target,
                                  std::optional<core::ModelVersionId> model = {});
/// One row. Throws UserError when there is none.
TargetRow findSpectrum(const Database& database, core::SpectrumId id,
                       std::optional<core::ModelVersionId> model = {});

/// A few columns of many rows, for the sky map, n(z) and completion of counts; ordered by id. NaN: not known.
struct TargetColumns
{
    std::vector<core::SpectrumId> ids;
    std::vector<core::TargetId> targetIds;
    std::vector<double> ra, dec;
    std::vector<float> z, snr;
};
TargetColumns loadTargetColumns(const Database& database, const std::string& where = {},
                                std::stop_token stop = {});

/// How many spectra share each value of a text column ("problem", "spectype", "survey", ...), largest first.
struct ValueCount
{
    std::string value;
    std::int64_t count = 0;
};
std::vector<ValueCount> countByValue(const Database& database, const std::string& column,
                                     const std::string& where = {}, std::stop_token stop = {});

} // namespace voorwerp::catalog

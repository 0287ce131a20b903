// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How good the data in the database are: counts, distributions, what was refused, repeated targets, and
// fibres, petals, tiles and nights that depart from the rest.
//
// A group (a fibre, ...) with n spectra departs by z = (r - median r) / phi, where r is its distance from the
// whole sample in standard errors of its own size and phi = max(1, 1.4826 median |r - median r|) widens the
// errors to the scatter that the groups really have (over-dispersion: Spiegelhalter 2005, Stat. Med. 24,
// 1185; MAD: Iglewicz & Hoaglin 1993, How to Detect and Handle Outliers). With x of the group and X of the
// sample,
//   median S/N        r = (x - X) sqrt(n) / (1.2533 s), s = interquartile range of single spectra / 1.349
//   fraction masked   r = (x - X) sqrt(n) / s, means, s = standard deviation of single spectra
//   share of ZWARN != 0, of problems
//                     r = 2 sqrt(n) (asin sqrt((k + 3/8) / (n + 3/4)) - asin sqrt X)  (Anscombe 1948,
//                     Biometrika 35, 246), k of n: right for rare events, too
// Groups beyond kOutlier are listed: among 10,000 normal ones 0.006 would be.

#include "catalog/database.h"
#include "catalog/refusal_store.h"
#include "catalog/target_query.h"
#include "core/ids.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::catalog {

inline constexpr double kOutlier = 5.0;
inline constexpr std::int64_t kLeastSpectra = 5; ///< of a group that is looked at

/// Counts in bins of equal width; values outside are in the outermost. The quantiles are NaN without values.
struct Distribution
{
    double low = 0.0, high = 1.0;
    std::vector<std::int64_t> counts;
    std::int64_t values = 0;
    double percent5 = 0.0, median = 0.0, percent95 = 0.0;
};

enum class QualityMeasure { SignalToNoise, FractionMasked, RedshiftWarnings, Problems };

/// A fibre, petal, tile or night that departs.
struct OutlyingGroup
{
    std::string column; ///< fiber, petal_loc, last_tileid, night
    std::int64_t value = 0;
    std::int64_t spectra = 0;
    QualityMeasure measure{};
    double found = 0.0;   ///< median S/N, mean fraction masked, share (0 to 1)
    double typical = 0.0; ///< of the whole sample
    double z = 0.0;       ///< see above; > 0: more than typical
    /// The expression that chooses its spectra: "fiber = 1234".
    std::string where() const { return column + " = " + std::to_string(value); }
};

struct RepeatedTarget
{
    core::TargetId targetId;
    std::int64_t spectra = 0;
};

/// Two targets at the same place.
struct ClosePair
{
    core::TargetId first, second;
    double arcsec = 0.0;
};

struct QualityReport
{
    std::string where;
    std::int64_t spectra = 0;
    std::int64_t targets = 0;      ///< different TARGETIDs
    std::int64_t withRedshift = 0; ///< have one
    std::int64_t warned = 0;       ///< ZWARN is not 0
    std::int64_t unusable = 0;     ///< have a problem
    std::vector<ValueCount>
        problems; ///< why spectra in the database cannot be trained on, most frequent first
    std::vector<ValueCount>
        refusals; ///< why ingest refused files and rows (of all files, whatever where says)
    std::int64_t refusedFiles = 0, refusedRows = 0;
    Distribution snr, z, fractionMasked;
    std::vector<OutlyingGroup> outliers;  ///< the most outlying first, at most kMostListed
    std::int64_t repeatedTargets = 0;     ///< TARGETIDs with several spectra
    std::int64_t repeatedSpectra = 0;     ///< spectra beyond the first of each
    std::vector<RepeatedTarget> repeated; ///< the most frequent, at most kMostListed
    std::int64_t closePairs = 0;          ///< different TARGETIDs within 1 arcsec
    std::vector<ClosePair> pairs;         ///< the closest, at most kMostListed
    double seconds = 0.0;
};
inline constexpr std::size_t kMostListed = 500;

/// Steps done and all steps.
using QualityProgress = std::function<void(int done, int steps)>;

/// Looks at the spectra of an expression. Pairs are found among neighbours in strips of declination, which
/// may miss some where three targets lie within 2 arcsec. Throws WhereError, DatabaseError, Cancelled.
QualityReport checkQuality(const Database& database, const std::string& where = {}, std::stop_token stop = {},
                           const QualityProgress& progress = {});

} // namespace voorwerp::catalog

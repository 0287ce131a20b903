// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The survey matched by place with an imported catalogue, and how many of the matches are chance.
//
// A row of the catalogue matches every spectrum within the radius; the nearest is its best. Several spectra
// of one TARGETID are one object. Chance: the number of rows that would have at least one unrelated object
// within r. Two independent ways:
//  * from densities: sum over the rows of 1 - exp(-pi r^2 rho) (Poisson; e.g. de Ruiter, Willis & Arp 1977,
//  A&AS 28, 211),
//    rho the objects per area in the row's cell of half a degree (all cells have nearly the same area),
//    without the row's own match. Cells without any spectrum are outside of the footprint: their rows count
//    neither way.
//  * by shifting: the catalogue is moved by kShiftArcmin (at least ten times the largest radius) into eight
//  directions
//    and matched again; the mean, its error from the scatter of the eight. It knows of clustering and holes,
//    which the first way smooths, but loses the rows that it pushes over the survey's edge.
// Above kSample rows both use every nth row and scale.

#include "catalog/database.h"
#include "core/job_context.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace voorwerp::catalog {

inline constexpr double kLargestMatchRadius = 300.0; ///< arcsec
inline constexpr double kShiftArcmin = 5.0;
inline constexpr std::int64_t kSample = 20'000;

struct MatchRequest
{
    std::string catalogue;
    double radiusArcsec = 1.0;
    std::string where; ///< which spectra (see where.h, without scores); empty: all
    std::string who;   ///< recorded with the match
};

/// Numbers of rows as the radius grows.
struct MatchCurvePoint
{
    double radiusArcsec = 0.0;
    std::int64_t matched = 0;     ///< whose best is within it
    double chanceByDensity = 0.0; ///< of these by chance
    double chanceByShift = 0.0;
};

struct MatchStatistics
{
    double radiusArcsec = 0.0;
    std::int64_t rows = 0;                 ///< of the catalogue
    std::int64_t inFootprint = 0;          ///< in a cell with spectra
    std::int64_t matched = 0;              ///< rows with a match
    std::int64_t multiple = 0;             ///< of these with more than one object
    std::int64_t spectra = 0, objects = 0; ///< that are matched
    std::int64_t shared = 0;               ///< objects that several rows match
    double chanceByDensity = 0.0;
    double chanceByShift = 0.0, chanceByShiftError = 0.0;
    double medianSeparation = 0.0;      ///< arcsec, of the best
    std::vector<MatchCurvePoint> curve; ///< to three times the radius
    double seconds = 0.0;

    std::string toJson() const;
    static MatchStatistics fromJson(const std::string& text);
};

/// Matches and stores the pairs, in place of those of the last match. One transaction. Throws UserError (no
/// such catalogue, radius outside of 0 to kLargestMatchRadius), WhereError, Cancelled (the last match stays).
MatchStatistics matchCatalogue(const Database& database, const MatchRequest& request,
                               core::JobContext& context);

/// A stored pair, for files.
struct MatchedPair
{
    std::int64_t rowNumber = 0;
    std::int64_t targetId = 0;
    std::string survey, program;
    double ra = 0.0, dec = 0.0; ///< of the spectrum
    double z = 0.0;             ///< NaN: none
    double separationArcsec = 0.0;
    bool best = false;
    std::vector<std::optional<std::string>> cells; ///< of the row
};
/// In the order of the rows, the nearest first, a block at a time. Throws UserError when it was never
/// matched.
void streamMatches(const Database& database, const std::string& catalogue,
                   const std::function<void(const MatchedPair&)>& take, std::stop_token stop = {});

} // namespace voorwerp::catalog

// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/sky_match.h"

#include "catalog/column_table.h"
#include "catalog/imported_store.h"
#include "catalog/session.h"
#include "catalog/sky_match_sql.h"
#include "catalog/sky_search.h"
#include "catalog/sql_values.h"
#include "catalog/where.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace voorwerp::catalog {

namespace {

constexpr std::int64_t kChunk = 10'000; // rows a statement: progress, and a stop that is obeyed soon
constexpr int kDirections = 8;
constexpr int kCurvePoints = 30;
constexpr double kCurveReach = 3.0; // radii
constexpr double kQ3cFrom = 30.0;   // arcsec; below, the window in declination is faster (bench_sky)

/// One match, inside of one transaction.
class Matcher
{
public:
    Matcher(pqxx::work& work, const ImportedCatalogue& catalogue, const MatchRequest& request, bool q3c,
            core::JobContext& context)
        : m_work(work)
        , m_catalogue(catalogue)
        , m_request(request)
        , m_context(context)
        , m_reach(std::min(kCurveReach * request.radiusArcsec, kLargestMatchRadius))
        , m_withQ3c(q3c && m_reach > kQ3cFrom)
        , m_step(std::max<std::int64_t>(1, (catalogue.rows + kSample - 1) / kSample))
    {
        m_statistics.radiusArcsec = request.radiusArcsec;
        m_statistics.rows = catalogue.rows;
        for (int i = 1; i <= kCurvePoints; ++i)
            m_statistics.curve.push_back({m_reach * i / kCurvePoints, 0, 0.0, 0.0});
    }

    MatchStatistics run()
    {
        // Also the planner's other ideas for a join would read the survey as a whole.
        m_work.exec("SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL "
                    "enable_mergejoin = off;"
                    "SET LOCAL enable_material = off;"
                    "CREATE TEMP TABLE sky_pair (row_number int8, id int8, targetid int8, separation float8) "
                    "ON COMMIT DROP");
        findPairs();
        store();
        m_context.beginPhase("Counting", "", 0);
        count();
        chanceByDensity();
        chanceByShift();
        return m_statistics;
    }

private:
    std::string places(std::int64_t first, std::int64_t last) const
    {
        return "SELECT row_number, ra, dec FROM voorwerp.imported_row WHERE catalogue_id = " +
               numberText(m_catalogue.id) + " AND row_number >= " + numberText(first) + " AND row_number < " +
               numberText(last);
    }
    std::string sample() const
    {
        return places(0, m_catalogue.rows + m_catalogue.rejected + 1) + " AND row_number % " +
               numberText(m_step) + " = 0";
    }

    void findPairs()
    {
        const std::int64_t last = m_catalogue.rows + m_catalogue.rejected;
        m_context.beginPhase("Matching", "rows", static_cast<double>(last));
        for (std::int64_t first = 1; first <= last; first += kChunk) {
            m_context.throwIfStopped();
            SqlParameters parameters;
            const std::string pairs =
                pairsSql(places(first, first + kChunk), m_reach, m_request.where, m_withQ3c, parameters);
            parameters.run(m_work, "INSERT INTO pg_temp.sky_pair " + pairs);
            m_context.advanceTo(static_cast<double>(std::min(first + kChunk - 1, last)));
        }
        m_work.exec("ANALYZE pg_temp.sky_pair");
    }

    void store()
    {
        m_work.exec_params("DELETE FROM voorwerp.catalogue_match WHERE catalogue_id = $1", m_catalogue.id);
        m_work.exec_params(
            "INSERT INTO voorwerp.catalogue_match (catalogue_id, row_number, target_id, separation, best) "
            "SELECT $1, row_number, id, separation, row_number() OVER (PARTITION BY row_number ORDER BY "
            "separation, id) = 1 FROM pg_temp.sky_pair WHERE separation <= $2",
            m_catalogue.id, m_request.radiusArcsec);
    }

    void count()
    {
        const auto total =
            m_work.exec_params("SELECT count(*), count(*) FILTER (WHERE objects > 1), "
                               "coalesce(percentile_cont(0.5) WITHIN GROUP "
                               "(ORDER BY nearest), 'NaN') FROM (SELECT count(DISTINCT targetid) AS objects, "
                               "min(separation) AS nearest "
                               "FROM pg_temp.sky_pair WHERE separation <= $1 GROUP BY row_number) r",
                               m_request.radiusArcsec);
        m_statistics.matched = total[0][0].as<std::int64_t>();
        m_statistics.multiple = total[0][1].as<std::int64_t>();
        m_statistics.medianSeparation = realOf<double>(total[0][2]);
        const auto objects = m_work.exec_params("SELECT coalesce(sum(spectra), 0), count(*), count(*) FILTER "
                                                "(WHERE row_numbers > 1) FROM (SELECT "
                                                "count(DISTINCT id) AS spectra, count(DISTINCT row_number) "
                                                "AS row_numbers FROM pg_temp.sky_pair WHERE "
                                                "separation <= $1 GROUP BY targetid) o",
                                                m_request.radiusArcsec);
        m_statistics.spectra = objects[0][0].as<std::int64_t>();
        m_statistics.objects = objects[0][1].as<std::int64_t>();
        m_statistics.shared = objects[0][2].as<std::int64_t>();
        const auto nearest =
            m_work.exec("SELECT min(separation) FROM pg_temp.sky_pair GROUP BY row_number ORDER BY 1");
        std::size_t seen = 0;
        for (MatchCurvePoint& point : m_statistics.curve) {
            while (seen < nearest.size() &&
                   realOf<double>(nearest[static_cast<int>(seen)][0]) <= point.radiusArcsec)
                ++seen;
            point.matched = static_cast<std::int64_t>(seen);
        }
    }

    /// Objects in each cell; one pass over the index of places.
    std::string densities(SqlParameters& parameters) const
    {
        const std::string from =
            m_request.where.empty() ? " FROM voorwerp.target t" : fromTargets(ScoreJoin::None);
        return "SELECT " + cellSql("t.target_ra", "t.target_dec") +
               " AS cell, count(DISTINCT t.targetid) AS objects" + from +
               " WHERE t.target_ra IS NOT NULL AND t.target_dec IS NOT NULL AND " +
               compileWhere(m_request.where, false, parameters) + " GROUP BY 1";
    }
    void chanceByDensity()
    {
        m_context.throwIfStopped();
        m_work.exec("SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on");
        SqlParameters parameters;
        const std::string cells = densities(parameters);
        const std::string reach = parameters.add(numberText(m_request.radiusArcsec), "float8");
        const auto rows = parameters.run(
            m_work, "SELECT d.cell, d.objects, count(*), count(m.row_number) FROM (" + sample() +
                        ") p JOIN (" + cells + ") d ON d.cell = " + cellSql("p.ra", "p.dec") +
                        " LEFT JOIN (SELECT DISTINCT row_number FROM pg_temp.sky_pair WHERE separation <= " +
                        reach + ") m ON m.row_number = p.row_number GROUP BY 1, 2");
        double inFootprint = 0.0;
        for (const auto& row : rows) {
            const double area = cellArea(row[0].as<std::int64_t>());
            const double objects = row[1].as<double>();
            const double all = row[2].as<double>(), matched = row[3].as<double>();
            inFootprint += all;
            addChance(objects / area, all - matched);
            addChance(std::max(0.0, objects - 1.0) / area, matched);
        }
        m_statistics.inFootprint = std::llround(inFootprint * static_cast<double>(m_step));
    }

    /// density: per square degree; of so many rows of the sample.
    void addChance(double density, double rows)
    {
        const auto expected = [&](double arcsec) {
            const double radius = arcsec / 3600.0;
            return rows * static_cast<double>(m_step) * -std::expm1(-M_PI * radius * radius * density);
        };
        m_statistics.chanceByDensity += expected(m_request.radiusArcsec);
        for (MatchCurvePoint& point : m_statistics.curve)
            point.chanceByDensity += expected(point.radiusArcsec);
    }

    void chanceByShift()
    {
        m_work.exec("SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off");
        const double shift = std::max(kShiftArcmin * 60.0, 10.0 * m_reach) / 3600.0;
        m_context.beginPhase("Matching with shifted places", "directions", kDirections);
        double sum = 0.0, squares = 0.0;
        for (int i = 0; i < kDirections; ++i) {
            m_context.throwIfStopped();
            SqlParameters parameters;
            const std::string pairs = pairsSql(shiftedSql(sample(), shift, 360.0 * i / kDirections), m_reach,
                                               m_request.where, m_withQ3c, parameters);
            const auto nearest =
                parameters.run(m_work, "SELECT min(separation) FROM (" + pairs + ") x GROUP BY row_number");
            double within = 0.0;
            for (const auto& row : nearest) {
                const double separation = realOf<double>(row[0]);
                within += separation <= m_request.radiusArcsec ? static_cast<double>(m_step) : 0.0;
                for (MatchCurvePoint& point : m_statistics.curve)
                    if (separation <= point.radiusArcsec)
                        point.chanceByShift += static_cast<double>(m_step) / kDirections;
            }
            sum += within;
            squares += within * within;
            m_context.advanceTo(i + 1.0);
        }
        const double mean = sum / kDirections;
        m_statistics.chanceByShift = mean;
        const double variance =
            std::max(0.0, squares / kDirections - mean * mean) * kDirections / (kDirections - 1);
        m_statistics.chanceByShiftError = std::sqrt(variance / kDirections);
    }

    pqxx::work& m_work;
    const ImportedCatalogue& m_catalogue;
    const MatchRequest& m_request;
    core::JobContext& m_context;
    double m_reach;
    bool m_withQ3c;
    std::int64_t m_step;
    MatchStatistics m_statistics;
};

/// Kept from being dropped or replaced, and from a second match, until the transaction ends.
void lockCatalogue(pqxx::work& work, const ImportedCatalogue& catalogue)
{
    if (work.exec_params("SELECT FROM voorwerp.imported_catalogue WHERE id = $1 FOR UPDATE", catalogue.id)
            .empty())
        throw core::UserError("the catalogue '" + catalogue.name + "' was just removed or replaced",
                              "Match the new one.");
}

} // namespace

MatchStatistics matchCatalogue(const Database& database, const MatchRequest& request,
                               core::JobContext& context)
{
    const auto start = std::chrono::steady_clock::now();
    if (!(request.radiusArcsec > 0.0 && request.radiusArcsec <= kLargestMatchRadius))
        throw core::UserError("the radius must be more than 0 and at most " +
                                  numberText(static_cast<int>(kLargestMatchRadius)) + " arcsec",
                              "Places of optical catalogues agree within about 1 arcsec.");
    checkWhere(request.where, false);
    const ImportedCatalogue catalogue = findCatalogue(database, request.catalogue);
    const bool q3c = q3cState(database) == Q3cState::Ready;
    return inTransaction(database, context.stopToken(), [&](pqxx::work& work) {
        lockCatalogue(work, catalogue);
        // Before the pairs are looked for: what is ingested meanwhile makes the match outdated.
        const std::string state = textOf(work.exec1(std::string("SELECT ") + kTargetsState)[0]);
        MatchStatistics statistics = Matcher(work, catalogue, request, q3c, context).run();
        statistics.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        work.exec_params("DELETE FROM voorwerp.catalogue_match_run WHERE catalogue_id = $1", catalogue.id);
        work.exec_params(
            "INSERT INTO voorwerp.catalogue_match_run (catalogue_id, radius, where_expression, statistics, "
            "targets_state, matched_by) VALUES ($1, $2, $3, $4::jsonb, $5, $6)",
            catalogue.id, request.radiusArcsec, request.where, statistics.toJson(), state,
            cleanText(request.who));
        return statistics;
    });
}

void streamMatches(const Database& database, const std::string& name,
                   const std::function<void(const MatchedPair&)>& take, std::stop_token stop)
{
    const ImportedCatalogue catalogue = findCatalogue(database, name);
    if (!catalogue.match)
        throw core::UserError("the catalogue '" + name + "' was not matched yet",
                              "Run match run " + name + " first.");
    inTransaction(database, stop, [&](pqxx::work& work) {
        const std::int64_t last = catalogue.rows + catalogue.rejected;
        for (std::int64_t first = 1; first <= last; first += kChunk) {
            const auto rows = work.exec_params("SELECT m.row_number, t.targetid, t.survey, t.program, "
                                               "t.target_ra, t.target_dec, t.z, m.separation, "
                                               "m.best, i.cells FROM voorwerp.imported_row i JOIN "
                                               "voorwerp.catalogue_match m ON m.catalogue_id = "
                                               "i.catalogue_id AND m.row_number = i.row_number JOIN "
                                               "voorwerp.target t ON t.id = m.target_id WHERE "
                                               "i.catalogue_id = $1 AND i.row_number >= $2 AND i.row_number "
                                               "< $3 ORDER BY 1, m.separation, t.id",
                                               catalogue.id, first, first + kChunk);
            for (const auto& row : rows)
                take({row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), textOf(row[2]), textOf(row[3]),
                      realOf<double>(row[4]), realOf<double>(row[5]), realOf<double>(row[6]),
                      realOf<double>(row[7]), row[8].as<bool>(), textArrayOf(row[9])});
        }
    });
}

} // namespace voorwerp::catalog

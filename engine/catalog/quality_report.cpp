// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/quality_report.h"

#include "catalog/column_table.h"
#include "catalog/group_outliers.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"
#include "catalog/where_sql.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace voorwerp::catalog {

namespace {

constexpr std::array<const char*, 4> kGroupColumns{"fiber", "petal_loc", "last_tileid", "night"};
constexpr int kBins = 40;

/// The report under construction: a narrow copy of the rows in a temporary table, and one pass for each part.
class QualityCheck
{
public:
    QualityCheck(pqxx::work& work, QualityReport& report, std::stop_token stop,
                 const QualityProgress& progress)
        : m_stop(std::move(stop))
        , m_work(work)
        , m_report(report)
        , m_progress(progress)
    {
    }

    void run()
    {
        const std::array<void (QualityCheck::*)(), 6> steps{
            &QualityCheck::copyRows,     &QualityCheck::count,      &QualityCheck::describe,
            &QualityCheck::countReasons, &QualityCheck::findGroups, &QualityCheck::findRepeats};
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (m_stop.stop_requested())
                throw core::Cancelled();
            (this->*steps[i])();
            if (m_progress)
                m_progress(static_cast<int>(i) + 1, static_cast<int>(steps.size()));
        }
    }

private:
    void copyRows()
    {
        m_work.exec("SET LOCAL work_mem = '192MB'");
        SqlParameters parameters;
        const std::string condition = compileWhere(m_report.where, false, parameters);
        const std::string from =
            m_report.where.empty() ? " FROM voorwerp.target t" : fromTargets(ScoreJoin::None);
        // A CREATE takes no parameters: the table first, then its rows.
        m_work.exec(
            "CREATE TEMP TABLE quality_row (targetid int8, fiber int4, petal_loc int4, last_tileid int4, "
            "night int4, ra float8, dec float8, snr float4, z float4, masked float4, warned bool, "
            "problem text) ON COMMIT DROP");
        parameters.run(m_work,
                       "INSERT INTO quality_row SELECT t.targetid, t.fiber, t.petal_loc, t.last_tileid, "
                       "t.night, t.target_ra, t.target_dec, t.snr, t.z::float4, t.fraction_masked, "
                       "t.zwarn <> 0, t.problem" +
                           from + " WHERE " + condition);
        m_work.exec("ANALYZE quality_row");
    }

    void count()
    {
        const auto row = m_work.exec1("SELECT count(*), count(z), count(*) FILTER (WHERE warned), count(*) "
                                      "FILTER (WHERE problem <> '') FROM quality_row");
        m_report.spectra = row[0].as<std::int64_t>();
        m_report.withRedshift = row[1].as<std::int64_t>();
        m_report.warned = row[2].as<std::int64_t>();
        m_report.unusable = row[3].as<std::int64_t>();
    }

    void describe()
    {
        m_report.snr = distribution("snr", true);
        m_report.z = distribution("z", false);
        m_report.fractionMasked = distribution("masked", false);
    }

    /// Between the lowest and the highest value; cut: at the extreme percentiles, for long tails.
    Distribution distribution(const std::string& column, bool cut)
    {
        const auto row = m_work.exec1(
            "SELECT count(*), percentile_cont(ARRAY[0.05, 0.5, 0.95, 0.25, 0.75, 0.001, "
            "0.995]) WITHIN GROUP (ORDER BY " +
            column + "), min(" + column + "), max(" + column + "), avg(" + column +
            "), coalesce(stddev_samp(" + column + "), 0) FROM quality_row WHERE " + column + " IS NOT NULL");
        Distribution found;
        found.values = row[0].as<std::int64_t>();
        found.counts.assign(kBins, 0);
        found.percent5 = found.median = found.percent95 = core::TargetInfo::kNaN;
        if (found.values == 0)
            return found;
        const std::vector<double> percentiles = numbersOf(row[1]);
        found.percent5 = percentiles[0];
        found.median = percentiles[1];
        found.percent95 = percentiles[2];
        if (column == "snr") {
            m_sample.medianSnr = percentiles[1];
            m_sample.sigmaSnr = (percentiles[4] - percentiles[3]) / 1.349;
        } else if (column == "masked") {
            m_sample.meanMasked = realOf<double>(row[4]);
            m_sample.sigmaMasked = realOf<double>(row[5]);
        }
        found.low = cut ? percentiles[5] : realOf<double>(row[2]);
        found.high = std::max(cut ? percentiles[6] : realOf<double>(row[3]), found.low + 1e-6);
        const double margin = 1e-6 * (found.high - found.low); // the largest belongs to the last bin
        found.high += margin;
        for (const auto& bin : m_work.exec(
                 "SELECT least(greatest(width_bucket(" + column + "::float8, " + numberText(found.low) +
                 ", " + numberText(found.high) + ", " + numberText(kBins) + "), 1), " + numberText(kBins) +
                 "), count(*) FROM quality_row WHERE " + column + " IS NOT NULL GROUP BY 1"))
            found.counts[bin[0].as<std::size_t>() - 1] = bin[1].as<std::int64_t>();
        return found;
    }

    static std::vector<double> numbersOf(const pqxx::field& field)
    {
        std::vector<double> numbers;
        std::string text = textOf(field);
        std::replace_if(
            text.begin(), text.end(), [](char c) { return c == '{' || c == '}' || c == ','; }, ' ');
        for (std::size_t at = text.find_first_not_of(' '); at != std::string::npos;) {
            const std::size_t end = text.find(' ', at);
            numbers.push_back(parseNumber<double>(std::string_view(text).substr(at, end - at)));
            at = text.find_first_not_of(' ', end);
        }
        return numbers;
    }

    void countReasons()
    {
        m_report.problems = counted(
            m_work.exec("SELECT problem, count(*) FROM quality_row WHERE problem <> '' GROUP BY 1 ORDER BY 2 "
                        "DESC, 1"));
        m_report.refusals = counted(m_work.exec(
            "SELECT reason, count(*) FROM voorwerp.ingest_problem GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100"));
        const auto row = m_work.exec1(
            "SELECT count(*) FILTER (WHERE file_row IS NULL), count(file_row) FROM voorwerp.ingest_problem");
        m_report.refusedFiles = row[0].as<std::int64_t>();
        m_report.refusedRows = row[1].as<std::int64_t>();
        const auto share = [](std::int64_t part, std::int64_t all) {
            return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
        };
        m_sample.warnedShare = share(m_report.warned, m_report.withRedshift);
        m_sample.unusableShare = share(m_report.unusable, m_report.spectra);
    }

    static std::vector<ValueCount> counted(const pqxx::result& rows)
    {
        std::vector<ValueCount> counts;
        for (const auto& row : rows)
            counts.push_back({textOf(row[0]), row[1].as<std::int64_t>()});
        return counts;
    }

    void findGroups()
    {
        for (const std::string column : kGroupColumns) {
            std::vector<GroupFacts> groups;
            for (const auto& row : m_work.exec(
                     "SELECT " + column +
                     ", count(*), count(snr), percentile_cont(0.5) WITHIN GROUP (ORDER BY snr), "
                     "count(masked), avg(masked), count(warned), count(*) FILTER (WHERE warned), "
                     "count(*) FILTER (WHERE problem <> '') FROM quality_row WHERE " +
                     column + " IS NOT NULL GROUP BY 1 HAVING count(*) >= " + numberText(kLeastSpectra) +
                     " ORDER BY 1"))
                groups.push_back(
                    {row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), row[2].as<std::int64_t>(),
                     realOf<double>(row[3]), row[4].as<std::int64_t>(), realOf<double>(row[5]),
                     row[6].as<std::int64_t>(), row[7].as<std::int64_t>(), row[8].as<std::int64_t>()});
            auto found = findOutliers(column, groups, m_sample);
            std::move(found.begin(), found.end(), std::back_inserter(m_report.outliers));
        }
        std::stable_sort(
            m_report.outliers.begin(), m_report.outliers.end(),
            [](const OutlyingGroup& a, const OutlyingGroup& b) { return std::abs(a.z) > std::abs(b.z); });
        if (m_report.outliers.size() > kMostListed)
            m_report.outliers.resize(kMostListed);
    }

    void findRepeats()
    {
        const std::string most = numberText(kMostListed);
        for (const auto& row : m_work.exec(
                 "SELECT targetid, n, count(*) OVER (), sum(n - 1) OVER () FROM (SELECT targetid, "
                 "count(*) AS n FROM quality_row GROUP BY 1 HAVING count(*) > 1) r ORDER BY 2 DESC, 1 "
                 "LIMIT " +
                 most)) {
            m_report.repeated.push_back({{row[0].as<std::int64_t>()}, row[1].as<std::int64_t>()});
            m_report.repeatedTargets = row[2].as<std::int64_t>();
            m_report.repeatedSpectra = row[3].as<std::int64_t>();
        }
        m_report.targets = m_report.spectra - m_report.repeatedSpectra;
        // Strips of 2 arcsec, and again half a strip further; in each, neighbours in right ascension.
        const auto strip = [](const std::string& shift) {
            return "SELECT targetid, ra, dec, lag(targetid) OVER w AS other, lag(ra) OVER w AS ra0, lag(dec) "
                   "OVER "
                   "w AS dec0 FROM quality_row WHERE ra IS NOT NULL AND dec IS NOT NULL WINDOW w AS "
                   "(PARTITION BY "
                   "floor(dec * 1800 + " +
                   shift + ") ORDER BY ra)";
        };
        for (const auto& row : m_work.exec(
                 "SELECT a, b, d, count(*) OVER () FROM (SELECT least(targetid, other) AS a, "
                 "greatest(targetid, other) AS b, min(sqrt(power(dec - dec0, 2) + power((ra - ra0) * "
                 "cosd(dec), 2)) * 3600) AS d FROM (" +
                 strip("0") + " UNION ALL " + strip("0.5") +
                 ") s WHERE other <> targetid AND abs(dec - dec0) * 3600 < 1 AND sqrt(power(dec - dec0, 2) "
                 "+ power((ra - ra0) * cosd(dec), 2)) * 3600 < 1 GROUP BY 1, 2) p ORDER BY 3, 1 LIMIT " +
                 most)) {
            m_report.pairs.push_back(
                {{row[0].as<std::int64_t>()}, {row[1].as<std::int64_t>()}, realOf<double>(row[2])});
            m_report.closePairs = row[3].as<std::int64_t>();
        }
    }

    std::stop_token m_stop;
    pqxx::work& m_work;
    QualityReport& m_report;
    const QualityProgress& m_progress;
    SampleFacts m_sample;
};

} // namespace

QualityReport checkQuality(const Database& database, const std::string& where, std::stop_token stop,
                           const QualityProgress& progress)
{
    if (database.isBrowsed())
        throw core::UserError("a server that is only browsed has no data quality report",
                              "Ingest the files into a workspace for one.");
    checkWhere(where, false);
    const auto start = std::chrono::steady_clock::now();
    QualityReport report = inTransaction(database, stop, [&](pqxx::work& work) {
        QualityReport made;
        made.where = where;
        QualityCheck(work, made, stop, progress).run();
        return made;
    });
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return report;
}

} // namespace voorwerp::catalog

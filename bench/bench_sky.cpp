// SPDX-License-Identifier: GPL-3.0-or-later
// Cones and a cross-match on made-up places (--size, 200,000): by the filter's own SQL, by q3c's functions on
// q3c's index, and, as peers, by PostgreSQL without an index of places (a bounding box and an exact test over
// all rows) and by a sorted search in memory as a script would do it. All must find the same.
#include "catalog/imported_store.h"
#include "catalog/migrations.h"
#include "catalog/private_cluster.h"
#include "catalog/session.h"
#include "catalog/sky_match.h"
#include "catalog/sky_search.h"
#include "catalog/sky_sql.h"
#include "catalog/target_query.h"
#include "catalog_rows.h"
#include "core/sky_position.h"
#include "harness.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <random>

using namespace voorwerp;

namespace {

constexpr int kCones = 400;
constexpr std::size_t kRows = 100'000; // of the catalogue to match with

struct Cone
{
    double ra = 0.0, dec = 0.0;
};

std::vector<Cone> conesAt(const catalog::TargetColumns& targets, int count)
{
    std::mt19937 random(3);
    std::vector<Cone> cones;
    for (int i = 0; i < count; ++i) {
        const std::size_t at = random() % targets.ids.size();
        cones.push_back({targets.ra[at], targets.dec[at]});
    }
    return cones;
}

/// Condition of a cone as SQL and its parameters.
using Condition = std::function<std::string(const Cone&, double radius, catalog::SqlParameters&)>;

std::string ownSql(const Cone& cone, double radius, catalog::SqlParameters& parameters)
{
    return catalog::coneSql(cone.ra, cone.dec, radius, parameters);
}

std::string q3cSql(const Cone& cone, double radius, catalog::SqlParameters& parameters)
{
    const auto add = [&](double value) { return parameters.add(std::to_string(value), "float8"); };
    return "q3c_radial_query(t.target_ra, t.target_dec, " + add(cone.ra) + ", " + add(cone.dec) + ", " +
           add(radius / 3600.0) + ")";
}

/// What a table without an index of places does: all rows, a box first.
std::string boxSql(const Cone& cone, double radius, catalog::SqlParameters& parameters)
{
    const auto add = [&](double value) { return parameters.add(std::to_string(value), "float8"); };
    const std::string dec = add(cone.dec), ra = add(cone.ra), size = add(radius / 3600.0);
    return "(t.target_dec + 0 BETWEEN " + dec + " - " + size + " AND " + dec + " + " + size + " AND " +
           catalog::haversineSql("t.target_ra", "t.target_dec", ra, dec) + " <= power(sind(" + size +
           " / 2), 2))"; // "+ 0": no index fits
}

struct Timed
{
    std::vector<double> milliseconds;
    std::int64_t found = 0;
};

Timed timeCones(const catalog::Database& database, const std::vector<Cone>& cones, double radius,
                const Condition& condition)
{
    Timed timed;
    catalog::inTransaction(database, [&](pqxx::work& work) {
        for (const Cone& cone : cones) {
            const auto start = std::chrono::steady_clock::now();
            catalog::SqlParameters parameters;
            const std::string sql = condition(cone, radius, parameters);
            timed.found += static_cast<std::int64_t>(
                parameters
                    .run(work,
                         "SELECT t.id, t.targetid, t.target_ra, t.target_dec FROM voorwerp.target t WHERE " +
                             sql + " ORDER BY t.id LIMIT 500")
                    .size());
            timed.milliseconds.push_back(
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
        }
    });
    return timed;
}

void benchCones(bench::Benchmark& bench, const catalog::Database& database, const std::vector<Cone>& cones,
                bool q3c)
{
    for (const double radius : {2.0, 60.0, 3600.0}) {
        std::int64_t expected = -1;
        const auto run = [&](const std::string& name, std::size_t count, const Condition& condition) {
            std::vector<double> p50, p95;
            const std::vector<Cone> some(cones.begin(), cones.begin() + static_cast<long>(count));
            for (int i = 0; i <= bench.runs(); ++i) {
                const Timed timed = timeCones(database, some, radius, condition);
                if (i == 0)
                    continue; // warms up
                p50.push_back(bench::quantile(timed.milliseconds, 0.5));
                p95.push_back(bench::quantile(timed.milliseconds, 0.95));
                if (count == cones.size() && radius < 3600.0) {
                    expected = expected < 0 ? timed.found : expected;
                    bench::Benchmark::require(std::abs(timed.found - expected) <= 1,
                                              "all ways find the same");
                }
            }
            const std::string of = name + ", cone of " + std::to_string(static_cast<int>(radius)) + "\"";
            bench.report(of + ", p50", "ms", p50);
            bench.report(of + ", p95", "ms", p95);
        };
        run("filter", cones.size(), ownSql);
        if (q3c)
            run("q3c_radial_query", cones.size(), q3cSql);
        run("no index (peer)", 10, boxSql);
    }
}

std::vector<Cone> catalogueRows(const catalog::TargetColumns& targets)
{
    std::mt19937 random(17);
    std::normal_distribution<double> offset(0.0, 0.3 / 3600.0);
    std::vector<Cone> rows = conesAt(targets, static_cast<int>(kRows));
    for (Cone& row : rows) {
        row.dec += offset(random);
        row.ra = std::fmod(row.ra + offset(random) / std::cos(row.dec * M_PI / 180.0) + 360.0, 360.0);
    }
    return rows;
}

void import(const catalog::Database& database, const std::vector<Cone>& rows)
{
    catalog::ImportedCatalogue catalogue;
    catalogue.name = "made";
    catalogue.columns = {{"NAME", "text", "", "", ""}};
    catalog::CatalogueImport import(database, catalogue, true);
    const std::array<std::optional<std::string>, 1> cells{"an object"};
    for (std::size_t i = 0; i < rows.size(); ++i)
        import.add(static_cast<std::int64_t>(i) + 1, {rows[i].ra, rows[i].dec}, cells);
    import.commit(0);
}

/// As a script with numpy does it: sorted by declination, a window, exact distances. Without the loading.
std::int64_t matchInMemory(const catalog::TargetColumns& targets, const std::vector<Cone>& rows,
                           double radius)
{
    std::vector<std::size_t> order(targets.ids.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return targets.dec[a] < targets.dec[b]; });
    std::int64_t matched = 0;
    for (const Cone& row : rows) {
        auto at = std::lower_bound(order.begin(), order.end(), row.dec - radius / 3600.0,
                                   [&](std::size_t i, double dec) { return targets.dec[i] < dec; });
        bool found = false;
        for (; at != order.end() && targets.dec[*at] <= row.dec + radius / 3600.0 && !found; ++at)
            found = core::separationArcsec({row.ra, row.dec}, {targets.ra[*at], targets.dec[*at]}) <= radius;
        matched += found ? 1 : 0;
    }
    return matched;
}

void benchMatch(bench::Benchmark& bench, const catalog::Database& database,
                const catalog::TargetColumns& targets)
{
    const std::vector<Cone> rows = catalogueRows(targets);
    bench.report("import of 100,000 rows", "s", bench.time([&] { import(database, rows); }));
    catalog::MatchStatistics statistics;
    bench.report("match of 100,000 rows within 2\", with both chance estimates", "s", bench.time([&] {
        core::JobContext context;
        statistics = catalog::matchCatalogue(database, {"made", 2.0, "", "bench"}, context);
    }));
    std::int64_t expected = 0;
    bench.report("match in memory (peer), without loading and chance", "s",
                 bench.time([&] { expected = matchInMemory(targets, rows, 2.0); }));
    bench::Benchmark::require(statistics.matched == expected, "the match finds what the peer finds");
}

} // namespace

int main(int argc, char** argv)
{
    return bench::runBenchmark("sky", argc, argv, [](bench::Benchmark& bench) {
        const std::filesystem::path folder = std::filesystem::temp_directory_path() / "voorwerp-bench-sky";
        std::filesystem::remove_all(folder);
        core::JobContext context;
        const core::Workspace workspace(folder);
        {
            const auto cluster = catalog::PrivateCluster::open(workspace, context);
            const catalog::Database database(cluster.uri());
            catalog::migrate(database);
            bench::fillCatalogue(database, static_cast<std::int64_t>(bench.size(200'000)));
            const auto targets = catalog::loadTargetColumns(database);
            const bool q3c = catalog::q3cState(database) == catalog::Q3cState::Ready;
            benchCones(bench, database, conesAt(targets, kCones), q3c);
            benchMatch(bench, database, targets);
        }
        catalog::PrivateCluster::discard(workspace);
        std::filesystem::remove_all(folder);
    });
}

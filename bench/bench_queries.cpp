// SPDX-License-Identifier: GPL-3.0-or-later
// Pages, counts, cones and single spectra of a catalogue of 1.6 million rows that one model scored, as the
// window asks for them: each filter under each sort order, over the Unix socket. VOORWERP_BENCH_FOLDER keeps
// the catalogue between runs.
#include "catalog/spectrum_store.h"
#include "catalog/target_query.h"
#include "catalog/where.h"
#include "catalog_rows.h"
#include "harness.h"

#include <pqxx/pqxx>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>

using namespace voorwerp;

namespace {

constexpr std::size_t kPageRows = 200; ///< as in the window
constexpr std::size_t kSpectra = 3000;
constexpr std::size_t kQuestions = 60; ///< a run, at random among all
constexpr std::size_t kOpened = 300;
constexpr std::size_t kCones = 200;
constexpr std::size_t kWorstShown = 6;

const std::vector<std::string> kColumns{"targetid", "survey",   "program",   "z",          "zwarn",
                                        "spectype", "snr",      "target_ra", "target_dec", "rank",
                                        "score",    "artefact", "label",     "problem",    "flux_r"};

const std::vector<std::string> kFilters{"",
                                        "spectype = 'QSO' and zwarn = 0",
                                        "spectype = 'QSO' and zwarn = 0 and 2.1 < z < 3.5 and snr > 2",
                                        "z > 6",
                                        "z > 5.5 and snr > 3",
                                        "snr > 30",
                                        "zwarn & 4",
                                        "zwarn & 1024",
                                        "spectype = 'STAR' and z > 0.0015",
                                        "label = 'BAL'",
                                        "label is not null and z > 2",
                                        "score > 5",
                                        "score > 3 and z > 3",
                                        "artefact > 0.5 and spectype = 'QSO'",
                                        "survey not in ('main', 'sv3')",
                                        "z > 5.8 or snr > 40",
                                        "problem = 'no good pixel'",
                                        "problem like '%POORPOSITION%'",
                                        "cone(150, 20, 3600)",
                                        "100 < target_ra < 110 and 0 < target_dec < 10",
                                        "targetid in (39627300079190000, 39627300158380000)",
                                        "flux_g > 20 and spectype != 'QSO'"};

struct Timed
{
    std::string what;
    double milliseconds = 0.0;
};

double milliseconds(const std::function<void()>& run)
{
    const auto start = std::chrono::steady_clock::now();
    run();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Collects one list of times a run, and reports their p50 and p95 with the slowest by name.
class Series
{
public:
    explicit Series(std::string name)
        : m_name(std::move(name))
    {
    }
    void startRun() { m_runs.emplace_back(); }
    void add(const std::string& what, double time) { m_runs.back().push_back({what, time}); }
    void report(bench::Benchmark& bench) const
    {
        std::vector<double> p50, p95, p99;
        for (const auto& run : m_runs) {
            std::vector<double> times;
            for (const Timed& timed : run)
                times.push_back(timed.milliseconds);
            p50.push_back(bench::quantile(times, 0.5));
            p95.push_back(bench::quantile(times, 0.95));
            p99.push_back(bench::quantile(times, 0.99));
        }
        const nlohmann::json details = {{"questions_per_run", m_runs.back().size()}, {"slowest", slowest()}};
        bench.report(m_name + ", p50", "ms", p50);
        bench.report(m_name + ", p95", "ms", p95, details);
        bench.report(m_name + ", p99", "ms", p99);
    }

private:
    nlohmann::json slowest() const
    {
        std::vector<Timed> times = m_runs.back();
        std::sort(times.begin(), times.end(),
                  [](const Timed& a, const Timed& b) { return a.milliseconds > b.milliseconds; });
        nlohmann::json list = nlohmann::json::array();
        for (std::size_t i = 0; i < std::min(kWorstShown, times.size()); ++i) {
            list.push_back({{"what", times[i].what}, {"ms", times[i].milliseconds}});
            std::printf("    %8.1f ms  %s\n", times[i].milliseconds, times[i].what.c_str());
        }
        return list;
    }

    std::string m_name;
    std::vector<std::vector<Timed>> m_runs;
};

std::vector<catalog::TargetPageRequest> allRequests(core::ModelVersionId model)
{
    std::vector<catalog::TargetPageRequest> requests;
    for (const std::string& column : kColumns)
        for (const std::string& where : kFilters)
            for (const bool descending : {false, true}) {
                catalog::TargetPageRequest request;
                request.where = where;
                request.sortColumn = column;
                request.descending = descending;
                request.limit = kPageRows;
                request.model = model;
                request.scoredOnly = false;
                requests.push_back(request);
            }
    return requests;
}

std::string nameOf(const catalog::TargetPageRequest& request)
{
    return (request.where.empty() ? "everything" : request.where) + " by " + request.sortColumn +
           (request.descending ? " desc" : "");
}

/// The cursor of the row in the middle of a list without filter: far from both ends.
catalog::PageCursor cursorAt(pqxx::connection& connection, const std::string& column, core::SpectrumId id)
{
    pqxx::nontransaction work(connection);
    const auto row =
        work.exec_params("SELECT to_jsonb(t) || coalesce(to_jsonb(s), '{}') || "
                         "jsonb_build_object('label', l.class) ->> $2::text FROM voorwerp.target t LEFT "
                         "JOIN voorwerp.score s ON s.target_id = t.id LEFT JOIN voorwerp.label l USING "
                         "(targetid) WHERE t.id = $1",
                         id.value, column)
            .at(0);
    return {row[0].is_null() ? std::nullopt : std::optional<std::string>(row[0].c_str()), id, false};
}

void benchPages(bench::Benchmark& bench, const bench::CatalogueWorkspace& catalogue, std::int64_t rows)
{
    Series first("first page"), second("next page"), deep("next page from the middle");
    const auto& database = catalogue.database();
    pqxx::connection connection(database.uri());
    const auto all = allRequests(catalogue.model());
    std::mt19937_64 random(3);
    for (int run = 0; run < bench.runs(); ++run) {
        for (Series* series : {&first, &second, &deep})
            series->startRun();
        for (std::size_t i = 0; i < kQuestions; ++i) {
            catalog::TargetPageRequest request = all[random() % all.size()];
            catalog::TargetPage page;
            first.add(nameOf(request),
                      milliseconds([&] { page = catalog::queryTargets(database, request); }));
            if (page.next) {
                request.after = page.next;
                second.add(nameOf(request), milliseconds([&] { catalog::queryTargets(database, request); }));
            }
            request.after =
                cursorAt(connection, request.sortColumn,
                         {1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(rows))});
            deep.add(nameOf(request), milliseconds([&] { catalog::queryTargets(database, request); }));
        }
    }
    for (const Series* series : {&first, &second, &deep})
        series->report(bench);
}

/// As the window asks: the model only where its scores are in the filter.
std::optional<core::ModelVersionId> modelFor(const std::string& where, core::ModelVersionId model)
{
    try {
        catalog::checkWhere(where, false);
        return std::nullopt;
    } catch (const catalog::WhereError&) {
        return model;
    }
}

void checkEstimate(const catalog::RowCount& soon, std::int64_t exact, const std::string& where)
{
    const auto difference = static_cast<double>(std::abs(soon.value - exact));
    bench::Benchmark::require(soon.exact ? difference == 0.0
                                         : difference <= 6.0 * static_cast<double>(soon.uncertainty),
                              "the count of '" + where + "' is " + std::to_string(soon.value) +
                                  " instead of " + std::to_string(exact));
}

void benchSmall(bench::Benchmark& bench, const bench::CatalogueWorkspace& catalogue)
{
    const auto& database = catalogue.database();
    pqxx::connection connection(database.uri());
    const auto spectra =
        pqxx::nontransaction(connection)
            .exec("SELECT t.targetid FROM voorwerp.target t JOIN voorwerp.spectrum p ON p.target_id = t.id");
    Series opened("spectrum by TARGETID"), cones("cone of an arcminute"),
        first("count at once, exact or estimated"), counts("exact count"), places("place of a row"),
        trip("SELECT 1, the round trip");
    std::mt19937_64 random(5);
    for (int run = 0; run < bench.runs(); ++run) {
        for (Series* series : {&opened, &cones, &first, &counts, &places, &trip})
            series->startRun();
        for (std::size_t i = 0; i < kOpened; ++i) {
            const core::TargetId target{
                spectra[static_cast<pqxx::result::size_type>(random() % spectra.size())][0]
                    .as<std::int64_t>()};
            opened.add(std::to_string(target.value), milliseconds([&] {
                           const auto found = catalog::findTarget(database, target, catalogue.model());
                           bench::Benchmark::require(
                               !catalog::readSpectrum(database, found.at(0).id).flux.empty(),
                               "it has pixels");
                       }));
            trip.add("", milliseconds([&] { pqxx::work(connection).exec("SELECT 1"); }));
        }
        for (std::size_t i = 0; i < kCones; ++i) {
            catalog::TargetPageRequest request;
            request.where = "cone(" + std::to_string(static_cast<double>(random() % 360'000) / 1000.0) +
                            ", " + std::to_string(static_cast<double>(random() % 80'000) / 1000.0 - 15.0) +
                            ", 60)";
            request.limit = kPageRows;
            request.model = catalogue.model();
            cones.add(request.where, milliseconds([&] { catalog::queryTargets(database, request); }));
        }
        for (const std::string& where : kFilters) {
            const auto model = modelFor(where, catalogue.model());
            catalog::RowCount soon;
            first.add(where, milliseconds([&] { soon = catalog::countSoon(database, where, model); }));
            std::int64_t exact = 0;
            counts.add(where, milliseconds([&] { exact = catalog::countTargets(database, where, model); }));
            checkEstimate(soon, exact, where);
        }
        for (const catalog::TargetPageRequest& request : allRequests(catalogue.model()))
            if (request.where.empty())
                places.add(nameOf(request), milliseconds([&] {
                               catalog::findPlace(database, request,
                                                  {1 + static_cast<std::int64_t>(random() % 1'000'000)});
                           }));
    }
    for (const Series* series : {&opened, &cones, &first, &counts, &places, &trip})
        series->report(bench);
}

/// The same page by OFFSET, as a plain client would ask.
void benchPeer(bench::Benchmark& bench, const bench::CatalogueWorkspace& catalogue)
{
    pqxx::connection connection(catalogue.database().uri());
    for (const int offset : {0, 200, 800'000}) {
        const auto seconds = bench.time([&] {
            pqxx::work(connection)
                .exec("SELECT * FROM voorwerp.target ORDER BY z, id LIMIT 200 OFFSET " +
                      std::to_string(offset));
        });
        std::vector<double> times;
        for (const double second : seconds)
            times.push_back(1e3 * second);
        bench.report("peer: OFFSET " + std::to_string(offset) + " by z", "ms", times);
    }
}

} // namespace

int main(int argc, char** argv)
{
    return bench::runBenchmark("queries", argc, argv, [](bench::Benchmark& bench) {
        const auto rows = static_cast<std::int64_t>(bench.size(1'600'000));
        const bench::ScratchFolder scratch;
        const char* kept = std::getenv("VOORWERP_BENCH_FOLDER");
        const bench::CatalogueWorkspace catalogue(
            kept != nullptr ? std::filesystem::path(kept) : scratch.path(), rows, kSpectra);
        benchPeer(bench, catalogue);
        benchSmall(bench, catalogue);
        benchPages(bench, catalogue, rows);
    });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// From an id to the pixels of a spectrum, over the Unix socket: what a click on a row costs. And all spectra
// one after the other, as scoring and training sets read them.
#include "catalog/spectrum_store.h"
#include "catalog/target_query.h"
#include "core/wavelength_grid.h"
#include "harness.h"
#include "survey.h"

#include <chrono>
#include <random>

using namespace voorwerp;

namespace {

constexpr std::size_t kOpened = 500;

/// Milliseconds of each opening, in random order.
std::vector<double> openRandomSpectra(const catalog::Database& database,
                                      const std::vector<core::SpectrumId>& ids, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::vector<double> milliseconds;
    for (std::size_t i = 0; i < kOpened; ++i) {
        const core::SpectrumId id = ids[random() % ids.size()];
        const auto start = std::chrono::steady_clock::now();
        const core::Spectrum spectrum = catalog::readSpectrum(database, id);
        const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
        bench::Benchmark::require(spectrum.flux.size() == core::DesiGrid::kPixels, "a spectrum is complete");
        milliseconds.push_back(elapsed.count());
    }
    return milliseconds;
}

} // namespace

int main(int argc, char** argv)
{
    return bench::runBenchmark("spectrum_open", argc, argv, [](bench::Benchmark& bench) {
        const std::size_t targets = bench.size(1500);
        bench::Survey survey(targets);
        const catalog::Database database = survey.freshDatabase("bench_open");
        survey.ingestInto(database);
        const auto ids = catalog::loadTargetColumns(database).ids;
        bench.require(ids.size() == targets, "every spectrum has an id");
        std::vector<double> middle;
        std::vector<double> slow;
        for (int run = 0; run <= bench.runs(); ++run) {
            const auto milliseconds = openRandomSpectra(database, ids, static_cast<std::uint64_t>(run));
            if (run == 0)
                continue;
            middle.push_back(bench::quantile(milliseconds, 0.5));
            slow.push_back(bench::quantile(milliseconds, 0.95));
        }
        bench.report("spectrum open, p50", "ms", middle, {{"opened_per_run", kOpened}, {"stored", targets}});
        bench.report("spectrum open, p95", "ms", slow, {{"opened_per_run", kOpened}, {"stored", targets}});

        std::size_t streamed = 0;
        const auto seconds = bench.time([&] {
            streamed = 0;
            catalog::SpectrumStream stream(database, "");
            for (std::vector<catalog::StoredSpectrum> batch; stream.next(batch);)
                streamed += batch.size();
        });
        bench.require(streamed == targets, "every spectrum was streamed");
        bench.report("spectra streamed", "spectra/s", bench::perSecond(targets, seconds),
                     {{"stored", targets}});
    });
}

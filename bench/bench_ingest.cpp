// SPDX-License-Identifier: GPL-3.0-or-later
// DESI files into PostgreSQL: hash, read, merge the cameras, round, compress, COPY, commit. In the same run,
// the same files by a Python script (bench/peers/ingest.py) with as many processes as we use threads.
#include "catalog/spectrum_store.h"
#include "catalog/target_query.h"
#include "core/process.h"
#include "harness.h"
#include "survey.h"

#include <cmath>
#include <optional>
#include <sys/resource.h>
#include <thread>

using namespace voorwerp;
using catalog::PixelStorage;

namespace {

double megabytesOf(const std::filesystem::path& folder)
{
    double bytes = 0.0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            bytes += static_cast<double>(entry.file_size());
    return bytes / 1e6;
}

/// Of this process so far, without PostgreSQL.
double peakMebibytes()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

/// What a database needs for each spectrum, tables and indexes included, and the pixels alone.
nlohmann::json bytesPerSpectrum(const catalog::Database& database, std::int64_t empty, std::size_t targets,
                                PixelStorage storage)
{
    std::size_t pixels = 0;
    catalog::SpectrumStream stream(database, "");
    std::vector<catalog::StoredSpectrum> batch;
    while (stream.next(batch))
        for (const catalog::StoredSpectrum& stored : batch) {
            const auto blobs = catalog::encodeSpectrum(stored.spectrum, storage);
            pixels += blobs.flux.size() + blobs.ivar.size() + blobs.mask.size();
        }
    const std::int64_t all = catalog::databaseInfo(database).bytes - empty;
    return {{"pixel_bytes", pixels / targets}, {"database_bytes", all / static_cast<std::int64_t>(targets)}};
}

void requireSamePixels(const core::Spectrum& ours, const core::Spectrum& peers)
{
    bench::Benchmark::require(ours.mask == peers.mask, "the peer has the same mask");
    for (std::size_t i = 0; i < ours.flux.size(); ++i)
        bench::Benchmark::require(std::abs(ours.flux[i] - peers.flux[i]) * std::sqrt(ours.ivar[i]) < 0.02F,
                                  "the peer has the same flux, within the rounding of both");
}

void requireSameTargets(const catalog::Database& ours, const catalog::Database& peers, bool pixelsToo)
{
    for (const auto& row : catalog::queryTargets(ours, {.sortColumn = "targetid", .limit = 50}).rows) {
        const auto found = catalog::findTarget(peers, row.info.key.targetId);
        bench::Benchmark::require(found.size() == 1, "the peer has the target");
        bench::Benchmark::require(std::abs(row.info.snr - found[0].info.snr) < 0.05F,
                                  "the peer has the same S/N");
        if (pixelsToo)
            requireSamePixels(catalog::readSpectrum(ours, row.id), catalog::readSpectrum(peers, found[0].id));
    }
}

class IngestBenchmark
{
public:
    explicit IngestBenchmark(bench::Benchmark& bench)
        : m_bench(bench)
        , m_targets(bench.size(6000))
        , m_survey(m_targets)
    {
    }

    void run()
    {
        const double ours = ingest("ingest", PixelStorage::NoiseAware);
        ingest("ingest --lossless", PixelStorage::Lossless);
        for (const auto& [style, processes] :
             {std::pair{"plain", 1U}, std::pair{"tuned", std::thread::hardware_concurrency()}}) {
            const double peer = runPeer(style, processes);
            if (peer <= 0.0)
                return;
            std::printf("    ours is %.1f times the %s script\n", ours / peer, style);
        }
    }

private:
    double ingest(const std::string& name, PixelStorage storage)
    {
        std::int64_t empty = 0;
        const auto seconds = m_bench.time([&] { m_survey.ingestInto(*m_database, storage); },
                                          [&] {
                                              m_database =
                                                  m_survey.freshDatabase("bench_ingest_" + name.substr(6, 4));
                                              empty = catalog::databaseInfo(*m_database).bytes;
                                          });
        const double peak = peakMebibytes();
        auto details = bytesPerSpectrum(*m_database, empty, m_targets, storage);
        details["spectra"] = m_targets;
        details["megabytes_of_fits"] = megabytesOf(m_survey.files());
        details["peak_mebibytes"] = peak;
        return report(name, seconds, details);
    }

    /// 0 where Python or one of its packages is missing.
    double runPeer(const std::string& style, unsigned processes)
    {
        const std::string modules = "import fitsio, psycopg2, zstandard";
        if (!core::runProcess({.command = {"/usr/bin/python3", "-c", modules}}).ok()) {
            std::printf("no peer: python3-fitsio, python3-psycopg2 or python3-zstandard is missing\n");
            return 0.0;
        }
        std::optional<catalog::Database> database;
        const auto seconds = m_bench.time(
            [&] {
                const auto result = core::runProcess(
                    {.command = {"/usr/bin/python3", VOORWERP_PEERS "/ingest.py", database->uri(),
                                 m_survey.files().string(), std::to_string(processes), style}});
                bench::Benchmark::require(result.ok(), "the peer ends well: " + result.error);
            },
            [&] { database = m_survey.freshDatabase("bench_ingest_peer"); });
        requireSameTargets(*m_database, *database, style == "tuned"); // zlib is not ours to read
        return report("Python, " + style, seconds, {{"spectra", m_targets}, {"processes", processes}});
    }

    double report(const std::string& name, const std::vector<double>& seconds, const nlohmann::json& details)
    {
        const auto rate = bench::perSecond(m_targets, seconds);
        m_bench.report(name, "spectra/s", rate, details);
        return bench::quantile(rate, 0.5);
    }

    bench::Benchmark& m_bench;
    const std::size_t m_targets;
    bench::Survey m_survey;
    std::optional<catalog::Database> m_database;
};

} // namespace

int main(int argc, char** argv)
{
    return bench::runBenchmark("ingest", argc, argv,
                               [](bench::Benchmark& bench) { IngestBenchmark(bench).run(); });
}

// SPDX-License-Identifier: GPL-3.0-or-later
// DESI files into PostgreSQL: read, merge the cameras, compress, COPY, commit.
#include "catalog/target_query.h"
#include "harness.h"
#include "survey.h"

#include <optional>

using namespace voorwerp;

namespace {

double megabytesOf(const std::filesystem::path& folder)
{
    double bytes = 0.0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            bytes += static_cast<double>(entry.file_size());
    return bytes / 1e6;
}

} // namespace

int main(int argc, char** argv)
{
    return bench::runBenchmark("ingest", argc, argv, [](bench::Benchmark& bench) {
        const std::size_t targets = bench.size(1500);
        bench::Survey survey(targets);
        std::optional<catalog::Database> database;
        const auto seconds = bench.time([&] { survey.ingestInto(*database); },
                                        [&] { database = survey.freshDatabase("bench_ingest"); });
        bench.require(catalog::countTargets(*database, "") == static_cast<std::int64_t>(targets),
                      "every spectrum is in the database");
        bench.report("ingest", "spectra/s", bench::perSecond(targets, seconds),
                     {{"spectra", targets}, {"megabytes_of_fits", megabytesOf(survey.files())}});
    });
}

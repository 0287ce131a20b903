// SPDX-License-Identifier: GPL-3.0-or-later
// Rest-frame preprocessing from decompressed arrays: mask, deredden, normalise, rebin, floor. With one thread
// and with one for each core, and in batches as scoring does it, on all cores and on a GPU where there is
// one; beside them, in the same run, what it costs to copy the same arrays.
#include "dataset/batch_preprocessor.h"
#include "fits/coadd_reader.h"
#include "fits/desi_tree.h"
#include "fits/redshift_reader.h"
#include "harness.h"
#include "mock/mock_survey.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <ctime>
#include <map>
#include <span>
#include <stdexcept>
#include <thread>

using namespace voorwerp;

namespace {

constexpr std::size_t kBatch = 512; // as scoring takes them

struct Observed
{
    core::Spectrum spectrum;
    double z = 0.0;
    float ebv = 0.0F;
};

std::vector<Observed> readSurvey(std::size_t targets)
{
    const bench::ScratchFolder folder;
    core::JobContext context;
    mock::MockConfig survey;
    survey.targets = targets;
    mock::writeMockSurvey(folder.path(), survey, context);
    std::vector<Observed> sample;
    for (const fits::CoaddSource& source : fits::findDesiFiles({folder.path()}).coadds) {
        std::map<core::TargetId, double> redshifts;
        for (const auto& [target, redshift] : fits::readRedrock(source.redrock).rows)
            redshifts[target] = redshift.z;
        fits::CoaddReader reader(source.coadd);
        for (std::size_t i = 0; i < reader.targets().size(); ++i) {
            const core::TargetInfo& target = reader.targets()[i];
            sample.push_back({reader.read(i), redshifts.at(target.key.targetId), target.ebv});
        }
    }
    return sample;
}

double cpuSecondsOfThisThread()
{
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Work on each of the sample, by so many threads; each takes every threads-th. Returns the seconds of CPU
/// that it took, all threads together.
template <class Work> double each(const std::vector<Observed>& sample, unsigned threads, Work work)
{
    std::atomic<double> seconds{0.0};
    {
        std::vector<std::jthread> pool;
        for (unsigned thread = 0; thread < threads; ++thread)
            pool.emplace_back([&, thread] {
                const double start = cpuSecondsOfThisThread();
                for (std::size_t i = thread; i < sample.size(); i += threads)
                    work(i);
                seconds += cpuSecondsOfThisThread() - start;
            });
    }
    return seconds;
}

class PreprocessBenchmark
{
public:
    explicit PreprocessBenchmark(bench::Benchmark& bench)
        : m_bench(bench)
        , m_sample(readSurvey(bench.size(1000)))
        , m_found(m_sample.size())
        , m_copies(m_sample.size())
    {
    }

    void run()
    {
        const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
        requireSense();
        report(1);
        report(cores);
        reportBatches("cpu", ", batches, all cores");
        if (hasGpu())
            reportBatches("cuda:0", ", batches, GPU");
    }

private:
    /// Rates by the clock and by seconds of a core: others use this machine too.
    template <class Work> double report(const std::string& name, unsigned threads, Work work)
    {
        std::vector<double> cpu;
        const auto seconds = m_bench.time([&] { cpu.push_back(each(m_sample, threads, work)); });
        cpu.erase(cpu.begin()); // of the run that does not count
        const auto perCore = bench::perSecond(m_sample.size(), cpu);
        m_bench.report(name, "spectra/s", bench::perSecond(m_sample.size(), seconds),
                       {{"spectra", m_sample.size()}, {"threads", threads}});
        m_bench.report(name + ", a second of a core", "spectra", perCore, {{"threads", threads}});
        return bench::quantile(perCore, 0.5);
    }

    void report(unsigned threads)
    {
        const std::string by = threads == 1 ? ", one thread" : ", all cores";
        const double rate =
            report("preprocess" + by, threads, [&](std::size_t i) { m_found[i] = row(i).snr; });
        bench::Benchmark::require(m_found == m_expected, "all threads find what one finds");
        const double limit = report("copy of the same arrays" + by, threads,
                                    [&](std::size_t i) { m_copies[i] = m_sample[i].spectrum; });
        std::printf("    %.0f %% of the copy\n", 100.0 * rate / limit);
    }

    bool hasGpu() const
    {
        try {
            return dataset::makeBatchPreprocessor(m_preprocessor.recipe(), "cuda:0", 0) != nullptr;
        } catch (const std::runtime_error& error) {
            std::printf("    no GPU: %s\n", error.what());
            return false;
        }
    }

    void reportBatches(const std::string& device, const std::string& by)
    {
        const auto batch = dataset::makeBatchPreprocessor(m_preprocessor.recipe(), device, 0);
        std::vector<dataset::ObservedSpectrum> observed;
        for (const Observed& one : m_sample)
            observed.push_back({&one.spectrum, one.z, one.ebv});
        const auto seconds = m_bench.time([&] {
            for (std::size_t first = 0; first < observed.size(); first += kBatch) {
                const std::size_t count = std::min(kBatch, observed.size() - first);
                const auto rows = batch->apply(std::span(observed).subspan(first, count));
                for (std::size_t i = 0; i < count; ++i)
                    m_found[first + i] = rows[i].snr;
            }
        });
        bench::Benchmark::require(m_found == m_expected, "batches find what one thread finds");
        m_bench.report("preprocess" + by, "spectra/s", bench::perSecond(m_sample.size(), seconds),
                       {{"spectra", m_sample.size()}, {"batch", kBatch}});
    }

    dataset::RestFrameSpectrum row(std::size_t i) const
    {
        return m_preprocessor.apply(m_sample[i].spectrum, m_sample[i].z, m_sample[i].ebv);
    }

    /// Most rows are usable, and in each half of the pixels lie above its S/N.
    void requireSense()
    {
        std::size_t usable = 0;
        for (std::size_t k = 0; k < m_sample.size(); ++k) {
            const dataset::RestFrameSpectrum found = row(k);
            m_expected.push_back(found.snr);
            usable += found.usable() ? 1 : 0;
            std::size_t data = 0, above = 0;
            for (std::size_t i = 0; i < found.flux.size(); ++i) {
                const bool good = found.weight[i] > 0.0F;
                data += good ? 1 : 0;
                above += good && found.flux[i] * std::sqrt(found.weight[i]) > found.snr ? 1 : 0;
            }
            bench::Benchmark::require(2 * above <= data && 2 * above + 3 > data, "S/N is the median");
        }
        bench::Benchmark::require(10 * usable > 9 * m_sample.size(), "nearly all rows are usable");
    }

    bench::Benchmark& m_bench;
    const std::vector<Observed> m_sample;
    const dataset::Preprocessor m_preprocessor{dataset::Recipe::builtIn("quasar")};
    std::vector<float> m_expected, m_found; ///< S/N of each
    std::vector<core::Spectrum> m_copies;
};

} // namespace

int main(int argc, char** argv)
{
    return bench::runBenchmark("preprocess", argc, argv,
                               [](bench::Benchmark& bench) { PreprocessBenchmark(bench).run(); });
}

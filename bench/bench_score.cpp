// SPDX-License-Identifier: GPL-3.0-or-later
// Scoring on the CPU: preprocess, encode, decode, component scores, ranks; and the network part
// beside Eigen's matrix product. The weights are untrained: the work is the same.
#include "dataset/recipe.h"
#include "fits/coadd_reader.h"
#include "fits/desi_tree.h"
#include "fits/redshift_reader.h"
#include "gemm_rate.h"
#include "harness.h"
#include "mock/mock_survey.h"
#include "nn/backend.h"
#include "score/fusion.h"
#include "score/scorer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <thread>

using namespace voorwerp;

namespace {

struct Sample
{
    std::vector<core::Spectrum> spectra;
    std::vector<double> redshifts;
};

Sample readSurvey(const std::filesystem::path& folder)
{
    Sample sample;
    for (const fits::CoaddSource& source : fits::findDesiFiles({folder}).coadds) {
        std::map<core::TargetId, double> redshifts;
        for (const auto& [target, redshift] : fits::readRedrock(source.redrock).rows)
            redshifts[target] = redshift.z;
        fits::CoaddReader reader(source.coadd);
        for (std::size_t i = 0; i < reader.targets().size(); ++i) {
            sample.spectra.push_back(reader.read(i));
            sample.redshifts.push_back(redshifts.at(reader.targets()[i].key.targetId));
        }
    }
    return sample;
}

/// Multiplications and additions of one spectrum through encoder and decoder.
double operationsPerSpectrum(const nn::ModelConfig& config)
{
    double operations = 0.0;
    std::size_t width = 2 * config.pixels;
    for (const std::size_t hidden : config.hidden) {
        operations += 2.0 * static_cast<double>(width) * static_cast<double>(hidden);
        width = hidden;
    }
    operations += 2.0 * static_cast<double>(width) * 2.0 * static_cast<double>(config.latent);
    width = config.latent;
    for (auto hidden = config.hidden.rbegin(); hidden != config.hidden.rend(); ++hidden) {
        operations += 2.0 * static_cast<double>(width) * static_cast<double>(*hidden);
        width = *hidden;
    }
    return operations + 2.0 * static_cast<double>(width) * static_cast<double>(config.pixels);
}

/// GFLOP/s of all threads together.
std::vector<double> gemmRate(const bench::Benchmark& bench, int threads)
{
    std::size_t wrong = 0;
    auto rates = bench.time([&] { wrong += bench::multiplyMatrices(threads); });
    bench.require(wrong == 0, "every element of the product is right");
    for (double& rate : rates)
        rate = 2.0 * threads * bench::kGemmProducts * std::pow(bench::kGemmSize, 3) / rate / 1e9;
    return rates;
}

void reportNetwork(bench::Benchmark& bench, nn::Backend& backend, double machineRate)
{
    constexpr std::size_t kBatch = score::Scorer::kBatch;
    const nn::ModelConfig& config = backend.config();
    const std::vector<float> flux(kBatch * config.pixels, 1.0F);
    const std::vector<float> weight(flux.size(), 1.0F);
    std::vector<float> model(flux.size());
    const auto seconds = bench.time([&] {
        backend.reconstruct({kBatch, flux.data(), weight.data()}, model.data());
    });
    bench.require(std::isfinite(model.back()), "the reconstruction is finite");
    const auto rates = bench::perSecond(kBatch, seconds);
    const double gigaflops = bench::quantile(rates, 0.5) * operationsPerSpectrum(config) / 1e9;
    bench.report("encode and decode", "spectra/s", rates,
                 {{"batch", kBatch},
                  {"gflops", gigaflops},
                  {"device", backend.attributes().description},
                  {"share_of_gemm", gigaflops / machineRate}});
}

/// Component scores of a made-up survey become ranks; its first spectra are outliers.
void reportRanking(bench::Benchmark& bench)
{
    constexpr std::size_t kSpectra = 50'000, kOutliers = 50;
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::uniform_real_distribution<float> redshift(0.1F, 4.0F);
    std::vector<score::ComponentScores> components(kSpectra);
    std::vector<float> snr, z;
    for (score::ComponentScores& one : components) {
        const float strange = snr.size() < kOutliers ? 50.0F : 0.0F;
        snr.push_back(std::exp(0.5F + 0.7F * normal(random)));
        z.push_back(redshift(random));
        one.robust = 1.0F + 0.1F * snr.back() + 0.1F * normal(random) + strange;
        one.smoothed = 3.0F + normal(random) + strange;
        one.density = 10.0F + normal(random) + strange;
        one.kl = 5.0F + normal(random);
    }
    core::JobContext context;
    score::FusedScores fused;
    const auto seconds = bench.time([&] { fused = score::fuseScores(components, snr, z, {}, context); });
    const float lowest = *std::min_element(fused.score.begin(), fused.score.begin() + kOutliers);
    bench.require(std::all_of(fused.score.begin() + kOutliers, fused.score.end(),
                              [&](float usual) { return usual < lowest; }),
                  "the outliers rank first");
    bench.report("rank", "spectra/s", bench::perSecond(kSpectra, seconds), {{"spectra", kSpectra}});
}

} // namespace

int main(int argc, char** argv)
{
    return bench::runBenchmark("score", argc, argv, [](bench::Benchmark& bench) {
        const bench::ScratchFolder folder;
        core::JobContext context;
        mock::MockConfig survey;
        survey.targets = bench.size(512);
        mock::writeMockSurvey(folder.path(), survey, context);
        const Sample sample = readSurvey(folder.path());
        const auto recipe = dataset::Recipe::builtIn("quasar");
        nn::ModelConfig config;
        config.pixels = recipe.grid.pixels;
        const auto threads = static_cast<int>(std::thread::hardware_concurrency());
        const auto backend = nn::makeBackend("cpu", config, 1, threads);

        const auto gemm = gemmRate(bench, threads);
        bench.report("matrix product, 1024 x 1024", "GFLOP/s", gemm, {{"threads", threads}});
        reportNetwork(bench, *backend, bench::quantile(gemm, 0.5));

        std::vector<dataset::ObservedSpectrum> items;
        for (std::size_t i = 0; i < sample.spectra.size(); ++i)
            items.push_back({&sample.spectra[i], sample.redshifts[i]});
        score::Scorer scorer(*backend, recipe, {});
        std::vector<score::SpectrumScore> scores;
        const auto seconds = bench.time([&] { scores = scorer.score(items); });
        const auto scored =
            std::count_if(scores.begin(), scores.end(), [](const auto& one) { return one.scored(); });
        bench.require(static_cast<std::size_t>(scored) > items.size() / 2, "most spectra are scored");
        bench.report("score", "spectra/s", bench::perSecond(items.size(), seconds),
                     {{"spectra", items.size()}, {"scored", scored}});
        reportRanking(bench);
    });
}

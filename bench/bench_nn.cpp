// SPDX-License-Identifier: GPL-3.0-or-later
// Training and scoring speed of the CPU (or CUDA) backend, beside the rate of the CPU's own matrix product on
// a large square, that of a plain Eigen product and, on the CPU, the same network in PyTorch
// (bench/peers/vae.py, where python3-torch is installed) on as many threads in the same run:   bench_nn
// [--device cpu] [--precision fp32] [--threads N] [--runs N] [--json FILE] Prints the median and the spread
// of the runs after a warm-up, and checks that the loss went down.
#include "nn/cpu/kernels.h"
#include "nn/cpu/thread_pool.h"
#include "nn_bench.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

using namespace voorwerp::nn;

namespace {

struct Options
{
    std::string device = "cpu";
    Precision precision = Precision::Fp32;
    int threads = 0;
    int runs = 9;
    std::string json;
};

struct Timing
{
    double median = 0.0, fastest = 0.0, slowest = 0.0; ///< seconds
};

Timing timingOf(std::vector<double> seconds)
{
    std::sort(seconds.begin(), seconds.end());
    return {seconds[seconds.size() / 2], seconds.front(), seconds.back()};
}

Timing measure(int runs, const std::function<void()>& work)
{
    return timingOf(voorwerp::bench::secondsOf(runs, work));
}

/// GFLOP/s of one 1024³ product per thread, all at once. Of numbers with all their bits: others have fewer
/// parts.
double gemmRate(const KernelSet& kernels, Precision precision, int threads, int runs)
{
    constexpr std::size_t kSize = 1024;
    ThreadPool pool(threads);
    const std::size_t count = static_cast<std::size_t>(pool.threads());
    std::vector<float> a(kSize * kSize), b(a.size()), c(count * a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] = std::sin(static_cast<float>(i));
        b[i] = std::cos(static_cast<float>(i));
    }
    const Timing timing = measure(runs, [&] {
        pool.run(count, [&](std::size_t i) {
            kernels.fp32.gemm({false, false, kSize, kSize, kSize, a.data(), kSize, b.data(), kSize,
                               c.data() + i * a.size(), kSize, false, precision});
        });
    });
    return 2e-9 * std::pow(static_cast<double>(kSize), 3) * static_cast<double>(count) / timing.median;
}

struct GemmRates
{
    double ours,
        eigen; ///< GFLOP/s of the best kernels and of the best that leave the product to Eigen, in fp32
};

GemmRates gemmRates(const Options& options)
{
    GemmRates rates{gemmRate(bestKernelSet(), options.precision, options.threads, options.runs), 0.0};
    for (const KernelSet* kernels : usableKernelSets())
        if (std::strstr(kernels->name, "AMX") == nullptr)
            rates.eigen = gemmRate(*kernels, Precision::Fp32, options.threads, options.runs);
    return rates;
}

/// Multiply-adds count two. Backward costs twice the forward, but for the input gradient of the first layer.
struct Operations
{
    double train = 0.0, score = 0.0; ///< per spectrum
};

Operations operationsOf(const ModelConfig& config)
{
    double weights = 0.0, first = 0.0;
    for (const NamedTensor& tensor : parameterShapes(config))
        if (tensor.shape.size() == 2) {
            const double size = static_cast<double>(tensor.shape[0]) * static_cast<double>(tensor.shape[1]);
            weights += size;
            first = first > 0.0 ? first : size;
        }
    return {6.0 * weights - 2.0 * first, 2.0 * weights};
}

/// What a command prints; empty where it fails.
std::string outputOf(const std::string& command)
{
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::string output;
    char part[4096];
    while (pipe != nullptr && std::fgets(part, sizeof part, pipe) != nullptr)
        output += part;
    return pipe != nullptr && ::pclose(pipe) == 0 ? output : std::string();
}

/// The list of seconds after "name": in the peer's answer.
std::vector<double> secondsIn(const std::string& answer, const std::string& name)
{
    std::vector<double> seconds;
    const std::size_t at = answer.find("\"" + name + "\": [");
    for (const char* next = at == std::string::npos ? nullptr : answer.c_str() + at + name.size() + 5;
         next != nullptr && *next != ']';) {
        char* end = nullptr;
        seconds.push_back(std::strtod(next, &end));
        next = *end == ',' ? end + 1 : end;
    }
    return seconds;
}

/// The same network in PyTorch; no timing where there is none.
struct Peer
{
    Timing training, scoring;
    std::string version;
};

Peer runPeer(const ModelConfig& config, std::size_t rows, int threads, int runs)
{
    std::string hidden;
    for (const std::size_t width : config.hidden)
        hidden += (hidden.empty() ? "" : ",") + std::to_string(width);
    const std::string answer =
        outputOf(std::string("/usr/bin/python3 " VOORWERP_PEERS "/vae.py ") + std::to_string(config.pixels) +
                 " " + hidden + " " + std::to_string(config.latent) + " " + std::to_string(rows) + " " +
                 std::to_string(threads) + " " + std::to_string(runs) + " 2>/dev/null");
    if (answer.empty())
        return {};
    const std::size_t at = answer.find("\"version\": \"") + 12;
    return {timingOf(secondsIn(answer, "training")), timingOf(secondsIn(answer, "scoring")),
            answer.substr(at, answer.find('"', at) - at)};
}

void report(std::FILE* json, const char* name, const Timing& timing, double rows, double operations,
            const GemmRates& gemm)
{
    const double rate = rows / timing.median, gflops = 1e-9 * operations * rate;
    std::printf(
        "%-28s %9.0f spectra/s  %7.2f ms (%.2f to %.2f)  %6.1f GFLOP/s  %3.0f %% of GEMM, %3.0f %% of "
        "Eigen's\n",
        name, rate, 1e3 * timing.median, 1e3 * timing.fastest, 1e3 * timing.slowest, gflops,
        100.0 * gflops / gemm.ours, 100.0 * gflops / gemm.eigen);
    if (json != nullptr)
        std::fprintf(json,
                     ",\n  \"%s\": {\"spectra_per_second\": %.1f, \"median_ms\": %.3f, \"gflops\": %.2f, "
                     "\"share_of_gemm\": %.3f, \"share_of_eigen_gemm\": %.3f}",
                     name, rate, 1e3 * timing.median, gflops, gflops / gemm.ours, gflops / gemm.eigen);
}

void reportPeer(std::FILE* json, const std::string& name, const Peer& peer, const Timing& training,
                const Timing& scoring)
{
    if (peer.version.empty()) {
        std::printf("no peer: python3-torch is missing\n");
        return;
    }
    const auto line = [&](const char* what, const Timing& theirs, const Timing& ours) {
        std::printf("%-28s %29.2f ms (%.2f to %.2f)  ours is %.1f times as fast\n",
                    ("PyTorch " + peer.version + " " + what).c_str(), 1e3 * theirs.median,
                    1e3 * theirs.fastest, 1e3 * theirs.slowest, theirs.median / ours.median);
        if (json != nullptr)
            std::fprintf(json, ",\n  \"%s %s, PyTorch %s\": {\"median_ms\": %.3f, \"ours_times\": %.2f}",
                         name.c_str(), what, peer.version.c_str(), 1e3 * theirs.median,
                         theirs.median / ours.median);
    };
    line("train", peer.training, training);
    line("reconstruct", peer.scoring, scoring);
}

/// False when training did not lower the loss.
bool benchModel(const Options& options, std::FILE* json, const std::string& name, const ModelConfig& config,
                std::size_t rows, const GemmRates& gemm)
{
    const auto backend = makeBackend(options.device, config, 1, options.threads, options.precision);
    const voorwerp::bench::Spectra spectra = voorwerp::bench::makeSpectra(rows, config.pixels);
    const Batch batch = spectra.batch(config.pixels);
    const Operations operations = operationsOf(config);
    const double before = backend->evaluate(batch, {}).objective;
    StepOptions step;
    step.learningRate = 1e-4F; // from a random start, larger ones go up first
    const Timing training = measure(options.runs, [&] {
        backend->trainStep(batch, step);
        ++step.step;
        backend->takeLosses();
    });
    const double count = static_cast<double>(rows);
    report(json, (name + " train").c_str(), training, count, operations.train, gemm);
    std::vector<float> model(rows * config.pixels);
    const Timing scoring = measure(options.runs, [&] { backend->reconstruct(batch, model.data()); });
    report(json, (name + " reconstruct").c_str(), scoring, count, operations.score, gemm);
    if (options.device == "cpu")
        reportPeer(json, name, runPeer(config, rows, backend->attributes().threads, options.runs), training,
                   scoring);
    const bool learned = backend->evaluate(batch, {}).objective < before;
    if (!learned)
        std::printf("%s: the loss did not go down\n", name.c_str());
    return learned;
}

Options parse(int argc, char** argv)
{
    Options options;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string key = argv[i];
        if (key == "--device")
            options.device = argv[i + 1];
        else if (key == "--precision")
            options.precision = precisionOf(argv[i + 1]);
        else if (key == "--threads")
            options.threads = std::atoi(argv[i + 1]);
        else if (key == "--runs")
            options.runs = std::max(1, std::atoi(argv[i + 1]));
        else if (key == "--json")
            options.json = argv[i + 1];
    }
    return options;
}

ModelConfig model(std::vector<std::size_t> hidden, std::size_t latent)
{
    ModelConfig config;
    config.pixels = 2048;
    config.hidden = std::move(hidden);
    config.latent = latent;
    return config;
}

} // namespace

int main(int argc, char** argv)
{
    const Options options = parse(argc, argv);
    const GemmRates gemm = gemmRates(options);
    const BackendAttributes attributes =
        makeBackend(options.device, model({8}, 2), 1, options.threads, options.precision)->attributes();
    std::printf("%s: %s, %s; CPU GEMM %.1f GFLOP/s, plain Eigen's %.1f\n", attributes.device.c_str(),
                attributes.description.c_str(), attributes.precision.c_str(), gemm.ours, gemm.eigen);
    std::FILE* json = options.json.empty() ? nullptr : std::fopen(options.json.c_str(), "w");
    if (json != nullptr)
        std::fprintf(
            json,
            "{\"device\": \"%s\", \"description\": \"%s\", \"precision\": \"%s\", \"gemm_gflops\": %.2f, "
            "\"eigen_gemm_gflops\": %.2f",
            attributes.device.c_str(), attributes.description.c_str(), attributes.precision.c_str(),
            gemm.ours, gemm.eigen);
    bool ok = benchModel(options, json, "2048-1024-256-32 x512", model({1024, 256}, 32), 512, gemm);
    ok = benchModel(options, json, "2048-512-128-16 x64", model({512, 128}, 16), 64, gemm) && ok;
    if (json != nullptr) {
        std::fprintf(json, "\n}\n");
        std::fclose(json);
    }
    return ok ? 0 : 1;
}

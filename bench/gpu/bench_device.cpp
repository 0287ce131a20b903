// SPDX-License-Identifier: GPL-3.0-or-later
// One network on one device, for bench/gpu/measure.py:
//     bench_device [--device cuda] [--architecture mlp] [--hidden 1024,256] [--decoder 256,1024] [--latent
//     32]
//                  [--precision fp32] [--batch N] [--runs N] [--steps N] [--spectra N]
// "conv" has spender's convolutions. Times what bench/peers/vae.py times, under the same names and in the
// same form (seconds of each run): training steps with each batch coming from host memory (a run is N steps
// in a row, then a wait), the same with a training set that the device keeps in compact form, where it does,
// and reconstruction from and to host memory: of many spectra, as seconds for a batch of them, and of one
// alone. Checks that the loss goes down. Ends with 77 when the device, the architecture or the precision is
// not to be had here.
#include "nn/compact_rows.h"
#include "nn_bench.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <sstream>
#include <string>

using namespace voorwerp;

namespace {

constexpr int kNotAvailable = 77;
constexpr int kLatencyCalls = 50;

struct Options
{
    std::string device = "cuda", precision = "fp32";
    nn::ModelConfig model;
    std::size_t batch = 512;
    std::size_t spectra = 65536; ///< scored in a run
    int runs = 9;
    int steps = 1;
};

std::vector<std::size_t> widths(const std::string& text)
{
    std::vector<std::size_t> list;
    std::istringstream words(text);
    for (std::string word; std::getline(words, word, ',');)
        list.push_back(std::stoul(word));
    return list;
}

Options parse(int argc, char** argv)
{
    Options options;
    options.model.pixels = 2048;
    options.model.latent = 32;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string key = argv[i], value = argv[i + 1];
        if (key == "--device")
            options.device = value;
        else if (key == "--architecture")
            options.model.architecture = value;
        else if (key == "--decoder")
            options.model.decoder = widths(value);
        else if (key == "--hidden")
            options.model.hidden = widths(value);
        else if (key == "--latent")
            options.model.latent = std::stoul(value);
        else if (key == "--precision")
            options.precision = value;
        else if (key == "--batch")
            options.batch = std::stoul(value);
        else if (key == "--runs")
            options.runs = std::max(1, std::stoi(value));
        else if (key == "--steps")
            options.steps = std::max(1, std::stoi(value));
        else if (key == "--spectra")
            options.spectra = std::stoul(value);
        else
            throw nn::ConfigError("unknown option " + key);
    }
    if (options.model.architecture == "conv")
        options.model.convolutions = {{128, 5, 5}, {256, 11, 11}, {512, 21, 1}};
    return options;
}

/// Calls work count times a run; seconds of one call.
std::vector<double> secondsOfOne(int runs, double count, const std::function<void()>& work)
{
    std::vector<double> seconds = bench::secondsOf(runs, work);
    for (double& value : seconds)
        value /= count;
    return seconds;
}

/// The same rows again and again: as many as asked for, or a few more.
bench::Spectra repeated(const bench::Spectra& some, std::size_t values)
{
    bench::Spectra many;
    while (many.flux.size() < values) {
        many.flux.insert(many.flux.end(), some.flux.begin(), some.flux.end());
        many.weight.insert(many.weight.end(), some.weight.begin(), some.weight.end());
    }
    return many;
}

struct Findings
{
    std::vector<double> uploaded; ///< seconds of a step whose batch comes from the host
    std::vector<double> kept;     ///< seconds of a step whose rows are on the device; empty where none can be
    std::vector<double> scoring;  ///< seconds of a batch, one of many
    std::vector<double> latency;  ///< seconds of one spectrum alone
    double before = 0.0;          ///< objective
    double after = 0.0;           ///< objective
};

/// The rows once for each step of a run, so that steps name different ones.
bool keep(nn::Backend& backend, const bench::Spectra& spectra, const Options& options)
{
    const std::size_t pixels = options.model.pixels;
    std::vector<std::uint16_t> flux;
    std::vector<std::uint8_t> weight;
    for (std::size_t i = 0; i < spectra.flux.size(); ++i) {
        const nn::CompactPixel pixel = nn::compactPixel(spectra.flux[i], spectra.weight[i]);
        flux.push_back(pixel.flux);
        weight.push_back(pixel.weight);
    }
    const auto times = static_cast<std::size_t>(options.steps);
    if (!backend.keepRows(times * options.batch, options.batch))
        return false;
    for (std::size_t i = 0; i < times; ++i)
        backend.addKeptRows({options.batch, pixels, flux.data(), weight.data()});
    return true;
}

Findings measure(nn::Backend& backend, const Options& options)
{
    Findings found;
    const std::size_t pixels = options.model.pixels;
    const bench::Spectra spectra = bench::makeSpectra(options.batch, pixels);
    const nn::Batch batch = spectra.batch(pixels);
    found.before = backend.evaluate(batch, {}).objective;
    nn::StepOptions step;
    step.learningRate = 1e-4F; // from a random start, larger ones go up first
    found.uploaded = secondsOfOne(options.runs, options.steps, [&] {
        for (int i = 0; i < options.steps; ++i, ++step.step)
            backend.trainStep(batch, step);
        backend.takeLosses();
    });
    found.after = backend.evaluate(batch, {}).objective;
    if (keep(backend, spectra, options)) {
        std::vector<std::uint32_t> numbers(options.batch);
        found.kept = secondsOfOne(options.runs, options.steps, [&] {
            for (int i = 0; i < options.steps; ++i, ++step.step) {
                std::iota(numbers.begin(), numbers.end(),
                          static_cast<std::uint32_t>(static_cast<std::size_t>(i) * options.batch));
                backend.trainKept(numbers, step);
            }
            backend.takeLosses();
        });
    }

    const bench::Spectra many = repeated(spectra, options.spectra * pixels);
    std::vector<float> model(many.flux.size());
    const double batches = static_cast<double>(many.flux.size()) / static_cast<double>(spectra.flux.size());
    found.scoring =
        secondsOfOne(options.runs, batches, [&] { backend.reconstruct(many.batch(pixels), model.data()); });
    const nn::Batch one{1, many.flux.data(), many.weight.data()};
    found.latency = secondsOfOne(options.runs, kLatencyCalls, [&] {
        for (int i = 0; i < kLatencyCalls; ++i)
            backend.reconstruct(one, model.data());
    });
    return found;
}

std::string list(const std::vector<double>& seconds)
{
    std::ostringstream text;
    text.precision(6);
    for (const double value : seconds)
        text << (text.tellp() > 0 ? ", " : "[") << value;
    return text.str() + "]";
}

std::string json(const nn::BackendAttributes& attributes, const Findings& found)
{
    std::ostringstream text;
    text << "{\"device\": \"" << attributes.device << "\", \"description\": \"" << attributes.description
         << "\",\n \"training_uploaded\": " << list(found.uploaded);
    if (!found.kept.empty())
        text << ",\n \"training\": " << list(found.kept);
    text << ",\n \"scoring_uploaded\": " << list(found.scoring) << ",\n \"latency\": " << list(found.latency)
         << ",\n \"before\": " << found.before << ", \"after\": " << found.after << "}\n";
    return text.str();
}

int run(const Options& options)
{
    const auto backend =
        nn::makeBackend(options.device, options.model, 1, 0, nn::precisionOf(options.precision));
    const Findings found = measure(*backend, options);
    std::printf("%s", json(backend->attributes(), found).c_str());
    if (!(found.after < found.before)) {
        std::fprintf(stderr, "bench_device: the loss did not go down\n");
        return 1;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        return run(parse(argc, argv));
    } catch (const nn::ConfigError& error) {
        std::fprintf(stderr, "not available: %s\n", error.what());
        return kNotAvailable;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_device: %s\n", error.what());
        return 1;
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Recovery: a mock survey is preprocessed, a VAE trained on it (anomalies included, as with real data),
// everything scored, and the ranking compared with what was put in: AUROC against the normal quasars by kind
// and by S/N, and what is among the first hundred. Truth is used for the report only.
//
//     bench_recovery FOLDER [--targets N] [--seed S] [--recipe NAME] [--json FILE] [KEY=VALUE of the
//     training]...
#include "dataset/training_set.h"
#include "harness.h"
#include "nn/backend.h"
#include "recovery_sample.h"
#include "score/fusion.h"
#include "score/scorer.h"
#include "train/dataset_source.h"
#include "train/trainer.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <numeric>
#include <set>

using namespace voorwerp;
using nlohmann::json;

namespace {

struct Options
{
    std::filesystem::path folder;
    std::size_t targets = 1500;
    std::uint64_t seed = 1;
    std::string recipe = "quasar";
    std::vector<std::string> settings;
    std::filesystem::path jsonFile;
};

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Writes the training set into the folder; returns its preprocessing rate [spectra/s].
double buildSet(const bench::RecoverySample& sample, const dataset::Recipe& recipe,
                const std::filesystem::path& file)
{
    const dataset::Preprocessor preprocessor(recipe);
    dataset::TrainingSetWriter writer(file, recipe, {{"selection", "mock"}});
    double seconds = 0.0;
    for (std::size_t i = 0; i < sample.targets.size(); ++i) {
        const core::TargetInfo& info = sample.targets[i];
        const auto start = std::chrono::steady_clock::now();
        const auto row = preprocessor.apply(sample.spectra[i], info.redshift->z, info.ebv);
        seconds += secondsSince(start);
        if (row.usable())
            writer.add({info.key.targetId, {static_cast<std::int64_t>(i)}, info.redshift->z, info.snr}, row);
    }
    writer.finish();
    return static_cast<double>(sample.targets.size()) / seconds;
}

json trainModel(const train::TrainConfig& config, const dataset::TrainingSet& set, nn::Backend& backend,
                core::JobContext& context)
{
    const train::DatasetSource data(set);
    const train::TrainResult result = train::train(config, data, backend, {}, context);
    const train::EpochReport& best = result.history.at(result.bestEpoch - 1);
    std::printf("trained: %.1f s, best epoch %zu, reconstruction %.3f (training) %.3f (validation)\n",
                result.seconds, result.bestEpoch, best.trainReconstruction, best.validationReconstruction);
    return {{"seconds", result.seconds}, {"best_epoch", result.bestEpoch}, {"config", config.toJson()}};
}

/// The scored spectra beside their truth.
class Recovery
{
public:
    Recovery(const bench::RecoverySample& sample, score::Scorer& scorer)
        : m_sample(sample)
    {
        std::vector<dataset::ObservedSpectrum> items;
        for (std::size_t i = 0; i < sample.targets.size(); ++i)
            items.push_back({&sample.spectra[i], sample.targets[i].redshift->z, sample.targets[i].ebv});
        const auto start = std::chrono::steady_clock::now();
        auto results = scorer.score(items);
        std::printf("scored: %.0f spectra/s\n", static_cast<double>(items.size()) / secondsSince(start));
        std::vector<score::ComponentScores> components;
        std::vector<float> snr, z;
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (!results[i].scored())
                continue;
            m_rows.push_back(i);
            components.push_back(results[i].components);
            snr.push_back(results[i].snr);
            z.push_back(static_cast<float>(items[i].z));
            m_results.push_back(std::move(results[i]));
        }
        core::JobContext context;
        m_fused = score::fuseScores(components, snr, z, {}, context);
    }

    json kinds() const
    {
        std::set<std::pair<std::string, std::string>> kinds{{"anomaly", "~all"}, {"artefact", "~all"}};
        for (const bench::Truth& truth : m_sample.truth)
            kinds.insert({truth.group, truth.kind});
        std::printf("\n%-9s %-16s %4s  %6s %6s %6s %6s %6s %6s %6s  suggested\n", "class", "kind", "n",
                    "fused", "chi2", "robust", "smooth", "dens", "kl", "artef");
        json list = json::array();
        for (const auto& [group, kind] : kinds)
            list.push_back(kindLine(group, kind));
        const double above = bench::auroc(values(&Recovery::fused, inGroup("anomaly")),
                                          values(&Recovery::fused, inGroup("artefact")));
        std::printf("anomalies above artefacts: %.3f\n", above);
        list.push_back({{"class", "anomaly"}, {"against", "artefact"}, {"fused", above}});
        return list;
    }

    json byBrightness() const
    {
        constexpr double kEdges[] = {0.0, 1.0, 2.0, 4.0, 8.0, 1000.0};
        std::printf("\nS/N per pixel  anomalies  AUROC\n");
        json list = json::array();
        for (std::size_t bin = 0; bin + 1 < std::size(kEdges); ++bin) {
            const auto within = [&](const char* group) {
                return values(&Recovery::fused, [&, group](std::size_t i) {
                    const float snr = m_sample.targets[i].snr;
                    return snr >= kEdges[bin] && snr < kEdges[bin + 1] && m_sample.truth[i].group == group;
                });
            };
            const auto anomalies = within("anomaly");
            const double value = bench::auroc(anomalies, within("normal"));
            std::printf("%4.0f to %-6.0f %9zu   %.3f\n", kEdges[bin], kEdges[bin + 1], anomalies.size(),
                        value);
            list.push_back({{"snr_from", kEdges[bin]},
                            {"snr_to", kEdges[bin + 1]},
                            {"n", anomalies.size()},
                            {"auroc", value}});
        }
        return list;
    }

    json first(std::size_t count) const
    {
        std::vector<std::size_t> order(m_rows.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::sort(order.begin(), order.end(),
                  [&](std::size_t a, std::size_t b) { return fused(a) > fused(b); });
        std::map<std::string, int> groups;
        for (std::size_t k = 0; k < std::min(count, order.size()); ++k)
            ++groups[m_sample.truth[m_rows[order[k]]].group];
        std::size_t significant = 0, normal = 0;
        for (std::size_t k = 0; k < m_rows.size(); ++k) {
            const bool counts = m_fused.qValue[k] < 0.1;
            significant += counts ? 1 : 0;
            normal += counts && m_sample.truth[m_rows[k]].group == "normal" ? 1 : 0;
        }
        std::printf("\nfirst %zu: %d anomalies, %d artefacts, %d normal; q < 0.1: %zu, of which %zu normal\n",
                    count, groups["anomaly"], groups["artefact"], groups["normal"], significant, normal);
        return {
            {"first", count}, {"groups", groups}, {"q_below_0.1", significant}, {"of_these_normal", normal}};
    }

private:
    double fused(std::size_t k) const { return m_fused.score[k]; }
    std::function<bool(std::size_t)> inGroup(std::string group) const
    {
        return [this, group](std::size_t i) { return m_sample.truth[i].group == group; };
    }
    template <typename Match>
    std::vector<double> values(double (Recovery::*value)(std::size_t) const, Match&& match) const
    {
        std::vector<double> found;
        for (std::size_t k = 0; k < m_rows.size(); ++k) {
            if (match(m_rows[k]))
                found.push_back((this->*value)(k));
        }
        return found;
    }
    template <float score::ComponentScores::*member> double component(std::size_t k) const
    {
        return m_results[k].components.*member;
    }

    /// The kinds suggested most often.
    std::string suggestions(const std::function<bool(std::size_t)>& match) const
    {
        std::map<std::string, int> counts;
        for (std::size_t k = 0; k < m_rows.size(); ++k) {
            if (match(m_rows[k]))
                ++counts[m_results[k].suggestion.kind];
        }
        std::vector<std::pair<int, std::string>> often;
        for (const auto& [name, count] : counts)
            often.emplace_back(count, name);
        std::sort(often.rbegin(), often.rend());
        std::string text;
        for (std::size_t i = 0; i < std::min<std::size_t>(4, often.size()); ++i)
            text += (i > 0 ? ", " : "") + often[i].second + " " + std::to_string(often[i].first);
        return text;
    }

    json kindLine(const std::string& group, const std::string& kind) const
    {
        const std::function<bool(std::size_t)> match = [&](std::size_t i) {
            return m_sample.truth[i].group == group && (kind == "~all" || m_sample.truth[i].kind == kind);
        };
        const auto against = [&](double (Recovery::*value)(std::size_t) const) {
            return bench::auroc(values(value, match), values(value, inGroup("normal")));
        };
        using S = score::ComponentScores;
        const std::size_t count = values(&Recovery::fused, match).size();
        const std::pair<const char*, double> columns[] = {
            {"fused", against(&Recovery::fused)},
            {"chi2", against(&Recovery::component<&S::chi2>)},
            {"robust", against(&Recovery::component<&S::robust>)},
            {"smoothed", against(&Recovery::component<&S::smoothed>)},
            {"density", against(&Recovery::component<&S::density>)},
            {"kl", against(&Recovery::component<&S::kl>)},
            {"artefact", against(&Recovery::component<&S::artefact>)}};
        json object{{"class", group}, {"kind", kind == "~all" ? "all" : kind}, {"n", count}};
        std::printf("%-9s %-16s %4zu ", group.c_str(), kind == "~all" ? "ALL" : kind.c_str(), count);
        for (const auto& [name, value] : columns) {
            std::printf(" %6.3f", value);
            object[name] = value;
        }
        const std::string text = suggestions(match);
        std::printf("  %s\n", text.c_str());
        object["suggested"] = text;
        return object;
    }

    const bench::RecoverySample& m_sample;
    std::vector<std::size_t> m_rows; ///< of the sample
    std::vector<score::SpectrumScore> m_results;
    score::FusedScores m_fused;
};

void run(const Options& options)
{
    core::JobContext context;
    const bench::RecoverySample sample =
        bench::makeRecoverySample(options.folder / "mock", options.targets, options.seed, context);
    const dataset::Recipe recipe = dataset::Recipe::byName(options.recipe, core::Workspace(options.folder));
    const double rate = buildSet(sample, recipe, options.folder / "set.h5");
    std::printf("preprocessed: %.0f spectra/s\n", rate);
    const dataset::TrainingSet set = dataset::TrainingSet::open(options.folder / "set.h5");

    train::TrainConfig config;
    for (const std::string& setting : options.settings)
        config.apply(setting);
    const auto backend = nn::makeBackend("auto", config.modelConfig(set.pixels()), config.seed,
                                         static_cast<int>(config.threads));
    json report{
        {"bench", "recovery"},       {"machine", bench::machine()}, {"targets", sample.targets.size()},
        {"mock_seed", options.seed}, {"recipe", recipe.toJson()},   {"preprocessed_per_second", rate}};
    report["training"] = trainModel(config, set, *backend, context);
    score::Scorer scorer(*backend, recipe, score::fitLatentDensity(*backend, set, config.seed, context));
    const Recovery recovery(sample, scorer);
    report["kinds"] = recovery.kinds();
    report["by_snr"] = recovery.byBrightness();
    report["top"] = recovery.first(100);
    if (!options.jsonFile.empty())
        std::ofstream(options.jsonFile) << report.dump(2) << '\n';
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    CLI::App app("Recovery of the mock survey's anomalies");
    app.add_option("folder", options.folder, "where the mock survey is, or is made")->required();
    app.add_option("settings", options.settings, "KEY=VALUE of the training configuration");
    app.add_option("--targets", options.targets, "spectra of the mock survey");
    app.add_option("--seed", options.seed, "of the mock survey");
    app.add_option("--recipe", options.recipe, "name or JSON file");
    app.add_option("--json", options.jsonFile, "writes the results here");
    CLI11_PARSE(app, argc, argv);
    try {
        run(options);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}

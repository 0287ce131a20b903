// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/dataset_job.h"

#include "app/pipeline/locate.h"
#include "app/pipeline/provenance.h"
#include "app/pipeline/session.h"
#include "catalog/dataset_store.h"
#include "catalog/ingest_store.h"
#include "catalog/selection_store.h"
#include "catalog/spectrum_store.h"
#include "catalog/target_query.h"
#include "dataset/preprocess.h"
#include "dataset/training_set.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>

namespace voorwerp::pipeline {

namespace {

constexpr const char* kDefaultRecipe = "quasar";

nlohmann::json sourceFiles(const catalog::Database& database, const std::string& where)
{
    nlohmann::json files = nlohmann::json::array();
    for (const catalog::FileRecord& file : catalog::listFiles(database, where))
        files.push_back({{"path", file.path.string()},
                         {"sha256", file.sha256},
                         {"redrock_sha256", file.redrockSha256},
                         {"afterburner_sha256", file.afterburnerSha256}});
    return files;
}

class DatasetBuild
{
public:
    DatasetBuild(const Session& session, const DatasetRequest& request, core::JobContext& context)
        : m_database(session.database())
        , m_context(context)
        , m_selection(catalog::findSelection(m_database, request.selection))
        , m_recipe(dataset::Recipe::byName(request.recipe.empty() ? kDefaultRecipe : request.recipe,
                                           session.workspace()))
        , m_storage(request.compact ? dataset::Storage::Compact : dataset::Storage::Exact)
        , m_name(request.name)
        , m_file(session.workspace().datasets() / (request.name + ".h5"))
    {
    }

    DatasetReport run()
    {
        const auto start = std::chrono::steady_clock::now();
        const std::int64_t total =
            catalog::countTargets(m_database, m_selection.where, {}, m_context.stopToken());
        if (total == 0)
            throw core::UserError("the selection '" + m_selection.name + "' matches no spectrum",
                                  "Ingest data or save the selection again with another expression.");
        const nlohmann::json provenance{
            {"selection", m_selection.name},
            {"where", m_selection.where},
            {"rule", m_selection.rule},
            {"files", sourceFiles(m_database, m_selection.where)},
            {"software", softwareVersion()},
            {"created", currentTime()},
            {"storage", m_storage == dataset::Storage::Compact ? "compact" : "exact"}};
        dataset::TrainingSetWriter writer(m_file, m_recipe, provenance, m_storage);
        addSpectra(writer, total);
        if (m_report.spectra == 0)
            throw core::UserError("no spectrum of '" + m_selection.name + "' can be trained on" +
                                      mostCommonReason(),
                                  "Change the selection or the recipe.");
        const dataset::TrainingSetSummary summary = writer.finish();
        m_report.file = summary.file;
        m_report.pixels = static_cast<std::int64_t>(summary.pixels);
        m_report.sha256 = summary.sha256;
        record(provenance);
        m_report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        return std::move(m_report);
    }

private:
    void addSpectra(dataset::TrainingSetWriter& writer, std::int64_t total)
    {
        const dataset::Preprocessor preprocessor(m_recipe);
        m_context.beginPhase("Building the training set", "spectra", static_cast<double>(total));
        catalog::SpectrumStream stream(m_database, m_selection.where, 256, m_context.stopToken());
        std::int64_t done = 0;
        for (std::vector<catalog::StoredSpectrum> batch; stream.next(batch);) {
            for (const catalog::StoredSpectrum& stored : batch) {
                m_context.throwIfStopped();
                add(writer, preprocessor, stored);
                m_context.advanceTo(static_cast<double>(++done));
            }
        }
    }

    void add(dataset::TrainingSetWriter& writer, const dataset::Preprocessor& preprocessor,
             const catalog::StoredSpectrum& stored)
    {
        const core::TargetInfo& info = stored.info;
        if (!info.problem.empty() || !info.redshift) {
            ++m_report.rejected[info.problem.empty() ? catalog::kNoRedshift : info.problem];
            return;
        }
        const auto row = preprocessor.apply(stored.spectrum, info.redshift->z, info.ebv);
        if (!row.usable()) {
            ++m_report.rejected[row.rejection];
            return;
        }
        writer.add({info.key.targetId, stored.id, info.redshift->z, info.snr}, row);
        ++m_report.spectra;
    }

    std::string mostCommonReason() const
    {
        const auto most = std::max_element(m_report.rejected.begin(), m_report.rejected.end(),
                                           [](const auto& a, const auto& b) { return a.second < b.second; });
        return most == m_report.rejected.end() ? std::string() : " (most common reason: " + most->first + ")";
    }

    void record(const nlohmann::json& provenance) const
    {
        nlohmann::json lineage = provenance;
        lineage["rejected"] = m_report.rejected;
        catalog::DatasetRecord record;
        record.name = m_name;
        record.file = m_report.file;
        record.sha256 = m_report.sha256;
        record.selection = m_selection.name;
        record.where = m_selection.where;
        record.recipe = m_recipe.name;
        record.recipeHash = m_recipe.hash();
        record.spectra = m_report.spectra;
        record.pixels = m_report.pixels;
        record.lineage = lineage.dump();
        catalog::registerDataset(m_database, record);
    }

    const catalog::Database& m_database;
    core::JobContext& m_context;
    catalog::Selection m_selection;
    dataset::Recipe m_recipe;
    dataset::Storage m_storage;
    std::string m_name;
    std::filesystem::path m_file;
    DatasetReport m_report;
};

} // namespace

DatasetReport buildDataset(const Session& session, const DatasetRequest& request, core::JobContext& context)
{
    requirePlainName(request.name, "a training set");
    catalog::requireRight(session.database(), catalog::Right::Dataset);
    if (catalog::datasetExists(session.database(), request.name))
        throw core::UserError("there is a training set '" + request.name + "' already",
                              "Choose another name: models refer to the one that is there.");
    return DatasetBuild(session, request, context).run();
}

std::string storageOf(const catalog::DatasetRecord& record)
{
    const nlohmann::json lineage = nlohmann::json::parse(record.lineage, nullptr, false);
    return lineage.is_object() ? lineage.value("storage", "exact") : "exact"; // before there was a choice
}

dataset::TrainingSet openDataset(const catalog::DatasetRecord& record, const core::Workspace& workspace)
{
    const std::filesystem::path file = located(workspace.datasets() / (record.name + ".h5"), record.file);
    dataset::TrainingSet set = dataset::TrainingSet::open(file);
    if (set.sha256() != record.sha256)
        throw core::FormatError("the training set " + file.string() + " has SHA-256 " + set.sha256() +
                                    ", recorded was " + record.sha256,
                                "It was changed after it was built: build it again under another name.");
    return set;
}

void requirePlainName(const std::string& name, const char* whatFor)
{
    const auto plain = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    };
    if (name.empty() || name.size() > 64 || name.front() == '.' ||
        !std::all_of(name.begin(), name.end(), plain))
        throw core::UserError("'" + name + "' cannot be the name of " + whatFor,
                              "Use up to 64 letters, digits, '-', '_' or '.', not beginning with '.'.");
}

} // namespace voorwerp::pipeline

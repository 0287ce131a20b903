// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/model_interchange.h"

#include "app/pipeline/dataset_job.h"
#include "app/pipeline/model_loader.h"
#include "app/pipeline/model_storage.h"
#include "app/pipeline/nn_errors.h"
#include "app/pipeline/provenance.h"
#include "app/pipeline/session.h"
#include "catalog/dataset_store.h"
#include "core/error.h"
#include "core/file_io.h"
#include "dataset/training_set.h"
#include "registry/model_safetensors.h"
#include "registry/onnx_export.h"
#include "score/scorer.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace voorwerp::pipeline {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t kDensitySeed = 0;

/// A text of a JSON object, empty where it is not there.
std::string textIn(const json& object, const char* key)
{
    const bool there = object.is_object() && object.contains(key) && object[key].is_string();
    return there ? object[key].get<std::string>() : std::string();
}

json partOf(const json& object, const char* key)
{
    return object.is_object() && object.contains(key) && object[key].is_object() ? object[key]
                                                                                 : json::object();
}

class Import
{
public:
    Import(const Session& session, const ModelImportRequest& request, core::JobContext& context)
        : m_session(session)
        , m_request(request)
        , m_context(context)
    {
    }

    ModelImportReport run()
    {
        read();
        registry::ModelFile& model = m_imported.model;
        auto backend = nn::makeBackend("cpu", model.config, 0, 0);
        backend->setParameters(model.parameters);
        model.golden = finiteGolden(*backend);
        takeDensity(*backend);
        model.lineage = lineage();
        catalog::ModelVersion version;
        version.name = m_request.name;
        version.dataset = textIn(m_dataset, "name");
        version.datasetSha256 = textIn(m_dataset, "sha256");
        version.configuration = partOf(model.lineage, "config").dump();
        version = storeModel(m_session, std::move(version), model);
        m_report.model = version.reference();
        m_report.sha256 = version.sha256;
        return m_report;
    }

private:
    void read()
    {
        if (!fs::is_regular_file(m_request.file))
            throw core::UserError("there is no file " + m_request.file.string(),
                                  "Give a safetensors file, as 'models export' or PyTorch writes it.");
        if (!m_request.templateModel.empty())
            m_template = readModel(m_session, m_request.templateModel);
        const std::string bytes = core::readText(m_request.file);
        m_report.fileSha256 = core::sha256OfBytes(std::as_bytes(std::span(bytes)));
        const std::string source = m_request.file.string();
        m_imported = registry::fromSafetensors(registry::parseSafetensors(bytes, source),
                                               m_template ? &m_template->file : nullptr, source);
        m_before = m_imported.model.lineage;
        m_dataset = partOf(m_before, "dataset");
        m_report.weightsAsExported = m_imported.weightsAsExported;
        if (m_template)
            m_report.templateModel = m_template->version.reference();
        dataset::Recipe::fromJson(m_imported.model.recipe); // a version that cannot score is not stored
    }

    registry::GoldenTest finiteGolden(nn::Backend& backend) const
    {
        registry::GoldenTest golden = makeGolden(backend);
        if (!std::all_of(golden.flux.begin(), golden.flux.end(),
                         [](float flux) { return std::isfinite(flux); }))
            throw core::FormatError(
                "the network with the weights of " + m_request.file.string() +
                    " gives spectra that are not finite",
                "Its weights are too large: look at them in the program that wrote them.");
        return golden;
    }

    void takeDensity(nn::Backend& backend)
    {
        registry::ModelFile& model = m_imported.model;
        if (m_imported.weightsAsExported) {
            m_report.hasLatentDensity = !score::LatentDensity::fromTensors(model.latentDensity).empty();
            m_report.latentDensity =
                m_report.hasLatentDensity ? "as exported" : "absent, as in the exported model";
            return;
        }
        model.metrics = json::object();
        const std::string name = textIn(m_dataset, "name");
        const auto records = catalog::listDatasets(m_session.database());
        const auto record =
            std::find_if(records.begin(), records.end(), [&](const catalog::DatasetRecord& one) {
                return one.name == name && one.sha256 == textIn(m_dataset, "sha256");
            });
        if (record == records.end()) {
            m_report.latentDensity = "absent: the training set '" + name + "' is not in this workspace";
            return;
        }
        const dataset::TrainingSet set = openDataset(*record, m_session.workspace());
        model.latentDensity = score::fitLatentDensity(backend, set, kDensitySeed, m_context).toTensors();
        m_report.hasLatentDensity = true;
        m_report.latentDensity = "fitted again on the training set '" + name + "'";
    }

    /// "dataset" and "config" stay where every version has them; "imported" says what was done.
    json lineage() const
    {
        json before = m_before;
        json imported{{"file", fs::absolute(m_request.file).string()},
                      {"sha256", m_report.fileSha256},
                      {"format", "safetensors"},
                      {"exported_from", m_imported.exportedFrom},
                      {"weights", m_report.weightsAsExported ? "as exported" : "replaced"},
                      {"golden_outputs", "computed again"},
                      {"latent_density", m_report.latentDensity},
                      {"metrics", m_report.weightsAsExported ? "as exported" : "absent"},
                      {"scores", "absent"}};
        if (m_template)
            imported["template"] = {{"model", m_template->version.reference()},
                                    {"sha256", m_template->version.sha256}};
        if (before.is_object())
            for (const char* key : {"dataset", "config"})
                before.erase(key);
        imported["lineage_before"] = before;
        return {{"dataset", m_dataset},     {"config", partOf(m_before, "config")},
                {"imported", imported},     {"software", softwareVersion()},
                {"created", currentTime()}, {"by", currentUser()}};
    }

    const Session& m_session;
    const ModelImportRequest& m_request;
    core::JobContext& m_context;
    std::optional<StoredModel> m_template;
    registry::ImportedModel m_imported;
    json m_before;  ///< lineage of the template or of the exported version
    json m_dataset; ///< its training set
    ModelImportReport m_report;
};

} // namespace

ModelExportReport exportModel(const Session& session, const std::string& reference, ModelFormat format,
                              const fs::path& file)
{
    const StoredModel stored = readModel(session, reference);
    ModelExportReport report;
    report.model = stored.version.reference();
    if (format == ModelFormat::Safetensors)
        registry::writeSafetensors(file, registry::toSafetensors(stored.file, report.model));
    else
        registry::writeOnnx(file, stored.file, report.model);
    report.sha256 = core::sha256OfFile(file);
    report.bytes = fs::file_size(file);
    return report;
}

ModelImportReport importModel(const Session& session, const ModelImportRequest& request,
                              core::JobContext& context)
{
    requirePlainName(request.name, "a model");
    catalog::requireRight(session.database(), catalog::Right::Train);
    return withNetworkErrors([&] { return Import(session, request, context).run(); });
}

} // namespace voorwerp::pipeline

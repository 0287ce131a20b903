// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/model_loader.h"

#include "app/pipeline/locate.h"
#include "app/pipeline/nn_errors.h"
#include "app/pipeline/session.h"
#include "registry/model_folder.h"

#include <nlohmann/json.hpp>

namespace voorwerp::pipeline {

namespace {

void checkGolden(const registry::GoldenTest& golden, nn::Backend& backend, const std::string& model)
{
    if (golden.empty())
        return;
    std::vector<float> decoded(golden.flux.size());
    withNetworkErrors([&] { backend.decode(golden.latents.data(), golden.count, decoded.data()); });
    registry::requireGolden(golden, decoded, model);
}

} // namespace

StoredModel readModel(const Session& session, const std::string& reference)
{
    catalog::ModelVersion version = catalog::findModel(session.database(), reference);
    version.file =
        located(registry::ModelFolder(session.workspace().models()).file(version.name, version.version),
                version.file);
    registry::ModelFile file = registry::readModelFile(version.file, version.sha256);
    return {std::move(version), std::move(file)};
}

LoadedModel loadModel(const Session& session, const std::string& reference, const std::string& device,
                      int threads, nn::Precision precision)
{
    auto [version, file] = readModel(session, reference);
    auto backend = withNetworkErrors([&, &content = file] {
        auto made = nn::makeBackend(device, content.config, 0, threads, precision);
        made->setParameters(content.parameters);
        return made;
    });
    checkGolden(file.golden, *backend, version.reference());
    return {std::move(version), dataset::Recipe::fromJson(file.recipe), std::move(backend),
            score::LatentDensity::fromTensors(file.latentDensity)};
}

} // namespace voorwerp::pipeline

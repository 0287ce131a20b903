// SPDX-License-Identifier: GPL-3.0-or-later
#include "survey.h"

#include "app/pipeline/ingest_job.h"
#include "catalog/maintenance.h"
#include "catalog/migrations.h"
#include "core/workspace.h"
#include "mock/mock_survey.h"

namespace voorwerp::bench {

namespace {

catalog::PrivateCluster openCluster(const std::filesystem::path& folder, core::JobContext& context)
{
    const core::Workspace workspace(folder);
    workspace.create();
    return catalog::PrivateCluster::open(workspace, context);
}

} // namespace

Survey::Survey(std::size_t targets)
    : m_targets(targets)
    , m_cluster(openCluster(m_folder.path() / "workspace", m_context))
{
    mock::MockConfig config;
    config.targets = targets;
    mock::writeMockSurvey(files(), config, m_context);
}

catalog::Database Survey::freshDatabase(const std::string& name)
{
    const catalog::Database server(m_cluster.uri());
    catalog::dropDatabase(server, name);
    catalog::Database database = catalog::createDatabase(server, name);
    catalog::migrate(database);
    return database;
}

void Survey::ingestInto(const catalog::Database& database, catalog::PixelStorage pixels)
{
    const auto report = pipeline::ingest(database, {{files()}, {}, pixels}, m_context);
    Benchmark::require(report.spectra == static_cast<std::int64_t>(m_targets), "every spectrum is ingested");
}

} // namespace voorwerp::bench

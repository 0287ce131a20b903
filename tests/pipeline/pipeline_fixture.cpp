// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/pipeline_fixture.h"

#include "mock/mock_survey.h"

namespace voorwerp::test {

namespace fs = std::filesystem;

PipelineFixture::PipelineFixture()
    : m_session(pipeline::Session::open({m_folder / "workspace", {}}, m_context))
{
}

fs::path PipelineFixture::mockSurvey(const std::string& name, std::size_t targets, std::uint64_t seed)
{
    mock::MockConfig config;
    config.targets = targets;
    config.seed = seed;
    mock::writeMockSurvey(m_folder / name, config, m_context);
    return m_folder / name;
}

pipeline::IngestReport PipelineFixture::ingest(const fs::path& path, catalog::PixelStorage pixels)
{
    return pipeline::ingest(database(), {{path}, "test", pixels}, m_context);
}

std::string PipelineFixture::problemsOf(const pipeline::IngestReport& report)
{
    std::string text;
    for (const pipeline::IngestProblem& problem : report.problems)
        text += problem.where() + ": " + problem.reason + "\n";
    return text;
}

} // namespace voorwerp::test

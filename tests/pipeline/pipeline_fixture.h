// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A fresh workspace with its private cluster, and short cuts that the tests of the jobs share.

#include "app/pipeline/ingest_job.h"
#include "app/pipeline/session.h"
#include "support/test_support.h"

#include <filesystem>
#include <memory>
#include <string>

namespace voorwerp::test {

class PipelineFixture
{
public:
    PipelineFixture();

    const pipeline::Session& session() const { return *m_session; }
    const catalog::Database& database() const { return m_session->database(); }
    core::JobContext& context() { return m_context; }
    const TemporaryFolder& folder() const { return m_folder; }
    /// Writes a mock survey of this many targets into folder()/NAME and returns its path.
    std::filesystem::path mockSurvey(const std::string& name, std::size_t targets, std::uint64_t seed = 1);
    pipeline::IngestReport ingest(const std::filesystem::path& path,
                                  catalog::PixelStorage pixels = catalog::PixelStorage::NoiseAware);
    /// The report's problems as one text, for Catch messages.
    static std::string problemsOf(const pipeline::IngestReport& report);

private:
    TemporaryFolder m_folder;
    core::JobContext m_context;
    std::shared_ptr<pipeline::Session> m_session;
};

} // namespace voorwerp::test

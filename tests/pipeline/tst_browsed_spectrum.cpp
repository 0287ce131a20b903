// SPDX-License-Identifier: GPL-3.0-or-later
// Spectra of a production that is only browsed and of which no FITS files are at hand: from a catalogue of
// ours, the workspace's or the one beside the production.
#include "app/pipeline/browsed_spectrum.h"
#include "catalog/roles.h"
#include "catalog/target_query.h"
#include "core/error.h"
#include "fits/coadd_reader.h"
#include "fits/desi_tree.h"
#include "mock/mock_survey.h"
#include "pipeline/pipeline_fixture.h"
#include "support/shared_server.h"
#include "support/specprod_server.h"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace voorwerp;
using namespace voorwerp::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::shared_ptr<pipeline::Session> browse(const fs::path& workspace, const std::string& uri,
                                          const std::string& production)
{
    core::JobContext context;
    pipeline::SessionRequest request{workspace, uri};
    request.production = production;
    return pipeline::Session::open(request, context);
}

core::SpectrumId idOf(const pipeline::Session& session, core::TargetId target)
{
    catalog::TargetPageRequest request;
    request.where = "targetid = " + std::to_string(target.value);
    return catalog::queryTargets(session.database(), request).rows.at(0).id;
}

/// The first coadd of a survey, read by itself.
fits::CoaddReader firstCoadd(const fs::path& survey)
{
    return fits::CoaddReader(fits::findDesiFiles({survey}).coadds.front().coadd);
}

} // namespace

TEST_CASE("Without a folder of files a browsed spectrum comes from the workspace, with the server's redshift")
{
    const SpecprodServer server;
    const TemporaryFolder folder;
    core::TargetInfo target;
    std::vector<float> flux;
    {
        PipelineFixture own;
        const fs::path survey = own.mockSurvey("survey", 20);
        own.ingest(survey, catalog::PixelStorage::Lossless);
        auto coadd = firstCoadd(survey);
        target = coadd.targets().front();
        flux = coadd.read(0).flux;
        server.addRow(target.key.targetId.value, target.key.spgrpval, 2.5);

        const auto session = browse(own.folder() / "workspace", server.uri(), "iron");
        const auto found = pipeline::readBrowsedSpectrum(*session, idOf(*session, target.key.targetId));
        CHECK(found.spectrum.flux == flux);
        REQUIRE(found.info.redshift);
        CHECK(found.info.redshift->z == 2.5);
        CHECK(found.info.key.specprod == "iron");
    }
    // A workspace that does not have it.
    const auto empty = browse(folder / "empty", server.uri(), "iron");
    CHECK_THROWS_WITH(pipeline::readBrowsedSpectrum(*empty, idOf(*empty, target.key.targetId)),
                      Contains("no folder with the FITS files of iron"));
    CHECK_FALSE(catalog::PrivateCluster::status(empty->workspace()).initialised); // none is made for it
    CHECK(server.run("SELECT count(*) FROM pg_namespace WHERE nspname = 'voorwerp'") == "0");
}

TEST_CASE("A browsed spectrum comes from the schema voorwerp of the server, for a role that may only read")
{
    const SharedServer server;
    ::setenv("PGPASSFILE", server.passwordFile().c_str(), 1);
    const TemporaryFolder folder;
    core::JobContext context;
    const auto owner = pipeline::Session::open({folder / "owner", server.uri("desi")}, context);
    mock::MockConfig config;
    config.targets = 20;
    mock::writeMockSurvey(folder / "survey", config, context);
    pipeline::IngestRequest request{{folder / "survey"}, "made", catalog::PixelStorage::Lossless};
    request.catalogTables = true;
    pipeline::ingest(owner->database(), request, context);
    catalog::createRoles(owner->database());
    server.makeLogin("ada");
    server.makeLogin("guest"); // may read the production only
    server.value("GRANT voorwerp_reader TO ada; GRANT USAGE ON SCHEMA made TO guest; "
                 "GRANT SELECT ON ALL TABLES IN SCHEMA made TO guest; "
                 "ALTER ROLE ada SET default_transaction_read_only = on");
    auto coadd = firstCoadd(folder / "survey");
    const core::TargetId target = coadd.targets().front().key.targetId;

    const auto session = browse(folder / "ada", server.uri("ada"), "made");
    CHECK(session->isBrowsing());
    CHECK(pipeline::readBrowsedSpectrum(*session, idOf(*session, target)).spectrum.flux ==
          coadd.read(0).flux);

    const auto guest = browse(folder / "guest", server.uri("guest"), "made");
    CHECK(guest->spectrumCatalogues().empty());
    CHECK_THROWS_WITH(pipeline::readBrowsedSpectrum(*guest, idOf(*guest, target)),
                      Contains("no folder with the FITS files of made"));
    server.value("INSERT INTO voorwerp.schema_migration SELECT version + 1, name, sha256 FROM "
                 "voorwerp.schema_migration ORDER BY version DESC LIMIT 1");
    CHECK(browse(folder / "ada", server.uri("ada"), "made")->spectrumCatalogues().empty());
}

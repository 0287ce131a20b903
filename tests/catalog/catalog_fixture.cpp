// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog_fixture.h"

#include "catalog/migrations.h"
#include "core/file_io.h"
#include "core/wavelength_grid.h"

#include <cmath>
#include <pqxx/pqxx>
#include <random>
#include <span>

namespace voorwerp::test {

CatalogFixture::CatalogFixture()
    : m_workspace(m_folder / "w")
    , m_cluster(catalog::PrivateCluster::open(m_workspace, m_context))
    , m_database(m_cluster.uri())
{
    catalog::migrate(m_database);
}

std::string CatalogFixture::value(const std::string& sql) const
{
    pqxx::connection connection(m_cluster.uri());
    return pqxx::nontransaction(connection).exec(sql).at(0)[0].c_str();
}

core::TargetInfo madeTarget(std::int64_t i)
{
    core::TargetInfo info;
    const auto x = static_cast<float>(i);
    info.key = {"made", "main", "dark", "healpix", 10000 + i / 500, -1, {39627000000000000 + i}};
    info.targetRa = std::fmod(0.37 * static_cast<double>(i), 360.0);
    info.targetDec = std::fmod(0.11 * static_cast<double>(i), 90.0) - 45.0;
    info.objtype = "TGT";
    info.coaddFiberstatus = i % 9 == 0 ? 8 : 0;
    info.desiTarget = 4;
    info.fiber = static_cast<std::int32_t>(i % 5000);
    info.petalLoc = static_cast<std::int32_t>(i % 10);
    info.coaddNumexp = 4;
    info.coaddExptime = 900.0F + x;
    info.ebv = 0.01F * static_cast<float>(i % 30);
    info.fluxR = 1.0F + 0.1F * x;
    info.snr = 0.5F * static_cast<float>(i % 40);
    info.fractionMasked = 0.01F;
    info.redshift = core::Redshift{
        0.001 * static_cast<double>(i), 1e-4, i % 5 == 0 ? 4 : 0, 9000.0, 25.0 + x, "QSO", "", "redrock"};
    info.fileRow = static_cast<std::int32_t>(i);
    return info;
}

core::Spectrum madeSpectrum(std::uint32_t seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> noise(1.0F, 0.4F);
    core::Spectrum spectrum;
    for (std::size_t pixel = 0; pixel < core::DesiGrid::kPixels; ++pixel) {
        const bool masked = random() % 50 == 0;
        spectrum.flux.push_back(noise(random));
        spectrum.ivar.push_back(masked ? 0.0F : std::fabs(noise(random)) + 0.01F);
        spectrum.mask.push_back(masked ? 1U << (random() % 32) : 0U);
    }
    return spectrum;
}

catalog::FileRecord madeFile(const std::string& path, const std::string& content)
{
    catalog::FileRecord file;
    file.path = path;
    file.size = 1000;
    file.mtime = 1'700'000'000;
    const std::string text = path + content;
    file.sha256 = core::sha256OfBytes(std::as_bytes(std::span(text)));
    file.specprod = "made";
    file.pixels = catalog::PixelStorage::Lossless;
    return file;
}

catalog::IngestCounts ingestMade(const catalog::Database& database, const std::string& path,
                                 std::int64_t first, std::int64_t last)
{
    catalog::FileIngest ingest(database, madeFile(path, "1"));
    const core::Spectrum spectrum = [] {
        core::Spectrum flat;
        flat.flux.assign(core::DesiGrid::kPixels, 1.0F);
        flat.ivar.assign(core::DesiGrid::kPixels, 2.0F);
        flat.mask.assign(core::DesiGrid::kPixels, 0U);
        return flat;
    }();
    for (std::int64_t i = first; i < last; ++i)
        ingest.add(madeTarget(i), spectrum);
    return ingest.commit();
}

} // namespace voorwerp::test

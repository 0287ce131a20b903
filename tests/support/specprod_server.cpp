// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/specprod_server.h"

#include "catalog/database.h"
#include "catalog/specprod_schema.h"
#include "core/file_io.h"

#include <fstream>
#include <pqxx/pqxx>
#include <sstream>

namespace voorwerp::test {

namespace {

constexpr const char* kDatabase = "specprod";
constexpr const char* kReader = "desi_public";

} // namespace

SpecprodServer::SpecprodServer()
    : m_workspace(m_folder / "server")
    , m_cluster(catalog::PrivateCluster::open(m_workspace, m_context))
{
    pqxx::connection owner(m_cluster.uri());
    pqxx::nontransaction(owner).exec(std::string("CREATE DATABASE ") + kDatabase);
    if (run("SELECT count(*) FROM pg_available_extensions WHERE name = 'q3c'") == "1")
        run("CREATE EXTENSION q3c");
    createRole();
    const catalog::Database database(catalog::withDatabaseName(m_cluster.uri(), kDatabase));
    catalog::createProduction(database, "iron");
    catalog::createProduction(database, "fuji");
    fill();
}

void SpecprodServer::createRole()
{
    run(std::string("CREATE ROLE ") + kReader + " LOGIN PASSWORD '" + kPassword + "'");
    const auto file = m_cluster.dataFolder() / "pg_hba.conf";
    std::stringstream before;
    before << std::ifstream(file).rdbuf();
    std::ofstream(file) << "local all " << kReader << " scram-sha-256\n" << before.str();
    run("SELECT pg_reload_conf()");
    const auto passwords = m_folder / "pgpass";
    std::ofstream(passwords) << "*:*:*:" << kReader << ":" << kPassword << "\n";
    std::filesystem::permissions(passwords, std::filesystem::perms::owner_read);
}

std::string SpecprodServer::uriWithoutPassword() const
{
    return catalog::withDatabaseName(m_cluster.uri(), kDatabase) + " user=" + kReader;
}

std::string SpecprodServer::uri() const
{
    return uriWithoutPassword() + " passfile='" + (m_folder / "pgpass").string() + "'";
}

std::string SpecprodServer::run(const std::string& sql) const
{
    pqxx::connection administrator(catalog::withDatabaseName(m_cluster.uri(), kDatabase) +
                                   " user=voorwerp_admin");
    const auto answer = pqxx::nontransaction(administrator).exec(sql);
    return answer.empty() || answer.columns() == 0 || answer[0][0].is_null() ? std::string()
                                                                             : answer[0][0].c_str();
}

void SpecprodServer::addRow(std::int64_t targetId, std::int64_t healpix, double z) const
{
    const std::string target = std::to_string(targetId), pixel = std::to_string(healpix);
    run("INSERT INTO iron.zpix (id, targetid, survey, program, spgrp, spgrpval, healpix, z, zwarn, spectype, "
        "subtype) "
        "VALUES (3 * 2::numeric ^ 96 + 6 * 2::numeric ^ 64 + " +
        target + ", " + target + ", 'main', 'dark', 'healpix', " + pixel + ", " + pixel + ", " +
        std::to_string(z) + ", 0, 'QSO', '')");
}

/// Ids by specprod-db's formula in the server's own arithmetic, not by our code.
void SpecprodServer::fill() const
{
    const std::string rows = std::to_string(kRows);
    run("INSERT INTO iron.photometry (targetid, ra, dec, ebv, flux_g, flux_r, flux_z, flux_w1, flux_w2, "
        "morphtype) "
        "SELECT 39627000000000000 + i, i * 0.05, -30 + i * 0.01, 0.01 * (i % 7), i, 1 + i * 0.5, 3, 4, 5, "
        "'PSF' "
        "FROM generate_series(0, " +
        rows + " - 1) i WHERE i % 10 <> 9");
    run("INSERT INTO iron.zpix (id, targetid, desiname, survey, program, spgrp, spgrpval, healpix, z, zerr, "
        "zwarn, "
        "chi2, deltachi2, spectype, subtype, coadd_fiberstatus, desi_target, coadd_numexp, coadd_exptime, "
        "zcat_primary) SELECT p * 2::numeric ^ 96 + s * 2::numeric ^ 64 + 39627000000000000 + i, "
        "39627000000000000 + i, 'DESI J000.0000+00.0000', CASE s WHEN 6 THEN 'main' ELSE 'sv3' END, CASE p "
        "WHEN 3 "
        "THEN 'dark' ELSE 'bright' END, 'healpix', 10000 + i / 500, 10000 + i / 500, (i * 37 % 1000) / "
        "250.0, 1e-4, "
        "i % 4, 9000, 25 + i, CASE WHEN i % 3 = 0 THEN 'QSO' ELSE 'GALAXY' END, '', 0, 4, 4, 900, true FROM "
        "(SELECT "
        "i, CASE WHEN i % 2 = 0 THEN 6 ELSE 5 END AS s, CASE WHEN i % 5 = 0 THEN 2 ELSE 3 END AS p FROM "
        "generate_series(0, " +
        rows + " - 1) i) made");
    run("ALTER TABLE fuji.zpix DROP COLUMN desiname, DROP COLUMN chi2, DROP COLUMN spgrp, DROP COLUMN "
        "spgrpval; "
        "ALTER TABLE fuji.photometry DROP COLUMN ebv; DROP TABLE fuji.ztile");
    run("INSERT INTO fuji.zpix (id, targetid, survey, program, healpix, z, zwarn, spectype) VALUES "
        "(2 * 2::numeric ^ 96 + 2::numeric ^ 64 + 12, 12, 'cmx', 'bright', 7, 1.5, 0, 'QSO')");
    run(std::string("GRANT USAGE ON SCHEMA iron, fuji TO ") + kReader +
        "; GRANT SELECT ON ALL TABLES IN SCHEMA iron, fuji TO " + kReader + "; ANALYZE");
}

} // namespace voorwerp::test

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Many places on the sky without spectra, made by the server.

#include "catalog_fixture.h"

#include <pqxx/pqxx>

#include <string>

namespace voorwerp::test {

inline void execute(const catalog::Database& database, const std::string& sql)
{
    pqxx::connection connection(database.uri());
    pqxx::work work(connection);
    work.exec(sql);
    work.commit();
}

/// Rows (id: number n, place from the SQL expressions over n) with the TARGETID 1000 + n.
inline void addPlaces(const catalog::Database& database, int count, const std::string& ra,
                      const std::string& dec)
{
    execute(database,
            "INSERT INTO voorwerp.file (path, specprod, kind, size, mtime, sha256) VALUES "
            "('places', 'made', 'coadd', 1, 1, 'x') ON CONFLICT DO NOTHING;"
            "INSERT INTO voorwerp.target (targetid, specprod, survey, program, spgrp, spgrpval, tileid, "
            "target_ra, target_dec, objtype, spectype, subtype, redshift_source, problem, file_id, "
            "file_row) SELECT 1000 + n, 'made', 'main', 'dark', 'healpix', 1, -1, " +
                ra + ", " + dec +
                ", 'TGT', 'QSO', '', '', '', (SELECT id FROM voorwerp.file WHERE path = 'places'), n "
                "FROM generate_series((SELECT count(*) + 1 FROM voorwerp.target), (SELECT count(*) "
                "FROM voorwerp.target) + " +
                std::to_string(count) + ") n; ANALYZE voorwerp.target");
}

/// As on a server that does not have q3c.
inline void forgetQ3c(const catalog::Database& database)
{
    execute(
        database,
        "DROP INDEX IF EXISTS voorwerp.target_q3c;"
        "CREATE OR REPLACE FUNCTION voorwerp.in_cone(place_ra float8, place_dec float8, centre_ra float8, "
        "centre_dec float8, radius float8) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE "
        "AS 'SELECT place_dec BETWEEN centre_dec - radius AND centre_dec + radius'");
}

} // namespace voorwerp::test

// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/sky_search.h"

#include "catalog/session.h"

namespace voorwerp::catalog {

namespace {

constexpr std::int64_t kAdvisoryLock = 0x766F6F7277736B79; // "voorwsky"

struct Facts
{
    bool installable = false; ///< the package is on the server's disk
    bool installed = false;   ///< the extension is in this database
    bool indexed = false;
    bool owner = false; ///< of the table: may index it

    Q3cState state() const
    {
        return !installable           ? Q3cState::Missing
               : installed && indexed ? Q3cState::Ready
                                      : Q3cState::NotPrepared;
    }
    bool asItShouldBe() const { return installable ? installed && indexed : !indexed; }
};

Facts lookUp(pqxx::transaction_base& work)
{
    const auto row = work.exec1("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'q3c'), "
                                "EXISTS (SELECT FROM pg_extension WHERE extname = 'q3c'), "
                                "to_regclass('voorwerp.target_q3c') IS NOT NULL, "
                                "coalesce((SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = "
                                "to_regclass('voorwerp.target')), false)");
    return {row[0].as<bool>(), row[1].as<bool>(), row[2].as<bool>(), row[3].as<bool>()};
}

/// The body of voorwerp.in_cone(); its arguments keep their names.
void setInCone(pqxx::transaction_base& work, const std::string& body)
{
    work.exec("CREATE OR REPLACE FUNCTION voorwerp.in_cone(place_ra float8, place_dec float8, centre_ra "
              "float8, centre_dec "
              "float8, radius float8) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$SELECT " +
              body + "$$");
}

void enable(pqxx::work& work, bool installed)
{
    if (!installed)
        work.exec("CREATE EXTENSION IF NOT EXISTS q3c SCHEMA public");
    work.exec(
        "CREATE INDEX IF NOT EXISTS target_q3c ON voorwerp.target (q3c_ang2ipix(target_ra, target_dec))");
    work.exec("ANALYZE voorwerp.target");
    setInCone(work, "q3c_radial_query(place_ra, place_dec, centre_ra, centre_dec, radius)");
}

void disable(pqxx::work& work)
{
    work.exec("DROP INDEX IF EXISTS voorwerp.target_q3c");
    setInCone(work, "place_dec BETWEEN centre_dec - radius AND centre_dec + radius");
}

} // namespace

Q3cState prepareSkySearch(const Database& database)
{
    const auto facts = inTransaction(database, [](pqxx::work& work) { return lookUp(work); });
    if (facts.asItShouldBe() || !facts.owner)
        return facts.state();
    try {
        return inTransaction(database, [](pqxx::work& work) {
            work.exec_params("SELECT pg_advisory_xact_lock($1)", kAdvisoryLock);
            const Facts now = lookUp(work); // another program may have been faster
            if (!now.asItShouldBe())
                now.installable ? enable(work, now.installed) : disable(work);
            return lookUp(work).state();
        });
    } catch (const core::DatabaseError& error) {
        if (error.kind() == core::DatabaseError::Kind::Refused)
            return facts.state(); // no right to create it: everything works without
        throw;
    }
}

Q3cState q3cState(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) { return lookUp(work).state(); });
}

} // namespace voorwerp::catalog

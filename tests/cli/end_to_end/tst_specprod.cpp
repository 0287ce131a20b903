// SPDX-License-Identifier: GPL-3.0-or-later
// DESI's catalogues and DESI's database through voorwerp-cli: a zall-pix file in, its rows out again; a
// server browsed that may only be read.
#include "catalog/connection_string.h"
#include "cli/end_to_end/cli_process.h"
#include "fits/table_writer.h"
#include "support/specprod_server.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

using namespace voorwerp;
using namespace voorwerp::test;
using Json = nlohmann::json;

namespace {

void writeCatalog(const std::filesystem::path& path, double firstZ)
{
    constexpr std::int64_t kRows = 3000;
    std::vector<std::int64_t> targets, zwarn;
    std::vector<std::int32_t> healpix;
    std::vector<double> z, ra, dec, coefficients;
    std::vector<std::string> surveys, programs, spectypes;
    for (std::int64_t i = 0; i < kRows; ++i) {
        targets.push_back((i == 7 ? std::int64_t{1} << 59 : 0) | (39627000000000000 + i));
        zwarn.push_back(0);
        healpix.push_back(10016);
        z.push_back(firstZ + 0.001 * static_cast<double>(i));
        ra.push_back(0.1 * static_cast<double>(i));
        dec.push_back(-10.0);
        surveys.emplace_back("main");
        programs.emplace_back(i % 2 == 0 ? "dark" : "bright");
        spectypes.emplace_back("QSO");
    }
    coefficients.assign(static_cast<std::size_t>(10 * kRows), 0.5);
    fits::writeFitsFile(path, [&](fits::FitsWriter& out) {
        out.addTable("ZCATALOG", {{"TARGETID", targets},
                                  {"SURVEY", surveys},
                                  {"PROGRAM", programs},
                                  {"HEALPIX", healpix},
                                  {"Z", z},
                                  {"ZWARN", zwarn},
                                  {"SPECTYPE", spectypes},
                                  {"TARGET_RA", ra},
                                  {"TARGET_DEC", dec},
                                  {"COEFF", coefficients, "", 10}});
    });
}

} // namespace

TEST_CASE("a zall-pix file goes into the schema of its production and is listed from there")
{
    const CliWorkspace cli;
    const std::string catalog = cli / "zall-pix-iron.fits";
    writeCatalog(catalog, 0.0);
    const Json report = cli.require({"ingest", catalog});
    CHECK(report["files"] == 1);
    CHECK(report["catalog_rows"] == 2999);
    CHECK(cli.require({"ingest", catalog})["files_skipped"] == 1);
    CHECK(cli.require({"--specprod", "iron", "catalog", "count"})["count"] == 2999);
    CHECK(cli.require({"--specprod", "iron", "catalog", "count", "--where",
                       "z < 0.1 and program = 'dark'"})["count"] == 50);
    const Json rows = cli.require(
        {"--specprod", "iron", "catalog", "list", "--where", "targetid = 39627000000000042"})["targets"];
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["z"] == 0.042);
    CHECK(rows[0]["target_ra"].get<double>() == Approx(4.2));
    CHECK(rows[0]["snr"].is_null());

    writeCatalog(catalog, 1.0); // another version of the same file
    CHECK(cli.require({"ingest", catalog})["catalog_rows"] == 2999);
    CHECK(cli.require({"--specprod", "iron", "catalog", "count", "--where", "z < 1"})["count"] == 0);
    const CliResult other = cli.run({"--specprod", "irno", "catalog", "count"});
    CHECK(other.exitCode == 2);
    CHECK(other.json()["remedy"].get<std::string>().find("iron") != std::string::npos);
}

TEST_CASE("a specprod-db server is browsed with a role that may only read")
{
    const SpecprodServer server;
    const CliWorkspace cli;
    server.run("ALTER ROLE desi_public SET default_transaction_read_only = on");
    const std::vector<std::string> browse = {"--db", server.uri(), "--specprod", "iron"};
    const auto with = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), browse.begin(), browse.end());
        return arguments;
    };
    CHECK(cli.require(with({"catalog", "count"}))["count"] == SpecprodServer::kRows);
    CHECK(cli.require(with({"catalog", "count", "--where", "survey = 'sv3' and z > 2"}))["count"] ==
          std::stoi(server.run("SELECT count(*) FROM iron.zpix WHERE survey = 'sv3' AND z > 2")));
    const Json all = cli.require(with({"catalog", "list", "--limit", "0"}))["targets"];
    CHECK(all.size() == SpecprodServer::kRows);

    for (const std::vector<std::string>& command : {std::vector<std::string>{"selection", "list"},
                                                    {"label", "list"},
                                                    {"models", "list"},
                                                    {"jobs", "list"}}) {
        const CliResult refused = cli.run(with(command));
        CHECK(refused.exitCode == 2);
        CHECK(refused.json()["error"].get<std::string>().find("only browsed") != std::string::npos);
    }
    CHECK(cli.run(with({"ingest", (cli / "x").string()})).exitCode == 2);
    CHECK(server.run("SELECT count(*) FROM pg_namespace WHERE nspname = 'voorwerp'") == "0");

    const CliResult wrong = cli.run({"--db", server.uriWithoutPassword() + " passfile=/dev/null",
                                     "--specprod", "iron", "catalog", "count"});
    CHECK(wrong.exitCode == 5);
    CHECK((wrong.output + wrong.error).find(SpecprodServer::kPassword) == std::string::npos);
}

TEST_CASE("a server is named by a service of libpq's service file, for its catalogue and for ours")
{
    const SpecprodServer server;
    const CliWorkspace cli;
    std::string lines = "[desi]\n";
    for (const auto& [keyword, value] : catalog::parseConnectionString(server.uri()))
        lines += keyword + "=" + value + "\n";
    std::ofstream(cli / "services.conf") << lines;
    ::setenv("PGSERVICEFILE", (cli / "services.conf").c_str(), 1);

    const auto browse = [&](const std::string& uri, std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--db", uri, "--specprod", "iron", "catalog"});
        return cli.run(arguments);
    };
    for (const std::string uri : {"service=desi", "postgresql:///?service=desi"}) {
        const CliResult count = browse(uri, {"count"});
        INFO(count.output << count.error);
        CHECK(count.exitCode == 0);
        CHECK(count.json()["count"] == SpecprodServer::kRows);
    }
    const CliResult sorted = browse("service=desi", {"list", "--where", "z > 3.9", "--limit", "0"});
    CHECK(sorted.json()["targets"].size() ==
          std::stoul(server.run("SELECT count(*) FROM iron.zpix WHERE z > 3.9")));
    const CliResult nobody = browse("service=dsei", {"count"});
    CHECK(nobody.exitCode == 5);
    CHECK(nobody.json()["error"].get<std::string>().find("dsei") != std::string::npos);
    CHECK((nobody.output + nobody.error).find(SpecprodServer::kPassword) == std::string::npos);
    // A server that may only be read is no place for a catalogue of ours; it says so.
    const CliResult ours = cli.run({"--db", "service=desi", "catalog", "count"});
    INFO(ours.output << ours.error);
    CHECK(server.run("SELECT nspname FROM pg_namespace WHERE nspname = 'voorwerp'").empty());
    CHECK(ours.exitCode == 1);
    CHECK_FALSE(ours.json()["remedy"].get<std::string>().empty());
    ::unsetenv("PGSERVICEFILE");
}

// SPDX-License-Identifier: GPL-3.0-or-later
// DESI's catalogues and DESI's database through voorwerp-cli: a zall-pix file in, its rows out again; a
// server browsed that may only be read.
#include "cli/end_to_end/cli_process.h"
#include "fits/table_writer.h"
#include "support/specprod_server.h"

#include <catch2/catch.hpp>

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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/candidate_table.h"

#include "core/file_io.h"
#include "export/csv.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>
#include <fitsio.h>

#include <cmath>
#include <map>

using namespace voorwerp;
using exporting::CandidateRow;

namespace {

std::vector<CandidateRow> sampleRows()
{
    std::vector<CandidateRow> rows(2);
    CandidateRow& full = rows[0];
    full.rank = 1;
    full.targetId.value = 39633345008634465;
    full.survey = "main";
    full.program = "dark";
    full.healpix = 26065;
    full.targetRa = 150.11652346238129;
    full.targetDec = -2.2058123456789012;
    full.z = 2.1170000000000004;
    full.zwarn = 4;
    full.spectype = "QSO";
    full.snr = 0.1f;
    full.score = 3.4028235e38f;
    full.chi2 = 1.1754944e-38f;
    full.robust = 1.0f / 3.0f;
    full.smoothed = -0.0f;
    full.density = 12.5f;
    full.kl = 1e-7f;
    full.artefact = 0.25f;
    full.pValue = 5e-324;
    full.qValue = 1.0 / 3.0;
    full.kind = "BAL, \"LoBAL\"";
    full.label = "";
    full.model = "vae@3";
    full.modelSha256 = std::string(64, 'a');
    rows[1].rank = 2;
    rows[1].targetId.value = -5;
    return rows;
}

exporting::Provenance sampleProvenance()
{
    return {"z > 2\nand zwarn = 0", "score",          "quasar 0123abcd",      "vae@3",   std::string(64, 'a'),
            "demo abcdef",          "Voorwerp 0.1.0", "2026-11-21T10:00:00Z", {"a note"}};
}

void checkFails(int status)
{
    char text[FLEN_STATUS] = "";
    fits_get_errstatus(status, text);
    INFO(text);
    REQUIRE(status == 0);
}

/// A FITS table opened with cfitsio itself, not with our writer's room.
struct OpenTable
{
    explicit OpenTable(const std::filesystem::path& path)
    {
        fits_open_table(&file, path.c_str(), READONLY, &status);
        checkFails(status);
    }
    ~OpenTable() { fits_close_file(file, &status); }
    int column(const char* name)
    {
        std::string text(name);
        int number = 0;
        fits_get_colnum(file, CASESEN, text.data(), &number, &status);
        checkFails(status);
        return number;
    }
    template <typename Number> Number number(const char* name, long row, int type)
    {
        Number value{};
        fits_read_col(file, type, column(name), row, 1, 1, nullptr, &value, nullptr, &status);
        checkFails(status);
        return value;
    }
    std::string text(const char* name, long row)
    {
        char value[200] = "";
        char* pointer = value;
        fits_read_col_str(file, column(name), row, 1, 1, nullptr, &pointer, nullptr, &status);
        checkFails(status);
        return value;
    }
    std::string header()
    {
        char* cards = nullptr;
        int count = 0;
        fits_hdr2str(file, 0, nullptr, 0, &cards, &count, &status);
        checkFails(status);
        std::string all = cards;
        fits_free_memory(cards, &status);
        return all;
    }
    fitsfile* file = nullptr;
    int status = 0;
};

} // namespace

TEST_CASE("a candidate list in CSV has the promised columns, provenance before them, and exact numbers")
{
    const test::TemporaryFolder folder;
    core::JobContext context;
    const auto rows = sampleRows();
    const auto path = folder / "candidates.csv";
    const std::string sha256 = exporting::writeCandidatesCsv(path, rows, sampleProvenance(), context);
    CHECK(sha256 == core::sha256OfFile(path));
    const std::string text = core::readText(path);
    CHECK(text == exporting::candidatesCsv(rows, sampleProvenance()));
    CHECK(text.find("\nRANK,TARGETID,SURVEY,PROGRAM,HEALPIX,TARGET_RA,TARGET_DEC,Z,ZWARN,SPECTYPE,SNR,SCORE,"
                    "CHI2,ROBUST,"
                    "SMOOTHED,DENSITY,KL,ARTEFACT,P_VALUE,Q_VALUE,KIND,LABEL,MODEL,MODEL_SHA256\n") !=
          std::string::npos);

    exporting::CsvReader reader(text);
    const auto header = reader.next();
    REQUIRE(header);
    CHECK(reader.comments().size() == 10);
    CHECK(reader.comments()[1] == " query: z > 2 and zwarn = 0");
    const auto first = reader.next();
    const auto second = reader.next();
    REQUIRE(second);
    CHECK_FALSE(reader.next());
    std::map<std::string, std::string> full, sparse;
    for (std::size_t i = 0; i < header->cells.size(); ++i) {
        full[header->cells[i]] = first->cells.at(i);
        sparse[header->cells[i]] = second->cells.at(i);
    }
    CHECK(full["TARGETID"] == "39633345008634465");
    CHECK(std::stod(full["TARGET_RA"]) == rows[0].targetRa);
    CHECK(std::stod(full["TARGET_DEC"]) == rows[0].targetDec);
    CHECK(std::stod(full["Z"]) == rows[0].z);
    CHECK(full["SNR"] == "0.1");
    CHECK(std::stof(full["SCORE"]) == rows[0].score);
    CHECK(std::stof(full["CHI2"]) == rows[0].chi2);
    CHECK(std::stof(full["ROBUST"]) == rows[0].robust);
    CHECK(std::strtod(full["P_VALUE"].c_str(), nullptr) == rows[0].pValue);
    CHECK(std::stod(full["Q_VALUE"]) == rows[0].qValue);
    CHECK(full["KIND"] == rows[0].kind);
    CHECK(full["MODEL_SHA256"] == rows[0].modelSha256);
    CHECK(sparse["HEALPIX"].empty());
    CHECK(sparse["Z"].empty());
    CHECK(sparse["SCORE"].empty());
    CHECK(sparse["TARGETID"] == "-5");
}

TEST_CASE("a candidate list in FITS reads back through cfitsio with units, comments and provenance")
{
    const test::TemporaryFolder folder;
    core::JobContext context;
    const auto rows = sampleRows();
    const auto path = folder / "candidates.fits";
    const std::string sha256 = exporting::writeCandidatesFits(path, rows, sampleProvenance(), context);
    CHECK(sha256 == core::sha256OfFile(path));
    OpenTable table(path);
    long count = 0;
    int columns = 0;
    fits_get_num_rows(table.file, &count, &table.status);
    fits_get_num_cols(table.file, &columns, &table.status);
    CHECK(count == 2);
    CHECK(columns == static_cast<int>(exporting::candidateColumns().size()));
    for (std::size_t i = 0; i < exporting::candidateColumns().size(); ++i)
        CHECK(table.column(std::string(exporting::candidateColumns()[i].name).c_str()) ==
              static_cast<int>(i) + 1);
    CHECK(table.number<long long>("TARGETID", 1, TLONGLONG) == rows[0].targetId.value);
    CHECK(table.number<double>("TARGET_DEC", 1, TDOUBLE) == rows[0].targetDec);
    CHECK(table.number<float>("ROBUST", 1, TFLOAT) == rows[0].robust);
    CHECK(table.number<double>("P_VALUE", 1, TDOUBLE) == rows[0].pValue);
    CHECK(std::isnan(table.number<float>("SCORE", 2, TFLOAT)));
    CHECK(table.text("KIND", 1) == rows[0].kind);
    CHECK(table.text("MODEL_SHA256", 1) == rows[0].modelSha256);
    CHECK(table.text("SURVEY", 2).find_first_not_of(' ') == std::string::npos);
    const std::string header = table.header();
    CHECK(header.find("EXTNAME = 'CANDIDATES'") != std::string::npos);
    CHECK(header.find("TUNIT6  = 'deg") != std::string::npos);
    CHECK(header.find("TCOMM12 = 'Fused anomaly score") != std::string::npos);
    CHECK(header.find("TNULL5") != std::string::npos);
    CHECK(header.find("HISTORY query: z > 2 and zwarn = 0") != std::string::npos);
    CHECK(header.find("MODEL   = 'vae@3") != std::string::npos);
}

TEST_CASE("an empty candidate list is a file with columns and no rows")
{
    const test::TemporaryFolder folder;
    core::JobContext context;
    exporting::writeCandidatesFits(folder / "none.fits", {}, {}, context);
    OpenTable table(folder / "none.fits");
    long count = -1;
    fits_get_num_rows(table.file, &count, &table.status);
    CHECK(count == 0);
    exporting::writeCandidatesCsv(folder / "none.csv", {}, {}, context);
    CHECK(core::readText(folder / "none.csv").find("\nRANK,") != std::string::npos);
}

TEST_CASE("a stopped or failed export leaves the earlier file as it was")
{
    const test::TemporaryFolder folder;
    std::stop_source stop;
    stop.request_stop();
    core::JobContext stopped(stop.get_token(), {}, {});
    core::JobContext context;
    for (const char* name : {"old.csv", "old.fits"})
        core::writeTextAtomically(folder / name, "before");
    CHECK_THROWS_AS(exporting::writeCandidatesCsv(folder / "old.csv", sampleRows(), {}, stopped),
                    core::Cancelled);
    CHECK_THROWS_AS(exporting::writeCandidatesFits(folder / "old.fits", sampleRows(), {}, stopped),
                    core::Cancelled);
    for (const char* name : {"old.csv", "old.fits"})
        CHECK(core::readText(folder / name) == "before");
    CHECK_THROWS_AS(exporting::writeCandidatesCsv(folder / "no/such/folder.csv", sampleRows(), {}, context),
                    core::SystemError);
}
